// A quick look whether a document is in the language that it is said to be in: everyday words settle most Latin texts at once, the
// rest is judged as in cleaning (text-language.ts).
import { otherLanguage } from "./text-language.ts";

/** Looked at from the middle of a document: beginnings are often a fixed instruction in another language. */
const SAMPLE_CHARACTERS = 400;
/** A text in which so many words are everyday words of its language is in it. */
const COMMON_WORDS_SHARE = 0.12;

const COMMON_WORDS: Readonly<Record<string, ReadonlySet<string>>> = {
  en: words("the of and to in a is that for with are be as this or on by it was can from"),
  fr: words("le la les de des du et en un une est dans pour que qui par sur avec au ce à ou pas l d"),
  es: words("el la los las de del y en un una que es por para con se su al lo como o no más"),
};

/** The language that a document of `language` is plainly written in instead; `undefined` when it may be what it is said to be. */
export function writtenInstead(texts: readonly string[], language: string): string | undefined {
  const text = texts.length === 1 ? texts[0]! : texts.join("\n");
  const from = Math.max(0, (text.length - SAMPLE_CHARACTERS) >> 1);
  const sample = text.slice(from, from + SAMPLE_CHARACTERS);
  return isCommonly(sample, language) ? undefined : otherLanguage(sample, language);
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
