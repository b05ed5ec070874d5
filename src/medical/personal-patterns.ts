// Shapes of personal data: addresses of the net, telephones and identity numbers by country. Where a shape alone is weak, a checksum, a date
// or a label must agree; where even that is weak (an American social security number looks like a code), only a label will do.
import {
  hasEgyptianShape,
  passesChineseId,
  passesCurp,
  passesDni,
  passesHongKongId,
  passesLuhn,
  passesNhs,
  passesNir,
  passesRut,
  passesTaiwanId,
  passesVerhoeff,
} from "./checksums.ts";
import { BIRTH_LABEL, ID_LABEL, PHONE_LABEL, RECORD_LABEL } from "./personal-labels.ts";

/** A number with the conditions under which it is personal. */
export interface NumberPattern {
  readonly type: "PHONE" | "ID" | "RECORD" | "DOB";
  readonly find: RegExp;
  /** Words in front that make it personal, whatever the check says: mistyped numbers are somebody's, too. */
  readonly label?: RegExp;
  /** Without its label it is nobody's. */
  readonly labelOnly?: true;
  /** What must hold without a label. */
  readonly check?: (match: string) => boolean;
  /** The check must hold even with a label. */
  readonly shapeOnlyWhenNamed?: true;
  /** Only texts in these languages are looked at. Default: all. */
  readonly languages?: readonly string[];
}

/** Also written to hide from machines: "name (at) host dot org". */
export const EMAIL =
  /(?<![\w.+%-])[\w.+%-]{1,64}(?:@|\s?[([]\s?(?:at|arroba|arobase)\s?[)\]]\s?)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:(?:\.|\s?[([]?\s?(?:dot|punto|point)\s?[)\]]?\s?)[A-Za-z0-9-]+)*(?:\.|\s?[([]?\s?(?:dot|punto|point)\s?[)\]]?\s?)[A-Za-z]{2,}(?![\w-])/giu;
export const URLS =
  /(?<![\w@.])(?:https?:\/\/|www\.)[^\s<>"'“”‘’，。；、）】》\u0600-\u06ff\u4e00-\u9fff]+/giu;
/** Identifiers of publications. */
export const SITES = /(?<!\w)10\.\d{4,9}\/[^\s<>"，。；、）】]+/gu;
/** Documentation of the shapes: RFC 791 and RFC 4291. */
export const IP_ADDRESSES =
  /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w])|(?<![\w:.])(?:[0-9a-f]{1,4}:){1,7}(?::[0-9a-f]{1,4}){1,6}|(?<![\w:.])(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}(?![\w:])/giu;

