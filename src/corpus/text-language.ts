// Whether a text is plainly in another language than it should be: by script, and among languages of one script by letter groups (eld).
import { detectLanguage } from "./language-detector.ts";

/** Scripts as ISO 15924 has them, by their ranges in the Basic Multilingual Plane. */
const RANGES: readonly (readonly [number, number, string])[] = [
  [0x41, 0x24f, "Latn"],
  [0x370, 0x3ff, "Grek"],
  [0x400, 0x52f, "Cyrl"],
  [0x590, 0x5ff, "Hebr"],
  [0x600, 0x77f, "Arab"],
  [0x900, 0x97f, "Deva"],
  [0x980, 0x9ff, "Beng"],
  [0xb80, 0xbff, "Taml"],
  [0xc00, 0xc7f, "Telu"],
  [0xe00, 0xe7f, "Thai"],
  [0x1e00, 0x1eff, "Latn"],
  [0x3040, 0x30ff, "Kana"],
  [0x3400, 0x9fff, "Hani"],
  [0xac00, 0xd7af, "Hang"],
];
/** Languages that one script stands for among those we know. */
const LANGUAGE_OF: Readonly<Record<string, string>> = {
  Hani: "zh",
  Kana: "ja",
  Hang: "ko",
  Deva: "hi",
  Arab: "ar",
  Cyrl: "ru",
  Grek: "el",
  Hebr: "he",
  Thai: "th",
  Beng: "bn",
  Taml: "ta",
  Telu: "te",
};
/** Words that hold a language's sentences together and are in no other language that might be meant; they settle most texts. */
const FUNCTION_WORDS: Readonly<Record<string, RegExp>> = {
  en: /(?<!\p{L})(?:the|of|and|is|are|with|for|that|this|you|your|was|have)(?!\p{L})/giu,
  fr: /(?<!\p{L})(?:les|des|est|dans|pour|une|du|qui|sont|avec|vous|sur|aux)(?!\p{L})/giu,
  es: /(?<!\p{L})(?:el|los|las|del|una|con|por|que|es|son|y|su|para)(?!\p{L})/giu,
  ar: /(?<!\p{L})(?:من|في|على|التي|الذي|إلى|عن|هذا|هذه|أن|مع|هو)(?!\p{L})/gu,
};
/** One word in so many characters is enough: a fifth of the words in running text, a twentieth in a list. */
const CHARACTERS_PER_WORD = 50;
/** Read at most: the beginning tells. */
const READ = 1000;
/** Of what common words do not settle, so many characters of sentences are judged by their letter groups: more change no verdict. */
const DETECTED = 400;
/** A Han character says as much as this many letters. */
const HAN_WEIGHT = 3;
/** Below these amounts of letters a text does not tell: drug names and abbreviations are Latin everywhere. */
const ENOUGH_FOR_SCRIPT = 40;
const ENOUGH_FOR_LANGUAGE = 80;
/** Fewer words than this in a row are a list of names and formulas, which look the same in every language. */
const WORDS_IN_A_ROW = 6;
/** Program code is English to a detector: fenced blocks, and lines that end like code. */
const CODE = /```[\s\S]*?(?:```|$(?![\s\S]))|^.*[;{}]\s*$/gmu;
/** The other language must score this many times what the expected one does. */
const MARGIN = 1.15;

/**
 * The language that `text` is in when it is plainly not `expected` (ISO 639-1); `undefined` when it is, or too little to tell. Wants
 * `loadLanguageDetector`.
 */
export function otherLanguage(text: string, expected: string): string | undefined {
  const { amounts, all } = weighScripts(text);
  if (all < ENOUGH_FOR_SCRIPT) return undefined;
  const own = scriptsOf(expected).reduce((sum, script) => sum + (amounts.get(script) ?? 0), 0);
  const [main = "", most = 0] = [...amounts].sort((a, b) => b[1] - a[1])[0] ?? [];
  // Kana among Han characters is Japanese.
  if (expected === "zh" && (amounts.get("Kana") ?? 0) > 0.15 * all) return "ja";
  if (own < 0.1 * all && most > 0.6 * all)
    return main === "Latn" ? detect(text, expected) : (LANGUAGE_OF[main] ?? "und");
  if (own < 0.6 * all || main === "Hani" || main === "Deva") return undefined;
  return detect(text, expected);
}

/** How much of the beginning of a text is in each script, in the order in which they are met. */
function weighScripts(text: string): { amounts: Map<string, number>; all: number } {
  scriptOfUnit ??= scriptTable();
  const counts = new Int32Array(RANGES.length + 1);
  const met: number[] = [];
  const end = Math.min(text.length, READ);
  for (let i = 0; i < end; i++) {
    const script = scriptOfUnit[text.charCodeAt(i)]!;
    if (counts[script]!++ === 0 && script !== 0) met.push(script);
  }
  const amounts = new Map<string, number>();
  let all = 0;
  for (const number of met) {
    const script = RANGES[number - 1]![2];
    const amount = counts[number]! * (script === "Hani" ? HAN_WEIGHT : 1);
    amounts.set(script, amount);
    all += amount;
  }
  return { amounts, all };
}

/** What eld says of the text's sentences when it is not `expected`, and by a margin. */
function detect(text: string, expected: string): string | undefined {
  const sentences = text
    .slice(0, READ)
    .replace(CODE, " ")
    .split(/[\n.;:()=?!؟]+/u)
    .filter((part) => part.trim().split(/\s+/u).length >= WORDS_IN_A_ROW)
    .join(". ");
  if (sentences.length < ENOUGH_FOR_LANGUAGE) return undefined;
  const words = FUNCTION_WORDS[expected];
  if (words !== undefined && (sentences.match(words)?.length ?? 0) >= sentences.length / CHARACTERS_PER_WORD)
    return undefined;
  const found = detectLanguage(sentences.slice(0, DETECTED));
  if (found.language === "" || found.language === expected || !found.isReliable()) return undefined;
  const scores = found.getScores() as Readonly<Record<string, number>>;
  return scores[found.language]! > MARGIN * (scores[expected] ?? 0) ? found.language : undefined;
}

const scripts = new Map<string, readonly string[]>();

/** The scripts that a language is written in. */
function scriptsOf(language: string): readonly string[] {
  const known = scripts.get(language) ?? likelyScripts(language);
  scripts.set(language, known);
  return known;
}

function likelyScripts(language: string): readonly string[] {
  const script = new Intl.Locale(language).maximize().script ?? "Latn";
  if (script === "Hans" || script === "Hant") return ["Hani"];
  if (script === "Jpan") return ["Kana", "Hani"];
  return script === "Kore" ? ["Hang", "Hani"] : [script];
}

/** For each UTF-16 unit its script: 1 + the first range of it, 0 for none. Built once: a look costs less than the comparisons. */
let scriptOfUnit: Uint8Array | undefined;

function scriptTable(): Uint8Array {
  const table = new Uint8Array(0x10000);
  for (const [from, to, script] of RANGES)
    table.fill(1 + RANGES.findIndex((range) => range[2] === script), from, to + 1);
  // Among the letters of Latin lie signs.
  for (let unit = 0; unit < 0xc0; unit++) if (!((unit | 32) >= 97 && (unit | 32) <= 122)) table[unit] = 0;
  table[0xd7] = 0;
  table[0xf7] = 0;
  return table;
}
