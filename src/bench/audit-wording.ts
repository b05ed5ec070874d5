// Audit: faults of single items, seen in their own words: several right letters, empty or doubled options, punctuation that
// gives the answer away, figures and passages that are not there, another language than the source's.
import { type Finding, type FindingCode, finding } from "./audit-finding.ts";
import { type Item, notesOf } from "./item.ts";
import { bySource } from "./item-text.ts";

/** Finds items with faults of their own. */
export async function auditWording(items: readonly Item[]): Promise<Finding[]> {
  const detector = await languageDetector();
  const checks: readonly (readonly [FindingCode, string, (item: Item) => boolean])[] = [
    ["multiple-gold", "several right letters", (item) => notesOf(item).includes("multiple-gold")],
    ["empty-option", "an option without text", (item) => notesOf(item).includes("empty-option")],
    ["doubled-option", "two equal options", (item) => notesOf(item).includes("doubled-option")],
    ["option-punctuation", "options end in doubled full stops", endsInDoubledStops],
    ["option-punctuation", "the right option alone ends with, or without, a full stop", goldEndsUnlikeOthers],
    ["missing-context", "a figure, table or passage is spoken of", speaksOfMissingFigure],
    ["language-mismatch", "another language than the source's", detector],
  ];
  return [...bySource(items)].flatMap(([source, list]) => {
    const found = checks.map(([code, detail, check]) => finding(code, source, list.filter(check), detail));
    return [...found, withoutPassage(source, list)].filter(({ count }) => count > 0);
  });
}

function endsInDoubledStops(item: Item): boolean {
  return item.options.some((option) => /[^.](?:\.\s*\.|。\s*[.。])$/u.test(option));
}

/** True when the right option can be told by its last character alone; two options are too few to tell. */
function goldEndsUnlikeOthers(item: Item): boolean {
  const stops = item.options.map((option) => /[.。।]$/u.test(option));
  const gold = item.gold.length === 1 ? item.gold[0]! : undefined;
  return (
    gold !== undefined &&
    stops.length > 2 &&
    stops.every((stop, i) => (stop === stops[gold]) === (i === gold))
  );
}

/** How questions point at what they were printed beside. Chinese exams also share one case among numbered questions. */
const FIGURE_WORDS: Readonly<Record<string, RegExp>> = {
  en: /\b(?:shown|depicted) (?:here|below)\b(?!\s*:)|\b(?:shown|seen|depicted|given) (?:in|on) the (?:\w+ )?(?:figure|picture|image|diagram|photograph|graph|table)\b|\b(?:figure|image|picture|photograph|diagram|graph) (?:below|above|shown|given)\b|\bpassage (?:above|below)\b/iu,
  zh: /如图|下图|上图|见图|附图|(?<![电声像])图[中示]|下表(?!面)|共用题干|共用备选/u,
  es: /\b(?:imagen|figura|gráfic[oa]|tabla) (?:adjunt[ao]|asociad[ao]|siguiente|superior|inferior|mostrad[ao])\b|\ba la imagen n/iu,
  fr: /\b(?:figure|schéma|image|tableau|graphique|document) (?:ci-dessous|ci-dessus|ci-joint|ci-contre|suivant)/iu,
  hi: /(?:नीचे|ऊपर) दिए? गए (?:चित्र|तालिका|ग्राफ)/u,
  ar: /(?:الشكل|الصورة|الجدول|الرسم البياني) (?:أدناه|أعلاه|التالي|التالية|المرفق|المرفقة)/u,
};

function speaksOfMissingFigure(item: Item): boolean {
  return item.context === undefined && FIGURE_WORDS[item.language]?.test(item.question) === true;
}

/** Items without the passage that most items of their source have. */
function withoutPassage(source: string, items: readonly Item[]): Finding {
  const without = items.filter((item) => item.context === undefined);
  const concerned = without.length < items.length / 2 ? without : [];
  return finding("missing-context", source, concerned, "no passage, unlike most items of the source");
}

/** The script each language is written in; Latin where absent. */
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  zh: /\p{Script=Han}/gu,
  hi: /\p{Script=Devanagari}/gu,
  ar: /\p{Script=Arabic}/gu,
};
const OTHER_SCRIPT = /(?!\p{Script=Latin})\p{L}/gu;
/** Words that settle Latin text quickly; only text without two of them is asked of the (slow) language detector. */
const COMMON_WORDS: Readonly<Record<string, RegExp>> = {
  en: /\b(?:the|of|is|are|in|with|which|and|to|for|a|an|by|following|not)\b/giu,
  es: /(?<!\p{L})(?:el|la|los|las|de|del|en|que|es|un|una|se|por|con|para|cuál|y)(?!\p{L})/giu,
  fr: /(?<!\p{L})(?:le|la|les|des|du|est|une|dans|qui|par|et|pour|sont|suivantes)(?!\p{L})/giu,
};
/** Shorter Latin text (drug names, abbreviations) has no language worth naming. */
const LEAST_LETTERS = 60;

/** Tells whether an item's question is, beyond doubt, in another language than the item says. */
async function languageDetector(): Promise<(item: Item) => boolean> {
  const { eld } = await import("eld/small");
  return (item) => {
    const letters = item.question.match(/\p{L}/gu)?.length ?? 0;
    const script = SCRIPTS[item.language];
    if (script !== undefined) {
      const own = item.question.match(script)?.length ?? 0;
      return letters >= 20 && own < letters / 4;
    }
    const other = item.question.match(OTHER_SCRIPT)?.length ?? 0;
    if (letters >= 20 && other > letters / 2 && item.language in COMMON_WORDS) return true;
    const common = COMMON_WORDS[item.language];
    if (common === undefined || letters < LEAST_LETTERS) return false;
    if ((item.question.match(common)?.length ?? 0) >= 2) return false;
    const detected = eld.detect(item.question);
    return detected.language !== "" && detected.language !== item.language && detected.isReliable();
  };
}
