// Which of the lists written in Latin letters can read a message: French rules find "section" and Hindi ones "current" in English text.
// Told by small words; where there are too few of them, every list may try.
import type { RedFlagLanguage } from "./red-flag-language.ts";

/** Languages that are written in Latin letters, Hindi and Arabic among them when typed without their own keyboard. */
type LatinLanguage = Exclude<RedFlagLanguage["language"], "zh">;

/** Small words of one language that are none in the others. */
const SMALL_WORDS: Readonly<Record<Exclude<LatinLanguage, "ar">, ReadonlySet<string>>> = {
  en: words(
    "the of and are was were my with have her his they im ive its this that these what which how cant wont dont does from not been after you your i it at an by or be who when hes shes just since keeps there can is in for will would should during between",
  ),
  fr: words(
    "une des du est je il elle mon ma mes et pas plus dans avec pour sans depuis ses au aux cette jai suis sont ca nous vous lui quil jarrive cest qui ai mal j c quelle quel arrive plus fait bras tete depuis",
  ),
  es: words(
    "el los las una del mi con por para esta estoy tengo tiene muy mucho mucha desde hace pero porque como lo al ya mis su sus cuando duele y en cual cuales sangre pecho puede puedo hijo hija sale ni",
  ),
  hi: words(
    "hai hain ho hu hun raha rahi rahe rha rhi nahi nhi nahin ka ki ke ko mein mera meri mere mujhe kya kar karu aur gaya gayi gya bhi ne hua hui tha thi wo woh uska bahut bohot bht abhi liya rahaa kuch papa mummy",
  ),
};
const ARABIC_WORDS = words(
  "ana ebni ibni benti binti bnti ommi ommy ummi gozi jozi merati abouya akhoya mesh mish msh mosh mush keda kda enta enti howa heya lessa lissa walla yalla shereb shirib akal bala3 gowa feen eh leh shu shou kteer keteer bezzaf awi gamed wala bas kan kol delwa2ty fi fe",
);
/** Arabic in Latin letters writes ain, hamza, ha and kha as 3, 2, 7 and 5: "3andi waga3". */
const ARABIC_DIGIT =
  /(?<![\p{L}\p{N}])(?=[a-z\d]*[a-z])(?:[23579][a-z]{2,}[a-z\d]*|[a-z]+[2357][a-z][a-z\d]*|[a-z]{2,}[2357])(?![\p{L}\p{N}])/gu;
/** What looks so and is an ordinal, a dose, an age or a time. */
const NOT_ARABIC =
  /^\d+(?:nd|rd|th|st|kg|mg|mcg|ml|cm|mm|am|pm|yo|yr|yrs|mo|mos|wk|wks|day|days|min|mins|hr|hrs|hours|h|x|years|year|weeks|week|months|month|ans|mois|dias|meses|anos|din|saal|mahine|baje|bar|semaines|semanas|minutes|minute|pads|times|units)$|^(?:covid|vitamin|b|d|t|h|c|omega|co|h1n|g|q|v|n|a|p|k|fi|sp|spo|pco|pao)\d+[a-z]*$/u;
/** A list with this share of the clearest list's small words may read the message too. */
const SHARE = 3;
/** Fewer small words than this say nothing. */
const LEAST = 2;

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** The languages whose lists in Latin letters should read a normalised text; English words stand in Hindi and Arabic messages too. */
export function latinLanguages(text: string): ReadonlySet<LatinLanguage> {
  const present = new Set(text.match(/[a-z]+/gu) ?? []);
  const counts = Object.entries(SMALL_WORDS).map(([language, small]) => ({
    language: language as keyof typeof SMALL_WORDS,
    count: [...present].filter((word) => small.has(word)).length,
  }));
  const most = Math.max(...counts.map(({ count }) => count));
  const arabic =
    (text.match(ARABIC_DIGIT) ?? []).filter((word) => !NOT_ARABIC.test(word)).length +
    [...present].filter((word) => ARABIC_WORDS.has(word)).length;
  const kept = new Set<LatinLanguage>(
    counts.filter(({ count }) => most < LEAST || count * SHARE >= most).map(({ language }) => language),
  );
  if (kept.has("hi") && most >= LEAST) kept.add("en");
  if (arabic >= LEAST) kept.add("ar").add("en");
  return kept;
}
