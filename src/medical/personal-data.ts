// Finds what in a message may tell who somebody is, so that a person is asked before it is sent: identifiers, and names behind "my name is".
// A name without such words is not found, and finding nothing proves nothing.
import { PUBLIC_NUMBERS } from "./emergency-numbers.ts";
import { findIdentifiers, type IdentifierType } from "./identifiers.ts";
import { normalise } from "./normalise.ts";

/** What kind of personal data was found. */
export type PersonalDataKind = "email" | "phone" | "id" | "birth" | "record" | "name" | "address";

/** A place in the message. */
export interface PersonalData {
  readonly kind: PersonalDataKind;
  readonly text: string;
  /** Offset in UTF-16 units. */
  readonly index: number;
}

const KINDS: Readonly<Record<IdentifierType, Exclude<PersonalDataKind, "name">>> = {
  EMAIL: "email",
  PHONE: "phone",
  ID: "id",
  RECORD: "record",
  DOB: "birth",
  URL: "address",
  IP: "address",
};
const NAME =
  /(?:my name is|je m['’]appelle|me llamo|mi nombre es|mera naam|patient name\s*:|nombre\s*:|nom\s*:)\s+(?!not\b|pas\b)\p{L}[\p{L}\p{M}'’-]+(?:\s\p{Lu}[\p{L}\p{M}'’-]+)?|(?:我叫|我的名字是|姓名[:：])\s?\p{Script=Han}{2,4}|(?:मेरा नाम|नाम\s*:)\s+[\p{Script=Devanagari}]+(?:\s[\p{Script=Devanagari}]+)?|(?:اسمي|اسم المريض)\s*:?\s+\p{Script=Arabic}+(?:\s\p{Script=Arabic}+)?/giu;

/** Finds personal data in a message, in order, without overlaps. */
export function findPersonalData(message: string): PersonalData[] {
  const found = findIdentifiers(message)
    .map(
      ({ start, end, type }): PersonalData => ({
        kind: KINDS[type],
        text: message.slice(start, end),
        index: start,
      }),
    )
    .filter(({ kind, text }) => kind !== "phone" || !isPublic(text));
  for (const { 0: text, index } of message.matchAll(NAME)) {
    const overlaps = found.some(
      (other) => index < other.index + other.text.length && other.index < index + text.length,
    );
    if (!overlaps) found.push({ kind: "name", text, index });
  }
  return found.sort((a, b) => a.index - b.index);
}

/** A hotline's number, also with the trunk digit that is dialled before it. */
function isPublic(number: string): boolean {
  const digits = normalise(number).replace(/\D/gu, "");
  return PUBLIC_NUMBERS.has(digits) || PUBLIC_NUMBERS.has(digits.replace(/^1/u, ""));
}
