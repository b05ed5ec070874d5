// Finds what identifies a person in a text: e-mail addresses, telephones, identity and record numbers, dates of birth, private links and net
// addresses. The one finder behind the notice in a chat (personal-data.ts) and the masks of a corpus. Patterns and check digits, no model: doses,
// lab values, codes of registers and the dates of medicine stay; names and addresses of houses are not found.
import { CODE_LABEL, UNIT } from "./personal-labels.ts";
import {
  EMAIL,
  IP_ADDRESSES,
  isPrivateUrl,
  NUMBERS,
  type NumberPattern,
  SITES,
  URLS,
} from "./personal-patterns.ts";

/** What kind of identifier it is. */
export type IdentifierType = NumberPattern["type"] | "EMAIL" | "URL" | "IP";

/** An identifier and where it stands, in UTF-16 units. */
export interface Identifier {
  readonly start: number;
  readonly end: number;
  readonly type: IdentifierType;
}

/** A stretch that is decided on: an identifier, or without a type known to be nobody's. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly type?: IdentifierType;
}

/** Where none of these is, nothing is to be looked at closer: most of a text is passed over. */
const WORTH_A_LOOK =
  /\d[\d\s().\-/]{3,}|\d[A-Z][A-Z\d]\d-?[A-Z]|微信|wechat|@|:\/\/|www\.|[([](?:at|arroba|arobase)[)\]]|[0-9a-f]{1,4}::/giu;
/** How much text around such a sign is searched: a label, and the longest number that may begin before it. */
const AROUND = 80;
/** How much text around a number is looked at. */
const BEFORE = 48;
const AFTER = 16;

/**
 * The identifiers of a text in the order in which they stand; nothing overlaps. Some shapes are looked for in texts of one language only
 * (ISO 639-1); without a language all are.
 */
export function findIdentifiers(text: string, language?: string): Identifier[] {
  const plain = plainCopy(text);
  const taken: Stretch[] = [];
  for (const [from, to] of stretchesWorthALook(plain))
    searchStretch(plain.slice(from, to), from, language, taken);
  return taken
    .flatMap(({ start, end, type }) => (type === undefined ? [] : [{ start, end, type }]))
    .sort((a, b) => a.start - b.start);
}

/** The text around each sign of personal data, cut at white space; the patterns are not tried on the rest. */
function stretchesWorthALook(text: string): [from: number, to: number][] {
  const stretches: [number, number][] = [];
  for (const { 0: sign, index } of text.matchAll(WORTH_A_LOOK)) {
    let from = Math.max(0, index - AROUND);
    let to = Math.min(text.length, index + sign.length + AROUND);
    while (from > 0 && !/\s/u.test(text[from - 1]!)) from--;
    while (to < text.length && !/\s/u.test(text[to]!)) to++;
    const last = stretches.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else stretches.push([from, to]);
  }
  return stretches;
}

/** Looks through a stretch of the text that begins at `offset`; what is found is added to `taken`. */
function searchStretch(plain: string, offset: number, language: string | undefined, taken: Stretch[]): void {
  const take = (from: number, to: number, type?: IdentifierType): void => {
    const [start, end] = [offset + from, offset + to];
    if (taken.some((other) => start < other.end && other.start < end)) return;
    taken.push({ start, end, ...(type === undefined ? {} : { type }) });
  };
  for (const { 0: url, index } of plain.matchAll(URLS)) {
    const end = index + url.replace(/[.,;:!?)\]}>'"。，；、)）】]+$/u, "").length;
    take(index, end, isPrivateUrl(plain.slice(index, end)) ? "URL" : undefined);
  }
  for (const { 0: code, index } of plain.matchAll(SITES)) take(index, index + code.length, undefined);
  for (const { 0: address, index } of plain.matchAll(EMAIL)) take(index, index + address.length, "EMAIL");
  for (const pattern of NUMBERS) {
    if (language !== undefined && pattern.languages?.includes(language) === false) continue;
    for (const { 0: match, index } of plain.matchAll(pattern.find))
      if (isPersonal(pattern, plain, match, index)) take(index, index + match.length, pattern.type);
  }
  for (const { 0: address, index } of plain.matchAll(IP_ADDRESSES))
    if (isAddress(plain, address, index)) take(index, index + address.length, "IP");
}

function isPersonal(pattern: NumberPattern, text: string, match: string, start: number): boolean {
  const end = start + match.length;
  const before = text.slice(Math.max(0, start - BEFORE), start);
  const after = text.slice(end, end + AFTER);
  // A part of a longer number or word is not the thing itself.
  if (/[A-Za-z\d]$|\d[.,/:\-–]$|[+×x*^]$/u.test(before) || /^[A-Za-z\d]|^[.,/:\-–×^]\d/u.test(after))
    return false;
  const named = pattern.label?.test(before) ?? false;
  if (!named && (pattern.labelOnly || CODE_LABEL.test(before) || UNIT.test(after))) return false;
  // A label does not make "call 500 mg" a telephone.
  if (named && pattern.type === "PHONE" && UNIT.test(after)) return false;
  return (
    (named && pattern.shapeOnlyWhenNamed !== true) || pattern.check === undefined || pattern.check(match)
  );
}

/** Four small numbers are an enzyme's or a version's. */
function isAddress(text: string, address: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - BEFORE), start);
  const after = text.slice(start + address.length, start + address.length + 2);
  if (/[\w.:/-]$/u.test(before) || /^[\w:/]|^\.\d/u.test(after) || CODE_LABEL.test(before)) return false;
  if (address.includes(":")) return /\d/u.test(address);
  const octets = address.split(".").map(Number);
  return octets.every((octet) => octet <= 255) && octets.some((octet) => octet > 99);
}

/** Zeros of the scripts that write their own digits, full-width ones among them. */
const DIGIT_ZEROS = [0x660, 0x6f0, 0x966, 0xff10];

/** The same text unit by unit, with ASCII digits, at signs, colons, dashes and spaces: patterns need one spelling, places must agree. */
function plainCopy(text: string): string {
  return text.replace(
    /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\uff01-\uff5e\u2010-\u2015\u2212\u00a0\u202f\u2009\u3000\u066b\u066c]/gu,
    (character) => {
      const unit = character.charCodeAt(0);
      for (const zero of DIGIT_ZEROS) if (unit >= zero && unit < zero + 10) return String(unit - zero);
      if (unit >= 0xff01 && unit <= 0xff5e) return String.fromCharCode(unit - 0xfee0);
      if (unit === 0x66b || unit === 0x66c) return ".";
      return /\s/u.test(character) ? " " : "-";
    },
  );
}
