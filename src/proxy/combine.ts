// base + alpha (expert - anti), over the base's vocabulary.
import { mostLikely } from "../engine/index.ts";
import type { Alignment } from "./align-vocabularies.ts";
import { type Steering, strengthAt } from "./steering.ts";

/** Writes the combined logits of one place into `out`; `index` generated (or scored) tokens came before it. */
export type Combination = (
  base: Float32Array,
  expert: Float32Array,
  anti: Float32Array,
  index: number,
  out: Float32Array,
) => void;

/** The tokens that all three know: those that get an offset. */
export interface SharedTokens {
  /** Ids below this mean the same in all three. */
  readonly common: number;
  /** The other shared ids: base's, expert's, anti's, base's, ... */
  readonly mapped: Int32Array;
  /** For any id of the base: the expert's and the anti's; -1 where there is none. */
  readonly toExpert: Int32Array;
  readonly toAnti: Int32Array;
}

/** Finds the shared tokens of a trio, once for all its strengths. */
export function findSharedTokens(
  vocabularySize: number,
  { ids: toExpert }: Alignment,
  { ids: toAnti }: Alignment,
): SharedTokens {
  const end = Math.min(vocabularySize, toExpert.length, toAnti.length);
  let common = 0;
  while (common < end && toExpert[common] === common && toAnti[common] === common) common++;
  const mapped: number[] = [];
  for (let id = common; id < end; id++)
    if (toExpert[id]! >= 0 && toAnti[id]! >= 0) mapped.push(id, toExpert[id]!, toAnti[id]!);
  return { common, mapped: Int32Array.from(mapped), toExpert, toAnti };
}

/** Makes the combination of one steering; computed in 64 bits and rounded once, so that equal expert and anti change nothing. */
export function createCombination(steering: Steering, shared: SharedTokens): Combination {
  const { topK } = steering;
  return (base, expert, anti, index, out) => {
    const strength = strengthAt(steering, index, base);
    if (strength === 0) out.set(base);
    else if (topK === undefined || topK >= base.length) combineAll(base, expert, anti, strength, shared, out);
    else {
      out.set(base);
      for (const id of mostLikely(base, topK)) {
        const e = shared.toExpert[id] ?? -1;
        const a = shared.toAnti[id] ?? -1;
        if (e >= 0 && a >= 0) out[id] = base[id]! + strength * (expert[e]! - anti[a]!);
      }
    }
  };
}

function combineAll(
  base: Float32Array,
  expert: Float32Array,
  anti: Float32Array,
  strength: number,
  { common, mapped }: SharedTokens,
  out: Float32Array,
): void {
  for (let id = 0; id < common; id++) out[id] = base[id]! + strength * (expert[id]! - anti[id]!);
  out.set(base.subarray(common), common);
  for (let i = 0; i < mapped.length; i += 3) {
    const id = mapped[i]!;
    out[id] = base[id]! + strength * (expert[mapped[i + 1]!]! - anti[mapped[i + 2]!]!);
  }
}
