// Masks personal data in a text by type: [EMAIL], [PHONE], [ID], [RECORD], [URL], [IP], [DOB]. The finder is the medical layer's: names and
// addresses are not found, so the output is masked, not anonymous.
import { findIdentifiers, type IdentifierType } from "../medical/index.ts";
import type { ChangeReason } from "./clean-change.ts";

/** Something to mask: where it stands, what takes its place, and as what it counts. */
export interface PersonalData {
  readonly start: number;
  readonly end: number;
  readonly mask: string;
  readonly reason: ChangeReason;
}

const REASONS: Readonly<Record<IdentifierType, ChangeReason>> = {
  EMAIL: "masked-email",
  PHONE: "masked-phone",
  ID: "masked-id",
  RECORD: "masked-record-number",
  URL: "masked-url",
  IP: "masked-ip",
  DOB: "masked-birth-date",
};

/** The personal data of a text in a language (ISO 639-1), in the order in which it stands; nothing overlaps. */
export function findPersonalData(text: string, language: string): PersonalData[] {
  return findIdentifiers(text, language).map(({ start, end, type }) => ({
    start,
    end,
    mask: `[${type}]`,
    reason: REASONS[type],
  }));
}

/** The text with its personal data masked; `note` is told of each with some text around. */
export function maskPersonalData(
  text: string,
  language: string,
  note: (reason: ChangeReason, before: string, after: string) => void,
): string {
  const found = findPersonalData(text, language);
  if (found.length === 0) return text;
  const parts: string[] = [];
  let at = 0;
  for (const { start, end, mask, reason } of found) {
    const [left, right] = [text.slice(Math.max(at, start - 24), start), text.slice(end, end + 24)];
    note(reason, left + text.slice(start, end) + right, left + mask + right);
    parts.push(text.slice(at, start), mask);
    at = end;
  }
  parts.push(text.slice(at));
  return parts.join("");
}
