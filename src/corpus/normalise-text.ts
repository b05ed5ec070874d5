// Characters put right: Unicode's composed form, no control characters, one way of ending lines.
import type { ChangeNote, CleanRule } from "./clean-change.ts";

/**
 * Characters that no reader sees and a tokenizer does: C0 but tab and line feed, C1, soft hyphen, zero-width space, word joiner, byte
 * order mark, bidi embeddings and isolates, object replacement. The zero-width space that parts words in Khmer, Thai, Lao and Burmese stays; joiners (U+200C, U+200D) and direction marks (U+200E, U+200F, U+061C) spell
 * Hindi and Arabic and stay.
 */
const CONTROL =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffc]+|(?<![\p{Script=Khmer}\p{Script=Thai}\p{Script=Lao}\p{Script=Myanmar}\u200b])\u200b+/gu;
const LONE_SURROGATE = /\p{Cs}/u;
const LONE_SURROGATES = /\p{Cs}/gu;
const LINE_END = /\r\n?|[\u0085\u2028\u2029]/gu;
const TRAILING = /[^\S\n]+(?=\n)/gu;
/** More than one empty line says no more than one. */
const EMPTY_LINES = /\n{3,}/gu;

/** How much of a text is shown with a change. */
const SHOWN = 80;

/** Applies the rules `unicode`, `control-characters` and `white-space` (which leaves a line's indent as it is). */
export function normaliseText(text: string, rules: ReadonlySet<CleanRule>, note: ChangeNote): string {
  let now = text;
  if (rules.has("unicode")) {
    if (LONE_SURROGATE.test(now))
      now = told("lone-surrogate", now, now.replaceAll(LONE_SURROGATES, "\ufffd"), note);
    const composed = now.normalize("NFC");
    if (composed !== now) now = told("not-nfc", now, composed, note);
  }
  if (rules.has("white-space") && /[\r\u0085\u2028\u2029]/u.test(now))
    now = told("white-space", now, now.replace(LINE_END, "\n"), note);
  if (rules.has("control-characters")) {
    const visible = now.replace(CONTROL, "");
    if (visible !== now) now = told("control-character", now, visible, note);
  }
  if (rules.has("white-space")) {
    const tidy = now.replace(TRAILING, "").replace(EMPTY_LINES, "\n\n").trim();
    if (tidy !== now) now = told("white-space", now, tidy, note);
  }
  return now;
}

function told(
  reason: "lone-surrogate" | "not-nfc" | "control-character" | "white-space",
  before: string,
  after: string,
  note: ChangeNote,
): string {
  let at = 0;
  while (at < after.length && before[at] === after[at]) at++;
  const from = Math.max(0, at - 20);
  note(
    reason,
    JSON.stringify(before.slice(from, from + SHOWN)),
    JSON.stringify(after.slice(from, from + SHOWN)),
  );
  return after;
}
