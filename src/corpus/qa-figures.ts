// The figures of a text and their units, so that an answer's can be looked for in its passage: digits of any script, decimal commas and
// thousands' separators, number words, units by their names in six languages and converted to one.
import { MULTIPLIERS, NUMBER_WORDS, UNIT_NAMES } from "./qa-units.ts";

/** A figure in a text. */
export interface Figure {
  /** As it stands, with its unit. */
  readonly text: string;
  /** What it may mean: "1,234" is 1234 or 1.234. In units of `dimension` where there is one. */
  readonly values: readonly number[];
  /** The values without a conversion. */
  readonly bare: readonly number[];
  /** What is measured, when a unit of ours follows: "mass", "time"... */
  readonly dimension: string | undefined;
  /** A word, not digits. */
  readonly word: boolean;
}

const alternatives = (words: Iterable<string>): string =>
  [...words]
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\/]/gu, "\\$&").replaceAll(" ", "\\s+"))
    .join("|");
const LATIN_END = "(?![\\p{L}\\p{M}])";
const UNITS = new Map(
  UNIT_NAMES.flatMap(({ dimension, factor, names }) =>
    names
      .split("|")
      .map((name) => [name.normalize("NFKC").replace(/µ/gu, "μ"), { dimension, factor }] as const),
  ),
);
const WORDS = new Map(
  NUMBER_WORDS.flatMap(({ names, ...word }) =>
    names.split(" ").map((name) => [name.normalize("NFKC"), word] as const),
  ),
);
const SCALES = new Map(
  MULTIPLIERS.flatMap(({ value, names }) =>
    names.split(" ").map((name) => [name.normalize("NFKC"), value] as const),
  ),
);

const HAN = "[零〇一二两三四五六七八九十百千]+(?:点[零〇一二三四五六七八九]+)?|半";
const NUMBER = `\\d+(?:[.,'’٫٬\\u00a0 ]\\d+)*`;
/** One figure: a number (in digits, a word, Han), a scale word, a unit. Han units need no end: words follow at once. */
const FIGURE = new RegExp(
  `(?:(?<digits>${NUMBER})|(?<han>(?:百分之)?(?:${HAN}))|(?<![\\p{L}\\p{M}])(?<word>${alternatives(WORDS.keys())})${LATIN_END})` +
    `(?:[\\s-]*(?<scale>${alternatives([...SCALES.keys()].filter(isHan))}|(?:${alternatives([...SCALES.keys()].filter((name) => !isHan(name)))})${LATIN_END}))?` +
    `(?:[\\s-]*(?:de\\s+|d['’])?(?<unit>${alternatives([...UNITS.keys()].filter((name) => !needsEnd(name)))}|(?:${alternatives([...UNITS.keys()].filter(needsEnd))})${LATIN_END}))?`,
  "giu",
);
/** What stands between the two figures of a range. */
const RANGE = /^\s*(?:[-–—~～/]|to|or|and|à|ou|et|a|o|y|至|到|或|से|या|और|إلى|أو|و)\s*$/iu;
/** A list's own numbers at the beginnings of lines. */
const LIST_NUMBER = /^\s*(?:[(（]\d{1,2}[)）]|\d{1,2}(?:[)）、]|\.(?!\d)))/gmu;

function isHan(name: string): boolean {
  return /\p{Script=Han}/u.test(name);
}

function needsEnd(name: string): boolean {
  return /[\p{L}\p{M}]$/u.test(name) && !isHan(name);
}

/** Every figure of a text, in order. List numbers are none; of number words those count that have a unit, and all with `allWords`. */
export function figuresOf(text: string, allWords = false): Figure[] {
  const plain = toPlainDigits(text).replace(LIST_NUMBER, (number) => " ".repeat(number.length));
  const found: (Figure & { readonly from: number; readonly to: number })[] = [];
  for (const match of plain.matchAll(FIGURE)) {
    const { digits, han, word, scale, unit } = match.groups!;
    const percent = han?.startsWith("百分之") ?? false;
    // "One" is left out in the other languages too.
    if (han === "一" && !allWords) continue;
    const spoken = word === undefined ? undefined : WORDS.get(word.toLowerCase())!;
    const read =
      digits !== undefined
        ? readDigits(digits)
        : spoken !== undefined
          ? [spoken.value]
          : [readHan(percent ? han!.slice(3) : han!)];
    const times = scale === undefined ? 1 : SCALES.get(scale.toLowerCase())!;
    const bare = read.map((value) => value * times);
    const known = unit === undefined ? undefined : unitOf(unit);
    const dimension = percent ? "share" : (known?.dimension ?? spoken?.dimension);
    if (digits === undefined && dimension === undefined && !allWords) continue;
    found.push({
      text: match[0].trim(),
      values: bare.map((value) => value * (known?.factor ?? 1)),
      bare,
      dimension,
      word: digits === undefined,
      from: match.index,
      to: match.index + match[0].length,
    });
  }
  return found.map((figure, i) => {
    const { from, to, ...own } = figure;
    const next = found[i + 1];
    // "5-10 mg": the unit is the first one's too.
    if (
      own.dimension !== undefined ||
      next?.dimension === undefined ||
      !RANGE.test(plain.slice(to, next.from))
    )
      return own;
    const factor = next.bare[0] === 0 ? 1 : next.values[0]! / next.bare[0]!;
    return { ...own, dimension: next.dimension, values: own.bare.map((value) => value * factor) };
  });
}

