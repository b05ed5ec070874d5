// Two sets of answers to the same items: how far apart they are, and whether that could be chance.
import { type Interval, mcnemar, type Pair, pairedBootstrap } from "./statistics.ts";

/** The second set of answers against the first. */
export interface PairedDifference {
  /** Items that both answered. */
  readonly n: number;
  /** Share of right answers of the second minus that of the first. */
  readonly difference: number;
  /** Paired bootstrap, 95 %; passages that several items share are drawn whole. */
  readonly interval: Interval;
  /** McNemar, exact; takes the items as independent, also where they share passages. */
  readonly pValue: number;
  /** Items that only the second answered rightly, and only the first. */
  readonly gained: number;
  readonly lost: number;
}

/** The difference between scores of 0 and 1; at least one pair. */
export function pairedDifference(pairs: readonly Pair[], seed: string): PairedDifference {
  const gained = pairs.filter((pair) => pair.second > pair.first).length;
  const lost = pairs.filter((pair) => pair.second < pair.first).length;
  return {
    n: pairs.length,
    difference: (gained - lost) / pairs.length,
    interval: pairedBootstrap(pairs, { seed }),
    pValue: mcnemar(lost, gained),
    gained,
    lost,
  };
}
