// Words that say what a number beside them is, in six languages: personal ("MRN", "手机", "رقم الهوية"), or a code, a dose, a count that is nobody's.

/**
 * A test for the text in front of a value: one of `ascii` (not as the end of a longer word) or of `other` (scripts that write words
 * together), then at most a colon, "no.", "is" and the like.
 */
function labelled(ascii: string, other: string): RegExp {
  const between =
    "(?:[\\s:=#.,()\\[\\]\\-*|º°]|n[°oº]s?(?![\\p{L}\\d])|nr\\b|num(?:ber|[eé]ro)?\\b|id\\b|is\\b|was\\b|est\\b|es\\b|号码|號碼|号|號|是|为|नंबर|नम्बर|संख्या|क्रमांक|है|رقم|هو|هي){0,8}";
  return new RegExp(`(?:(?<![\\p{L}\\d])(?:${ascii})(?!\\p{L})|${other})${between}$`, "iu");
}

/** A national or social number, a passport, a licence, an account. */
export const ID_LABEL = labelled(
  "ssn|social security|itin|national insurance|nino|nhs|sin|nas|health card|passport|driver'?s? licen[cs]e|medicare|mbi|npi|dea|national id(?:entity)?|identity card|iqama|emirates id|" +
    "nir|s[ée]curit[ée] sociale|s[ée]cu|ins|passeport|carte vitale|carte d'identit[ée]|nam|" +
    "dni|nie|nif|curp|rfc|nss|rut|run|cuil|cuit|c[ée]dula|pasaporte|tarjeta sanitaria|carn[ée] de identidad|c[ée]dula de ciudadan[ií]a|" +
    "aadhaa?r(?: card)?|adhar|pan(?: card)?|abha|epic|voter id|qq|wechat",
  "身份证|身分證|身份證|护照|護照|社保|医保卡?|健保卡|港澳通行证|微信|आधार(?: कार्ड)?|पैन(?: कार्ड)?|पासपोर्ट|वोटर आईडी|الهوية(?: الوطنية)?|الرقم القومي|الرقم الوطني|الرقم المدني|الإقامة|الاقامة|جواز السفر|البطاقة(?: الوطنية)?|الإمارات",
);

/** A number that a hospital gave. */
export const RECORD_LABEL = labelled(
  "mrn|medical record|patient (?:record|file|id|identifier)|patient no|chart|hosp(?:ital)?\\.? (?:no|number|id)|case file|accession|encounter|" +
    "ipp|nip|dossier(?: m[ée]dical| patient)?|num[ée]ro de patient|nhc|historia(?: cl[ií]nica)?|expediente|hc|" +
    "uhid|cr|opd|ipd|registration|umr",
  "病历|病歷|住院|门诊|門診|病案|就诊卡|就診|检验单|登记|अस्पताल|मरीज|रोगी|पंजीकरण|ओपीडी|رقم الملف|رقم المريض|رقم السجل|الملف الطبي|ملف رقم",
);

/** A telephone. */
export const PHONE_LABEL = labelled(
  "tel(?:ephone)?|phone|mobile|mob|cell(?:phone)?|fax|call(?: (?:me|us|him|her))?(?: (?:at|on))?|contact|whats ?app|text me(?: (?:at|on))?|reach me at|" +
    "t[ée]l(?:[ée]phone)?|portable|appele[zr](?: (?:le|au))?|fixe|tel[ée]fono|m[óo]vil|celular|tfno|llam(?:e|a|ar)(?: al)?",
  "电话|電話|手机|手機|联系方式|联系电话|聯絡電話|传真|座机|热线|फोन|फ़ोन|मोबाइल|मोबाईल|मो|संपर्क|هاتف|الهاتف|جوال|الجوال|موبايل|الموبايل|تلفون|تليفون|محمول|واتساب|للتواصل|اتصل على",
);

/** A date of birth. */
export const BIRTH_LABEL = labelled(
  "dob|d\\.o\\.b|date of birth|born(?: on)?|birth ?date|n[ée]e?(?: le)?|date de naissance|ddn|fecha de nacimiento|f\\.? ?n\\.?|nacid[oa](?: el)?|naci[óo](?: el)?",
  "出生(?:日期|年月|于|於)?|生日|生于|जन्म ?(?:तिथि|तारीख|दिनांक)?|تاريخ الميلاد|تاريخ الولادة|مواليد|ولد(?:ت)? في",
);

/** A code of a literature, drug or disease register: whatever follows is nobody's number. */
export const CODE_LABEL =
  /(?:(?<!\p{L})(?:pmid|pmcid|pmc|doi|nct|isrctn|icd(?:-?\d+)?(?:-?cm|-?pcs)?|cim-?\d+|cie-?\d+|atc|snomed(?: ?ct)?|sctid|loinc|ndc|cas|ec|isbn(?:-1[03])?|issn|lot|lote|batch|rs|version|ver|v|eudract|chictr\p{L}*|prospero|crd|arxiv|omim|mim|genbank|pubmed|uniprot|hcpcs|cpt|din|reg(?:istration)? number|cip|ean|gtin|grant|award|no\. of cases)|批号|批准文号|国药准字|国械注准|产品编号|登録|बैच|رقم التشغيلة)[\s:#.,°ºn(]{0,4}$/iu;

/** A unit right after a number makes it an amount. */
export const UNIT =
  /^[\s)]{0,3}(?:[µμ]?(?:g|l|m|mol|gr|mcg)(?![\p{L}\d])|[mkdcnp](?:g|l|m|mol|eq|cg|iu)(?![\p{L}\d])|k?cal|k?j(?![\p{L}\d])|i\.?u\.?(?!\p{L})|u\.?i\.?(?!\p{L})|u(?![\p{L}\d])|ufc|cfu|copies|cells|copias|copies|cellules|c[ée]lulas|%|‰|°|bpm|mmhg|hz|kda|da(?!\p{L})|bp(?!\p{L})|kb(?!\p{L})|mb(?!\p{L})|€|\$|£|¥|usd|eur|euros?|d[óo]lares|dollars|million|millones|people|patients|pacientes|personas|habitantes|habitants|personnes|cas(?:es|os)?(?!\p{L})|deaths|muertes|d[ée]c[èe]s|years|a[ñn]os|ans(?!\p{L})|毫|微克|克|单位|个|例|人|次|元|万|亿|मि|यूनिट|इकाई|लोग|मरीज|रुपये|ملغ|مجم|ملي|غرام|جرام|وحدة|حالة|شخص|مريض)/iu;
