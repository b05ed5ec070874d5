// In which language an item is: from its own field, the known sources of XMedBench, the source's suffix, or its script.

/** The twelve sources of the released XMedBench. */
const SOURCE_LANGUAGES: Readonly<Record<string, string>> = {
  medmcqa: "en",
  "medqa-usmle": "en",
  "mmlu-medical": "en",
  pubmedqa: "en",
  "cmb-single": "zh",
  cmexam: "zh",
  "cmmlu-medical": "zh",
  "medqa-mcmle": "zh",
  frenchmedmcqa: "fr",
  headqa: "es",
  "mmlu-medical-hi": "hi",
  "mmlu-medical-ar": "ar",
};

/** Scripts that settle the language among those we know; Latin text is asked of the language detector. */
const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/\p{Script=Han}/gu, "zh"],
  [/\p{Script=Devanagari}/gu, "hi"],
  [/\p{Script=Arabic}/gu, "ar"],
];

/** The language of an item as an ISO 639-1 code. */
export async function itemLanguage(item: {
  readonly source: string;
  /** The item's own `language` field, or "". */
  readonly language: string;
  readonly text: string;
}): Promise<string> {
  const suffix = item.source.match(/[-_]([a-z]{2})$/u)?.[1];
  return (
    item.language.toLowerCase() ||
    SOURCE_LANGUAGES[item.source] ||
    (suffix !== undefined && isLanguageCode(suffix) ? suffix : undefined) ||
    (await detectLanguage(item.text))
  );
}

function isLanguageCode(code: string): boolean {
  return new Intl.DisplayNames("en", { type: "language", fallback: "none" }).of(code) !== undefined;
}

async function detectLanguage(text: string): Promise<string> {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  for (const [script, language] of SCRIPTS) {
    if ((text.match(script)?.length ?? 0) > letters / 2) return language;
  }
  const { eld } = await import("eld/small");
  return eld.detect(text).language || "en";
}
