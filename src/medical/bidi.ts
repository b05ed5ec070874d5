// Finds the parts of right-to-left text that must keep their left-to-right order: drug names with their strengths, numbers with
// their units, ranges and ratios. "amoxicillin 500 mg" or "120/80" would otherwise be reordered piece by piece.

/** A piece of text; `ltr` when it must be isolated as one left-to-right unit. */
export interface TextRun {
  readonly text: string;
  readonly ltr: boolean;
}

const WORD = `[A-Za-zµ°À-ɏ][A-Za-zµ°À-ɏ0-9'’./+²³-]*`;
const NUMBER = String.raw`[<>≤≥±+−-]?\d[\d.,]*(?:\s?[–−:/×x-]\s?\d[\d.,]*)*(?:\s?%)?`;
const RUN = new RegExp(`(?:${NUMBER}|${WORD})(?:\\s(?:${NUMBER}|${WORD}))*`, "gu");
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** True when the text has a letter of a right-to-left script. */
export function hasRightToLeft(text: string): boolean {
  return RIGHT_TO_LEFT.test(text);
}

/** Splits right-to-left text into runs; joined again they are the text. */
export function splitRuns(text: string): TextRun[] {
  const runs: TextRun[] = [];
  let end = 0;
  for (const match of text.matchAll(RUN)) {
    // Punctuation at the end belongs to the sentence around the run.
    const run = match[0].replace(/[.,:/'’–-]+$/u, "");
    if (run === "") continue;
    if (match.index > end) runs.push({ text: text.slice(end, match.index), ltr: false });
    runs.push({ text: run, ltr: true });
    end = match.index + run.length;
  }
  if (end < text.length) runs.push({ text: text.slice(end), ltr: false });
  return runs;
}

/** Text without invisible direction overrides, which can make a text look different from what it says. */
export function stripDirectionControls(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/gu, "");
}

/** Plain text that keeps its own direction inside other text (first strong isolate ... pop directional isolate). */
export function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}