/**
 * The figures of `text` that `source` does not hold. A figure with a unit must stand there with a unit of the same kind and the same amount
 * (500 mg is 0.5 g); where either has none, the number alone counts.
 */
export function ungroundedFigures(text: string, source: string): Figure[] {
  const there = figuresOf(source, true);
  return figuresOf(text).filter(
    (figure) =>
      !there.some((known) =>
        figure.dimension !== undefined && known.dimension !== undefined
          ? figure.dimension === known.dimension && meet(figure.values, known.values)
          : // A dose needs its unit; a count of days or patients may be said without.
            (figure.dimension === undefined || !known.word) &&
            !isDose(figure, known) &&
            meet(figure.bare, known.bare),
      ),
  );
}

/** Kinds of units that a figure of the source must have too: 5 mg is not grounded in "5 weeks", nor in "5 children". */
const DOSES = new Set(["mass", "volume", "activity", "concentration", "pressure", "temperature", "doses"]);

function isDose(figure: Figure, known: Figure): boolean {
  return figure.dimension !== undefined && DOSES.has(figure.dimension) && known.dimension === undefined;
}

function meet(a: readonly number[], b: readonly number[]): boolean {
  return a.some((x) => b.some((y) => Math.abs(x - y) <= 1e-9 * Math.max(1, Math.abs(x), Math.abs(y))));
}

function unitOf(name: string): { readonly dimension: string; readonly factor: number } | undefined {
  const spaced = name.replace(/\s+/gu, " ");
  return UNITS.get(spaced) ?? UNITS.get(spaced.toLowerCase());
}

/** Digits of any script as ASCII, one unit for each; presentation forms as their plain letters. */
function toPlainDigits(text: string): string {
  return text
    .normalize("NFKC")
    .replace(/µ/gu, "μ")
    .replace(/(?![0-9])\p{Nd}/gu, (digit) => {
      let value = 0;
      for (
        let point = digit.codePointAt(0)! - 1;
        value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point));
        point--
      )
        value++;
      return String(value);
    });
}

/** The readings of a number with separators. */
function readDigits(text: string): number[] {
  const parts = text.split(/[.,'’٫٬\s]/u);
  const marks = text.replace(/\d/gu, "");
  const last = marks.at(-1);
  if (last === undefined) return [Number(text)];
  const joined = Number(parts.join(""));
  const decimal = Number(`${parts.slice(0, -1).join("")}.${parts.at(-1)}`);
  const grouped =
    parts.slice(1).every((part) => part.length === 3 || part.length === 2) && parts.at(-1)!.length === 3;
  const single = marks.split("").filter((mark) => mark === last).length === 1;
  if (last === "٫") return [decimal];
  const readings = [
    ...(grouped ? [joined] : []),
    ...(single && (last === "." || last === ",") ? [decimal] : []),
  ];
  // A list without spaces ("1,2,3") or words that touch ("5 10"): each by itself.
  return readings.length > 0 ? readings : parts.map(Number);
}

const HAN_DIGITS = "零一二三四五六七八九";

function readHan(text: string): number {
  if (text === "半") return 0.5;
  const [whole = "", fraction] = text.replaceAll("〇", "零").replaceAll("两", "二").split("点");
  let sum = 0;
  let digit = 0;
  let pending = false;
  for (const sign of whole) {
    const value = HAN_DIGITS.indexOf(sign);
    if (value >= 0) {
      // 二零二四: figures one by one.
      digit = pending ? 10 * digit + value : value;
      pending = true;
    } else {
      const power = sign === "十" ? 10 : sign === "百" ? 100 : 1000;
      sum += (pending && digit > 0 ? digit : 1) * power;
      [digit, pending] = [0, false];
    }
  }
  sum += digit;
  return fraction === undefined
    ? sum
    : Number(`${sum}.${[...fraction].map((sign) => HAN_DIGITS.indexOf(sign)).join("")}`);
}
