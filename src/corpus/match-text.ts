// Text reduced to what matters when two texts are compared: letters, marks and digits in one case. Punctuation, symbols and
// spaces go, so that neither layout nor typography hides a copy.

/** Reduced text that knows where it came from. */
export interface MatchText {
  /** Letters, marks and digits only; `PART_END` between parts. */
  readonly text: string;
  /** The stretch of the (NFKC) original that `text.slice(start, end)` stands for; parts on lines of their own. */
  original(start: number, end: number): string;
  /** What the original has between `text[at - 1]` and `text[at]`. */
  gap(at: number): string;
}

/** Stands between the parts of a document (its turns), so that no match runs across them. */
export const PART_END = "\u0001";

/** For each UTF-16 unit what it becomes; 0 = nothing. Built once: testing character classes by regex costs ten times as much. */
let table: Uint16Array | undefined;

/** Units while a text is reduced: making them anew for each would cost more than filling them. Very long texts get their own. */
const scratch = new Uint16Array(1 << 16);

/** Reduces the parts of a document: NFKC, lower case, without punctuation, symbols, separators and control characters. */
export function reduceText(parts: readonly string[]): MatchText {
  const source = parts.map((part) => part.normalize("NFKC").replaceAll(PART_END, " ")).join(PART_END);
  const text = reduce(source);
  let places: Int32Array | undefined;
  /** Where `text[at]` stands in the source. Hardly a text is asked for that: it is reduced a second time then. */
  const placeOf = (at: number): number => {
    if (places === undefined) {
      places = new Int32Array(text.length);
      reduce(source, places);
    }
    return places[at]!;
  };
  /** Where the original of `text[at]` ends. */
  const endOf = (at: number): number => placeOf(at) + (source.codePointAt(placeOf(at))! > 0xffff ? 2 : 1);
  return {
    text,
    original(start, end) {
      return end <= start ? "" : source.slice(placeOf(start), endOf(end - 1)).replaceAll(PART_END, "\n");
    },
    gap(at) {
      return source.slice(at === 0 ? 0 : endOf(at - 1), at < text.length ? placeOf(at) : source.length);
    },
  };
}

/** What is left of a text in NFKC; with `places`, also where each of its units stood. */
function reduce(source: string, places?: Int32Array): string {
  table ??= buildTable();
  const kept = table;
  const units = source.length <= scratch.length ? scratch : new Uint16Array(source.length);
  let n = 0;
  let all = 0;
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xe000) {
      const point = source.codePointAt(i)!;
      // A lone half is dropped; a pair is kept whole or not at all.
      if (point > 0xffff) {
        if (!isStripped(String.fromCodePoint(point))) {
          for (const half of [unit, source.charCodeAt(i + 1)]) {
            if (places !== undefined) places[n] = i;
            units[n++] = half;
            all |= half;
          }
        }
        i++;
      }
      continue;
    }
    const reduced = kept[unit]!;
    if (reduced === 0) continue;
    if (places !== undefined) places[n] = i;
    units[n++] = reduced;
    all |= reduced;
  }
  // Half the bytes where one is enough.
  if (all < 0x100) return Buffer.from(units.subarray(0, n)).toString("latin1");
  return Buffer.from(units.buffer, 0, 2 * n).toString("utf16le");
}

function isStripped(character: string): boolean {
  return /[\p{P}\p{S}\p{Z}\p{C}]/u.test(character);
}

function buildTable(): Uint16Array {
  const units = new Uint16Array(0x10000);
  for (let unit = 0; unit < 0x10000; unit++) {
    const character = String.fromCharCode(unit);
    if (isStripped(character)) continue;
    const lower = character.toLowerCase();
    units[unit] = lower.length === 1 ? lower.charCodeAt(0) : unit;
  }
  units[PART_END.charCodeAt(0)] = PART_END.charCodeAt(0);
  return units;
}
