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

/** Reduces the parts of a document: NFKC, lower case, without punctuation, symbols, separators and control characters. */
export function reduceText(parts: readonly string[]): MatchText {
  table ??= buildTable();
  const source = parts.map((part) => part.normalize("NFKC").replaceAll(PART_END, " ")).join(PART_END);
  const units = new Uint16Array(source.length);
  const places = new Int32Array(source.length);
  let n = 0;
  for (let i = 0; i < source.length; i++) {
    const unit = source.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xe000) {
      const point = source.codePointAt(i)!;
      // A lone half is dropped; a pair is kept whole or not at all.
      if (point > 0xffff) {
        if (!isStripped(String.fromCodePoint(point))) {
          places[n] = i;
          units[n++] = unit;
          places[n] = i;
          units[n++] = source.charCodeAt(i + 1);
        }
        i++;
      }
      continue;
    }
    const reduced = table[unit]!;
    if (reduced === 0) continue;
    places[n] = i;
    units[n++] = reduced;
  }
  /** Where the original of `text[at]` ends. */
  const endOf = (at: number): number => places[at]! + (source.codePointAt(places[at]!)! > 0xffff ? 2 : 1);
  return {
    text: Buffer.from(units.buffer, 0, 2 * n).toString("utf16le"),
    original(start, end) {
      return end <= start ? "" : source.slice(places[start], endOf(end - 1)).replaceAll(PART_END, "\n");
    },
    gap(at) {
      return source.slice(at === 0 ? 0 : endOf(at - 1), at < n ? places[at] : source.length);
    },
  };
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
