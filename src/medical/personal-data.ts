// Finds what in a message may tell who somebody is, so that a person is asked before it is sent. Shapes, labels and check digits
// only: names without a label are not found, and finding nothing proves nothing.
import { PUBLIC_NUMBERS } from "./emergency-numbers.ts";

/** What kind of personal data was found. */
export type PersonalDataKind = "email" | "phone" | "id" | "birth" | "record" | "name";

/** A place in the message. */
export interface PersonalData {
  readonly kind: PersonalDataKind;
  readonly text: string;
  /** Offset in UTF-16 units. */
  readonly index: number;
}

interface Detector {
  readonly kind: PersonalDataKind;
  readonly pattern: RegExp;
  /** Given the match without separators. */
  readonly accept?: (digits: string) => boolean;
}

/** A number before one of these is a measurement, after one of those a reference. */
const UNIT_AFTER =
  /^\s{0,2}(?:mg|µg|mcg|g|kg|ml|l|mmol|iu|ui|u\/l|%|‰|°|bpm|mmhg|copies|cfu|毫克|单位|克|मिलीग्राम|ملغ|مجم|وحدة|kcal)(?!\p{L})/iu;
const CODE_BEFORE = /(?:pmid|doi|nct|icd|atc|lot|isbn|issn|rs|cas|ndc|ec|iso)[\s:.#-]*$/iu;
const START = "(?<![\\d.,+\\p{L}])";
const END = "(?![\\d]|[.,]\\d)";
const shape = (body: string): RegExp => new RegExp(`${START}${body}${END}`, "gu");

const DETECTORS: readonly Detector[] = [
  { kind: "email", pattern: /[\w.+%-]{1,64}\s?(?:@|＠|[[(]at[\])])\s?[\w-]+(?:\.[\w-]+)+/giu },
  {
    kind: "record",
    pattern:
      /(?:mrn|chart no|hospital no|medical record|ipp|nhc|n[º°o] (?:de )?(?:dossier|expediente|historia)|uhid|ipd no|opd no|病历号|病案号|住院号|门诊号|医保卡号|رقم الملف|رقم المريض)[\s:：#.№-]*[A-Z]{0,4}[-/]?\d{4,12}/giu,
  },
  {
    kind: "id",
    pattern:
      /(?:ssn|social security|nhs(?: no| number)?|passport(?: no)?|身份证号?|身份證字?號?|護照|护照号?|n° ?(?:de )?sécurité sociale|nir|dni|nie|curp|rfc|aadhaar(?: no)?|आधार(?: नंबर)?|pan|الرقم القومي|رقم الهوية|الإقامة|iqama)[\s:：#.-]*(?=[A-Z\d-]*\d{3})[A-Z\d](?:[A-Z\d .-]{5,20})[A-Z\d]/giu,
  },
  {
    kind: "id",
    pattern: shape("[1-9]\\d{5}(?:19|20)\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])\\d{3}[\\dXx]"),
    accept: isChineseId,
  },
  { kind: "id", pattern: shape("(?!000|666|9)\\d{3}-(?!00)\\d{2}-(?!0000)\\d{4}") },
  { kind: "id", pattern: shape("[2-9]\\d{3}[ -]\\d{4}[ -]\\d{4}"), accept: passesVerhoeff },
  {
    kind: "id",
    pattern: shape("[1-478] ?\\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\\d) ?(?:\\d{2}|2[AB]) ?\\d{3} ?\\d{3} ?\\d{2}"),
    accept: isFrenchNumber,
  },
  { kind: "id", pattern: shape("\\d{2}\\.?\\d{3}\\.?\\d{3}-?[A-HJ-NP-TV-Z]"), accept: isSpanishDni },
  {
    kind: "id",
    pattern: shape(
      "[23]\\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])(?:0[1-4]|1[1-9]|2[1-9]|3[1-5]|88)\\d{5}",
    ),
  },
  { kind: "phone", pattern: shape("(?:\\+|00)\\d{1,3}(?:[ .()\\/-]{0,2}\\d){7,12}") },
  { kind: "phone", pattern: shape("1[3-9]\\d(?:[ -]?\\d{4}){2}") },
  { kind: "phone", pattern: shape("\\(?[2-9]\\d{2}\\)?[ .-][2-9]\\d{2}[ .-]\\d{4}") },
  { kind: "phone", pattern: shape("0\\d(?:[ .-]\\d{2}){4}") },
  { kind: "phone", pattern: shape("0\\d{2,4}[ -]\\d{3,4}[ -]?\\d{3,4}") },
  {
    kind: "phone",
    pattern: shape(
      "(?:01[0125]\\d{8}|05\\d{8}|0[67]\\d{8}|07\\d{9}|[6-9]\\d{4} ?\\d{5}|[67]\\d{2} \\d{3} \\d{3})",
    ),
  },
  {
    kind: "birth",
    pattern:
      /(?:date of birth|dob|born on|née? le|fecha de nacimiento|nací el|出生日期|生于|जन्म तिथि|जन्मतिथि|تاريخ الميلاد|مواليد)[\s:：]*\d{1,4}[\s/.年-][\p{L}\d]{1,10}[\s/.月-]+\d{1,4}日?/giu,
  },
  {
    kind: "name",
    pattern:
      /(?:my name is|je m['’]appelle|me llamo|mi nombre es|mera naam|patient name\s*:|nombre\s*:|nom\s*:)\s+(?!not\b|pas\b)\p{L}[\p{L}\p{M}'’-]+(?:\s\p{Lu}[\p{L}\p{M}'’-]+)?|(?:我叫|我的名字是|姓名[:：])\s?\p{Script=Han}{2,4}|(?:मेरा नाम|नाम\s*:)\s+[\p{Script=Devanagari}]+(?:\s[\p{Script=Devanagari}]+)?|(?:اسمي|اسم المريض)\s*:?\s+\p{Script=Arabic}+(?:\s\p{Script=Arabic}+)?/giu,
  },
];

/** Finds personal data in a message, in order, without overlaps. */
export function findPersonalData(message: string): PersonalData[] {
  // Same length: offsets in one are offsets in the other.
  const plain = message
    .replace(/[\u0660-\u0669]/gu, (digit) => String(digit.codePointAt(0)! - 0x660))
    .replace(/[\u06f0-\u06f9]/gu, (digit) => String(digit.codePointAt(0)! - 0x6f0))
    .replace(/[\u0966-\u096f]/gu, (digit) => String(digit.codePointAt(0)! - 0x966))
    .replace(/[０-９]/gu, (digit) => String(digit.codePointAt(0)! - 0xff10))
    .replace(/[\u00a0\u202f\u2010-\u2013]/gu, (mark) => (mark >= "\u2010" && mark <= "\u2013" ? "-" : " "));
  const found: PersonalData[] = [];
  for (const { kind, pattern, accept } of DETECTORS) {
    for (const match of plain.matchAll(pattern)) {
      const { index } = match;
      const end = index + match[0].length;
      const digits = match[0].replace(/[\s().,/-]/gu, "");
      if (found.some((other) => index < other.index + other.text.length && other.index < end)) continue;
      if (UNIT_AFTER.test(plain.slice(end)) || CODE_BEFORE.test(plain.slice(Math.max(0, index - 12), index)))
        continue;
      if (
        kind === "phone" &&
        (PUBLIC_NUMBERS.has(digits) ||
          PUBLIC_NUMBERS.has(plain.slice(Math.max(0, index - 2), end).replace(/\D/gu, "")))
      )
        continue;
      if (accept !== undefined && !accept(digits.toUpperCase())) continue;
      found.push({ kind, text: message.slice(index, end), index });
    }
  }
  return found.sort((a, b) => a.index - b.index);
}

/** GB 11643: weighted sum modulo 11. */
function isChineseId(id: string): boolean {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(id[i]), 0);
  return "10X98765432"[sum % 11] === id[17];
}

/** 97 minus the number modulo 97; Corsica's letters stand for 19 and 18. */
function isFrenchNumber(text: string): boolean {
  const number = BigInt(text.slice(0, 13).replace("2A", "19").replace("2B", "18"));
  return 97n - (number % 97n) === BigInt(text.slice(13));
}

function isSpanishDni(text: string): boolean {
  return "TRWAGMYFPDXBNJZSQVHLCKE"[Number(text.slice(0, 8)) % 23] === text[8];
}

/** Aadhaar's check digit: Verhoeff's dihedral-group scheme (1969). */
function passesVerhoeff(digits: string): boolean {
  let check = 0;
  [...digits].reverse().forEach((digit, i) => {
    check = multiplyDihedral(check, permute(Number(digit), i % 8));
  });
  return check === 0;
}

function multiplyDihedral(a: number, b: number): number {
  if (a < 5) return b < 5 ? (a + b) % 5 : 5 + ((a + b) % 5);
  return b < 5 ? 5 + ((a - b) % 5) : (a - b + 5) % 5;
}

function permute(digit: number, times: number): number {
  const next = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
  let result = digit;
  for (let i = 0; i < times; i++) result = next[result]!;
  return result;
}
