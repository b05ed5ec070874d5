// Numbers between bounds as GBNF: the digits of every whole number from lowest to highest, and fractions between them.

/** Whole numbers of at most 15 digits are exact in every JSON reader. */
const LARGEST = 10 ** 15 - 1;
/** Fractions are written only beside whole parts this small, where nine decimals are exact enough to stay between bounds. */
const LARGEST_WITH_FRACTION = 10 ** 6;
/** The last decimal is not 0, so a fraction is never equal to a whole number, and bounds may be exclusive. */
const FRACTION = '"." [0-9]{0,8} [1-9]';

/** Bounds of a number; absent ones do not bind. */
export interface NumberBounds {
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: number | undefined;
  readonly exclusiveMaximum?: number | undefined;
}

/** Alternatives for every whole number within the bounds (of at most 15 digits); `undefined` when there is none. */
export function integerGrammar(bounds: NumberBounds): string | undefined {
  const [low, high] = wholeBounds(bounds);
  return joined(signedRange(low, high));
}

/** As `integerGrammar`, and with decimals wherever all numbers between two neighbouring whole ones are within the bounds. */
export function numberGrammar(bounds: NumberBounds): string | undefined {
  const [low, high] = wholeBounds(bounds);
  const from = Math.max(bounds.minimum ?? -Infinity, bounds.exclusiveMinimum ?? -Infinity);
  const to = Math.min(bounds.maximum ?? Infinity, bounds.exclusiveMaximum ?? Infinity);
  const limit = LARGEST_WITH_FRACTION;
  const above = range(Math.max(0, Math.ceil(from)), Math.min(limit, Math.floor(to) - 1));
  const below = range(Math.max(0, Math.ceil(-to)), Math.min(limit, Math.floor(-from) - 1));
  return joined([
    ...signedRange(low, high),
    ...above.map((digits) => `${digits} ${FRACTION}`),
    ...below.map((digits) => `"-" ${digits} ${FRACTION}`),
  ]);
}

function joined(alternatives: readonly string[]): string | undefined {
  return alternatives.length === 0 ? undefined : alternatives.join(" | ");
}

/** Lowest and highest whole number within the bounds. */
function wholeBounds(bounds: NumberBounds): [number, number] {
  const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum, exclusiveMaximum } = bounds;
  let low = Math.ceil(minimum);
  let high = Math.floor(maximum);
  if (exclusiveMinimum !== undefined) low = Math.max(low, Math.floor(exclusiveMinimum) + 1);
  if (exclusiveMaximum !== undefined) high = Math.min(high, Math.ceil(exclusiveMaximum) - 1);
  return [Math.max(low, -LARGEST), Math.min(high, LARGEST)];
}

function signedRange(low: number, high: number): string[] {
  return [
    ...range(Math.max(0, low), high),
    ...range(Math.max(1, -high), -low).map((digits) => `"-" ${digits}`),
  ];
}

/** Alternatives for the whole numbers from `low` (0 or more) to `high`, one set for each count of digits. */
function range(low: number, high: number): string[] {
  const alternatives: string[] = [];
  for (let from = low; from <= high; ) {
    const digits = String(from).length;
    const to = Math.min(high, 10 ** digits - 1);
    alternatives.push(`(${sameLength(String(from), String(to))})`);
    from = to + 1;
  }
  return alternatives;
}

/** Digit texts of one length from `low` to `high`. */
function sameLength(low: string, high: string): string {
  if (low === "") return '""';
  const [first, last] = [Number(low[0]), Number(high[0])];
  const [lowRest, highRest] = [low.slice(1), high.slice(1)];
  const rest = lowRest.length;
  const any = (from: number, to: number): string => `[${from}-${to}]${rest === 0 ? "" : ` [0-9]{${rest}}`}`;
  if (/^0*$/.test(lowRest) && /^9*$/.test(highRest)) return any(first, last);
  if (first === last) return `"${first}" (${sameLength(lowRest, highRest)})`;
  const parts = [`"${first}" (${sameLength(lowRest, "9".repeat(rest))})`];
  if (last - first > 1) parts.push(any(first + 1, last - 1));
  parts.push(`"${last}" (${sameLength("0".repeat(rest), highRest)})`);
  return parts.join(" | ");
}
