// Is a document in the language that it is said to be in? Its script answers first, then everyday words, then the language
// detector. Only a clear no counts: names, code and short texts are given the benefit of the doubt.

/** Looked at from the middle of a document: beginnings are often a fixed instruction in another language. */
const SAMPLE_CHARACTERS = 400;
/** Fewer letters than this tell nothing. */
const FEWEST_LETTERS = 20;
/** Latin text shorter than this is not asked about: medical terms are Latin and Greek in every language. */
const FEWEST_LATIN_LETTERS = 80;
/** How much higher the detector must score another language. Chosen on Apollo's published samples. */
const CLEAR_MARGIN = 0.12;
/** A text in which so many words are everyday words of its language is in it. */
const COMMON_WORDS_SHARE = 0.12;

/** A text with a larger share of a programmer's signs is code. Prose has about 0.01. */
const CODE_SHARE = 0.04;

const SCRIPTS = ["latin", "han", "kana", "hangul", "devanagari", "arabic", "cyrillic", "other"] as const;
type Script = (typeof SCRIPTS)[number];

/** Languages that are not written in Latin letters, and what a text in such a script is called when it is not what was said. */
const LANGUAGE_SCRIPTS: Readonly<Record<Script, readonly string[]>> = {
  latin: [],
  han: ["zh", "ja"],
  kana: ["ja"],
  hangul: ["ko"],
  devanagari: ["hi", "mr", "ne", "sa"],
  arabic: ["ar", "fa", "ur", "ps", "ug", "ku", "sd"],
  cyrillic: ["ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "mn", "tg"],
  other: [],
};

const COMMON_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: words("the of and to in a is that for with are be as this or on by it was can from"),
  fr: words("le la les de des du et en un une est dans pour que qui par sur avec au ce à ou pas l d"),
  es: words("el la los las de del y en un una que es por para con se su al lo como o no más"),
};

/** The language that a document of `language` is clearly written in instead; `undefined` when it may be what it is said to be. */
export type LanguageCheck = (texts: readonly string[], language: string) => string | undefined;

/** Loads the detector and gives the check. */
export async function createLanguageCheck(): Promise<LanguageCheck> {
  const { eld } = await import("eld/small");
  return (texts, language) => {
    const sample = middle(texts.length === 1 ? texts[0]! : texts.join("\n"));
    const { script, letters, share } = mainScript(sample);
    if (letters < FEWEST_LETTERS) return undefined;
    const ownScripts = SCRIPTS.filter((name) => LANGUAGE_SCRIPTS[name].includes(language));
    if (ownScripts.includes(script) || (script === "other" && ownScripts.length === 0)) return undefined;
    if (share < 0.6) return undefined;
    const [usual] = LANGUAGE_SCRIPTS[script];
    if (usual !== undefined) return usual;
    if (letters < FEWEST_LATIN_LETTERS || isCode(sample) || isCommonly(sample, language)) return undefined;
    const result = eld.detect(sample);
    if (result.language === "" || result.language === language || !result.isReliable()) return undefined;
    const scores = result.getScores();
    const margin = (scores[result.language] ?? 0) - (scores[language] ?? 0);
    return margin < CLEAR_MARGIN ? undefined : result.language;
  };
}

function middle(text: string): string {
  const from = Math.max(0, (text.length - SAMPLE_CHARACTERS) >> 1);
  return text.slice(from, from + SAMPLE_CHARACTERS);
}

/** The script of most letters. Han letters count twice: one stands for about two of the others. */
function mainScript(text: string): { script: Script; letters: number; share: number } {
  const counts = new Float64Array(SCRIPTS.length);
  for (let i = 0; i < text.length; i++) {
    const script = scriptOf(text.charCodeAt(i));
    if (script !== undefined) counts[SCRIPTS.indexOf(script)]! += script === "han" ? 2 : 1;
  }
  const letters = counts.reduce((a, b) => a + b, 0);
  const most = Math.max(...counts);
  return { script: SCRIPTS[counts.indexOf(most)]!, letters, share: most / letters };
}

function scriptOf(unit: number): Script | undefined {
  if (unit < 0x80) return (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a ? "latin" : undefined;
  if (unit < 0x250) return unit >= 0xc0 ? "latin" : undefined;
  if (unit >= 0x400 && unit < 0x530) return "cyrillic";
  if ((unit >= 0x620 && unit < 0x780) || (unit >= 0xfb50 && unit < 0xfe00)) return "arabic";
  if (unit >= 0x900 && unit < 0x980) return "devanagari";
  if (unit >= 0x3040 && unit < 0x3100) return "kana";
  if (unit >= 0x3400 && unit < 0xa000) return "han";
  if (unit >= 0xac00 && unit < 0xd7b0) return "hangul";
  return unit >= 0x370 && unit < 0x2000 ? "other" : undefined;
}

/** Program text, formulas and markup are in no language. */
function isCode(text: string): boolean {
  const signs = text.match(/[{}()[\]<>=;_\\/|*+$^]/gu)?.length ?? 0;
  return signs > CODE_SHARE * text.length;
}

function isCommonly(text: string, language: string): boolean {
  const common = COMMON_WORDS[language];
  if (common === undefined) return false;
  let all = 0;
  let known = 0;
  for (const [word] of text.matchAll(/\p{L}+/gu)) {
    all++;
    if (common.has(word.toLowerCase())) known++;
  }
  return known >= COMMON_WORDS_SHARE * all;
}

function words(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}
