// base + alpha (expert - anti), over the base's vocabulary.
import type { Alignment } from "./align-vocabularies.ts";

/** Writes the combined logits of one place into `out`. */
export type Combination = (
  base: Float32Array,
  expert: Float32Array,
  anti: Float32Array,
  out: Float32Array,
) => void;

/** Makes the combination for one trio; computed in 64 bits and rounded once, so that equal expert and anti change nothing. */
export function createCombination(
  alpha: number,
  vocabularySize: number,
  toExpert: Alignment,
  toAnti: Alignment,
): Combination {
  if (toExpert.identity && toAnti.identity) {
    const common = Math.min(countShared(toExpert), countShared(toAnti));
    return (base, expert, anti, out) => {
      for (let id = 0; id < common; id++) out[id] = base[id]! + alpha * (expert[id]! - anti[id]!);
      out.set(base.subarray(common), common);
    };
  }
  // Only ids that both small models know get an offset.
  const pairs: number[] = [];
  for (let id = 0; id < Math.min(vocabularySize, toExpert.ids.length); id++)
    if (toExpert.ids[id]! >= 0 && toAnti.ids[id]! >= 0) pairs.push(id, toExpert.ids[id]!, toAnti.ids[id]!);
  const mapped = Int32Array.from(pairs);
  return (base, expert, anti, out) => {
    out.set(base);
    for (let i = 0; i < mapped.length; i += 3) {
      const id = mapped[i]!;
      out[id] = base[id]! + alpha * (expert[mapped[i + 1]!]! - anti[mapped[i + 2]!]!);
    }
  };
}

/** Ids from 0 on that both vocabularies have. */
function countShared({ ids }: Alignment): number {
  const first = ids.indexOf(-1);
  return first < 0 ? ids.length : first;
}
