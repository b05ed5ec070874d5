// Where sentences end, in any of the six languages' punctuation: Unicode's own rules (Intl.Segmenter) know ideographic full stops, dandas
// and Arabic question marks; what they take for an end after an abbreviation or an initial is joined again.

/** A sentence's place in its text, in UTF-16 units; sentences follow each other without a gap. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Abbreviations that stand before something; those that mostly end sentences ("etc.") are not among them. */
const ABBREVIATIONS = [
  ..."Dr Dra Drs Mr Mrs Ms Prof St Sr Sra Srta Fig Figs fig vs approx Nos Vol pp ca cf e.g i.e".split(" "),
  ..."p. ex|p.ex|av|chap|n°|p. ej|p.ej|aprox|núm|pág|डॉ|प्रो|श्री|उदा|د|أ.د".split("|"),
];
/** The end of a sentence that is none: an abbreviation, or an initial ("J. Smith"). */
const OPEN_END = new RegExp(
  `(?:^|[\\s(«“"'’])(?:${ABBREVIATIONS.map((word) => word.replaceAll(".", "\\.")).join("|")}|\\p{Lu})\\.\\s*$`,
  "u",
);
const LINE_END = /[\n\r\u2028\u2029]\s*$/u;

/** The last word tells. */
const LONGEST_TAIL = 16;

const segmenters = new Map<string, Intl.Segmenter>();

/** Splits a text of `language` (ISO 639-1) into sentences; line breaks end them too. */
export function splitSentences(text: string, language: string): Span[] {
  const segmenter = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: "sentence" });
  segmenters.set(language, segmenter);
  const spans: Span[] = [];
  let from = 0;
  let to = 0;
  for (const { segment, index } of segmenter.segment(text)) {
    to = index + segment.length;
    const tail = text.slice(Math.max(from, to - LONGEST_TAIL), to);
    if (OPEN_END.test(tail) && !LINE_END.test(tail)) continue;
    spans.push({ from, to });
    from = to;
  }
  if (from < to) spans.push({ from, to });
  return spans;
}
