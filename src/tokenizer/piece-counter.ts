// Counts the pieces that texts are cut into before merging, in bounded memory.
import { PRE_TOKENIZERS, type PreTokenizer } from "./pre-tokenizers.ts";

/** Distinct pieces and how often each occurs. */
export interface PieceCounter {
  add(text: string): void;
  /** In the order first seen. */
  readonly counts: ReadonlyMap<string, number>;
  /** Occurrences that are no longer counted, because the pieces were rare and short. */
  readonly forgotten: number;
}

/** Different pieces held at once; with what learning makes of them they take less than 1 GB. */
const HELD = 1 << 20;
/** Rare pieces of at least this many characters are cut in two instead of forgotten: where no spaces are written a piece is a clause. */
const CUTTABLE = 4;

/**
 * A counter that holds at most `held` different pieces. When there are more, the rarest go: long ones are halved, so that what they are made of
 * still counts, short ones are forgotten. Deterministic; with fewer pieces, exact.
 */
export function createPieceCounter(preTokenizer: PreTokenizer, nfc: boolean, held = HELD): PieceCounter {
  const { pattern } = PRE_TOKENIZERS[preTokenizer];
  let counts = new Map<string, number>();
  let floor = 0;
  let forgotten = 0;
  const add = (into: Map<string, number>, piece: string, by: number): void => {
    into.set(piece, (into.get(piece) ?? 0) + by);
  };
  const thin = (): void => {
    floor++;
    const kept = new Map<string, number>();
    for (const [piece, n] of counts) {
      if (n > floor) {
        add(kept, piece, n);
        continue;
      }
      const characters = [...piece];
      if (characters.length < CUTTABLE) {
        forgotten += n;
        continue;
      }
      const middle = characters.length >> 1;
      add(kept, characters.slice(0, middle).join(""), n);
      add(kept, characters.slice(middle).join(""), n);
    }
    counts = kept;
  };
  return {
    add(text) {
      for (const piece of (nfc ? text.normalize("NFC") : text).match(pattern) ?? []) add(counts, piece, 1);
      // Down to half, so that this is seldom needed.
      if (counts.size > held) while (counts.size > held / 2) thin();
    },
    get counts() {
      return counts;
    },
    get forgotten() {
      return forgotten;
    },
  };
}
