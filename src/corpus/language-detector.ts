// eld's letter groups, loaded when a text is first to be judged by them: half a second of a core and 150 MB, which a command that judges
// none need not pay.
import assert from "node:assert/strict";

type Detector = typeof import("eld/small").eld;

let detector: Detector | undefined;

/** Loads the detector; whoever calls `detectLanguage` has awaited this before. */
export async function loadLanguageDetector(): Promise<void> {
  detector ??= (await import("eld/small")).eld;
}

/** The language of `text` as eld sees it (ISO 639-1, `""` when it cannot tell), with its scores. */
export function detectLanguage(text: string): ReturnType<Detector["detect"]> {
  assert(detector !== undefined, "loadLanguageDetector was not awaited");
  return detector.detect(text);
}
