// One sentence, in the reader's language, for a message that may contain personal data.
import type { CardLanguage } from "./first-steps.ts";
import type { PersonalData, PersonalDataKind } from "./personal-data.ts";

interface NoticeTexts {
  /** `{kinds}` stands for what was found. */
  readonly sentence: string;
  readonly kinds: Readonly<Record<PersonalDataKind, string>>;
}

const TEXTS: Readonly<Record<CardLanguage, NoticeTexts>> = {
  en: {
    sentence: "This message may contain personal data ({kinds}). A model does not need it.",
    kinds: {
      email: "e-mail",
      phone: "phone",
      id: "id number",
      birth: "date of birth",
      record: "record number",
      name: "name",
      address: "private web or network address",
    },
  },
  zh: {
    sentence: "这条消息可能含有个人信息（{kinds}）。模型不需要这些信息。",
    kinds: {
      email: "电子邮箱",
      phone: "电话号码",
      id: "证件号码",
      birth: "出生日期",
      record: "病历号",
      name: "姓名",
      address: "私人网址或网络地址",
    },
  },
  fr: {
    sentence:
      "Ce message contient peut-être des données personnelles ({kinds}). Le modèle n’en a pas besoin.",
    kinds: {
      email: "e-mail",
      phone: "téléphone",
      id: "numéro d’identité",
      birth: "date de naissance",
      record: "numéro de dossier",
      name: "nom",
      address: "adresse web privée ou adresse IP",
    },
  },
  es: {
    sentence: "Este mensaje puede contener datos personales ({kinds}). El modelo no los necesita.",
    kinds: {
      email: "correo electrónico",
      phone: "teléfono",
      id: "número de identidad",
      birth: "fecha de nacimiento",
      record: "número de historia clínica",
      name: "nombre",
      address: "dirección web privada o dirección IP",
    },
  },
  hi: {
    sentence: "इस संदेश में निजी जानकारी ({kinds}) हो सकती है। मॉडल को इसकी ज़रूरत नहीं है।",
    kinds: {
      email: "ईमेल",
      phone: "फ़ोन नंबर",
      id: "पहचान संख्या",
      birth: "जन्म तिथि",
      record: "रिकॉर्ड नंबर",
      name: "नाम",
      address: "निजी वेब या नेटवर्क पता",
    },
  },
  ar: {
    sentence: "قد تحتوي هذه الرسالة على بيانات شخصية ({kinds}). النموذج لا يحتاج إليها.",
    kinds: {
      email: "بريد إلكتروني",
      phone: "رقم هاتف",
      id: "رقم هوية",
      birth: "تاريخ ميلاد",
      record: "رقم ملف",
      name: "اسم",
      address: "عنوان ويب خاص أو عنوان IP",
    },
  },
};

/** The notice for what `findPersonalData` found, each kind named once; `undefined` when it found nothing. */
export function personalDataNotice(
  found: readonly PersonalData[],
  language: CardLanguage,
): string | undefined {
  if (found.length === 0) return undefined;
  const { sentence, kinds } = TEXTS[language];
  const named = [...new Set(found.map(({ kind }) => kinds[kind]))];
  return sentence.replace("{kinds}", named.join(language === "zh" ? "、" : language === "ar" ? "، " : ", "));
}