const SECRET_PARAMETER =
  /[?&;#](?:[\w.-]*(?:token|session|sess|sid|auth|key|secret|passw|pwd|user|usr|uid|mail|account|patient|person|member|client|phone|login|ssn|mrn|dob)[\w.-]*|id|pid)=[^&\s]/iu;
const PRIVATE_PATH =
  /\/(?:users?|profiles?|patients?|members?|accounts?|u|in|people)\/[^/\s]|\/~\w|:\/\/[^/\s@]+@/iu;

/** True for an address that names a person or carries a key; what public bodies print stays. */
export function isPrivateUrl(url: string): boolean {
  return SECRET_PARAMETER.test(url) || PRIVATE_PATH.test(url);
}

const digitsOf = (text: string): string => text.replace(/\D/gu, "");
const compact = (text: string): string => text.replace(/[\s.\-()]/gu, "");

/** Numbers that anybody may call: free-phone prefixes. */
const FREE_PHONE =
  /^(?:\+?1)?(?:800|888|877|866|855|844|833)\d{7}$|^1?800\d{6,7}$|^400\d{7}$|^0800\d+$|^900\d{6}$|^0?1800\d{6}$/u;

/** Not a hotline, and not a ladder of doses (05 10 15 20 25). */
function isSubscriber(match: string): boolean {
  const groups = match.split(/[\s.\-/]+/u).map(Number);
  const steps = new Set(groups.slice(1).map((group, i) => group - groups[i]!));
  if (groups.length >= 4 && steps.size === 1) return false;
  const digits = digitsOf(match);
  return (
    digits.length >= 8 &&
    digits.length <= 15 &&
    !FREE_PHONE.test(digits) &&
    new Set(digits.slice(-7)).size > 0
  );
}

const phone = (find: RegExp, languages?: readonly string[]): NumberPattern => ({
  type: "PHONE",
  find,
  label: PHONE_LABEL,
  check: isSubscriber,
  shapeOnlyWhenNamed: true,
  ...(languages === undefined ? {} : { languages }),
});
const id = (
  find: RegExp,
  check?: (match: string) => boolean,
  languages?: readonly string[],
): NumberPattern => ({
  type: "ID",
  find,
  label: ID_LABEL,
  ...(check === undefined ? {} : { check }),
  ...(languages === undefined ? {} : { languages }),
});

const DATE =
  "\\d{4}[/.\\-年]\\s?\\d{1,2}[/.\\-月]\\s?\\d{1,2}日?|\\d{1,2}[/.\\-]\\d{1,2}[/.\\-]\\d{2,4}|\\d{1,2}(?:er|st|nd|rd|th)?\\s(?:de\\s)?[\\p{L}\\p{M}]{3,12}\\.?,?\\s(?:del?\\s)?\\d{4}|[A-Za-z]{3,9}\\.?\\s\\d{1,2}(?:st|nd|rd|th)?,?\\s\\d{4}|民[国國]\\d{2,3}年(?:\\d{1,2}月(?:\\d{1,2}日)?)?";

/** Tried in this order; what an earlier one takes, a later one does not see. */
export const NUMBERS: readonly NumberPattern[] = [
  { type: "DOB", find: new RegExp(DATE, "gu"), label: BIRTH_LABEL, labelOnly: true },
  // A label and something with four digits at least.
  {
    type: "RECORD",
    find: /[A-Za-z]{0,4}[-/]?\d[\d\-/]{2,18}\d/gu,
    label: RECORD_LABEL,
    labelOnly: true,
    check: (match) => digitsOf(match).length >= 4,
    shapeOnlyWhenNamed: true,
  },
  // Telephones in international form.
  phone(/(?:\+|00(?=[1-9]))\d{1,3}(?:[ .\-/]?\(?\d{1,5}\)?){2,6}/gu),
  // China (18 places), Taiwan, Hong Kong.
  id(/[1-9]\d{5}(?:19|20)\d{9}[\dXx]/gu, passesChineseId),
  id(/[A-Z][1289]\d{8}/gu, passesTaiwanId),
  id(/[A-Z]{1,2}\d{6}\([\dA]\)/gu, (match) => passesHongKongId(compact(match))),
  // France.
  id(/[1-478](?:\s?\d{2})\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}\s?\d{2}/gu, (match) =>
    passesNir(compact(match)),
  ),
  // Spain; Mexico; Chile.
  id(/(?:[XYZ]-?\d{7}|\d{8}|\d{2}\.\d{3}\.\d{3})-?[A-Z]/gu, (match) => passesDni(compact(match))),
  id(/[A-ZÑ]{4}\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-ZÑ]{3}[A-Z\d]\d/gu, passesCurp),
  id(/\d{1,2}\.\d{3}\.\d{3}-[\dkK]/gu, (match) => passesRut(compact(match))),
  id(/\d{7,8}-[\dkK]/gu, (match) => passesRut(compact(match)), ["es"]),
  // United Kingdom: NHS number, national insurance.
  id(/\d{3} \d{3} \d{4}/gu, (match) => passesNhs(digitsOf(match)), ["en"]),
  id(/(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]/gu),
  // United States: Medicare's number has a shape of its own.
  id(
    /[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y\d]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}/gu,
  ),
  // India: Aadhaar in its printed spacing, PAN of a person or firm.
  id(/[2-9]\d{3}[ -]\d{4}[ -]\d{4}/gu, (match) => passesVerhoeff(digitsOf(match))),
  id(/[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]/gu),
  // Emirates; Egypt; Saudi Arabia.
  id(/784-(?:19|20)\d{2}-\d{7}-\d/gu),
  id(/784(?:19|20)\d{10}/gu, (match) => passesLuhn(match), ["ar"]),
  id(/[23]\d{13}/gu, hasEgyptianShape),
  id(/[12]\d{9}/gu, passesLuhn, ["ar"]),
  // With a label: whatever has digits enough (social security, passport, licence, QQ ...).
  {
    type: "ID",
    find: /[A-Za-z]{0,5}[-.]?\d[\d.-]{0,18}[A-Za-z]?(?: [\dA-Za-z]{0,3}\d[\dA-Za-z.-]{0,8}){0,6}(?: [A-Z](?![A-Za-z]))?/gu,
    label: ID_LABEL,
    labelOnly: true,
    check: (match) => digitsOf(match).length >= 4,
    shapeOnlyWhenNamed: true,
  },
  {
    type: "ID",
    find: /[A-Za-z][\w-]{5,19}/gu,
    label: /(?:微信|wechat)(?:号|號| id)?[\s:是]{1,4}$/iu,
    labelOnly: true,
  },
  // North America; also Mexico's brackets.
  phone(/(?:1[ .-])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[.-])[02-9]\d{2}[ .-]?\d{4}/gu),
  // China.
  phone(/1[3-9]\d(?:[ -]?\d{4}){2}/gu),
  phone(/0\d{2,3}-\d{7,8}/gu),
  // Numbers that begin with 0: Britain, France, Arabic countries, Taiwan, India's trunk form.
  phone(/0[1-9](?:[ .-]\d{2}){4}/gu),
  phone(/0[12]\d{1,3} \d{3,4} \d{4}|07\d{3} ?\d{6}/gu),
  phone(/0[1-9]\d{2}[ -]?\d{3}[ -]?\d{3,4}/gu),
  phone(/0[5-7]\d{8}|01[0125]\d{8}|0[6-9]\d{9}/gu),
  // Spain and Mexico; India.
  phone(/[67]\d{2}[ .]\d{3}[ .]\d{3}|[6789]\d{2} \d{2} \d{2} \d{2}|\d{2} \d{4} \d{4}/gu, ["es"]),
  phone(/[6-9]\d{4}[ -]\d{5}/gu),
  phone(/[6-9]\d{9}/gu, ["hi"]),
  // With a label: any seven digits or more.
  {
    type: "PHONE",
    find: /\(?\d(?:[ .\-/()]{0,2}\d){6,14}/gu,
    label: PHONE_LABEL,
    labelOnly: true,
    check: (match) => !FREE_PHONE.test(digitsOf(match)),
    shapeOnlyWhenNamed: true,
  },
];
