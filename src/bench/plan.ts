// Which items a run scores, in which order, with which worked examples: decided by the suite, the options and the seed alone,
// so that an interrupted run goes on where it stopped.
import { createRandom } from "../core/index.ts";
import { type Item, optionText } from "./item.ts";
import { bySource } from "./item-text.ts";
import type { BenchMode } from "./prompts.ts";
import type { LeftOut, Protocol } from "./protocol.ts";

/** Why an item of the suite is not scored. */
export type SkipReason = "multiple-gold" | "empty-gold-option" | "over-limit" | LeftOut;

/** The items of a run. */
export interface Plan {
  readonly items: readonly Item[];
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
}

/**
 * Chooses the items: those the mode can score, at most `limit` of each source (a seeded draw; a smaller limit gives a subset
 * of a larger one), in the order of the suite. `items` may be a part of `whole`: items are drawn in one order for all parts, so
 * that two ways of asking share what they can.
 */
export function planItems(
  items: readonly Item[],
  options: {
    readonly mode: BenchMode;
    readonly limit?: number | undefined;
    readonly seed: number;
    /** Default: `items`. */
    readonly whole?: readonly Item[];
  },
): Plan {
  const skipped: Partial<Record<SkipReason, number>> = {};
  const skip = (reason: SkipReason, count = 1): void => {
    if (count > 0) skipped[reason] = (skipped[reason] ?? 0) + count;
  };
  const scorable = items.filter((item) => {
    const reason = unscorable(item, options.mode);
    if (reason !== undefined) skip(reason);
    return reason === undefined;
  });
  const kept = new Set<Item>(scorable);
  if (options.limit !== undefined) {
    for (const [source, list] of bySource(options.whole ?? items)) {
      const order = createRandom(`${options.seed}/limit/${source}`).shuffle([...list]);
      const over = order.filter((item) => kept.has(item)).slice(options.limit);
      for (const item of over) kept.delete(item);
      skip("over-limit", over.length);
    }
  }
  return { items: items.filter((item) => kept.has(item)), skipped };
}

function unscorable(item: Item, mode: BenchMode): SkipReason | undefined {
  if (mode === "generate") return undefined;
  // One choice can never equal a set of several: such items would be lost by every model.
  if (item.gold.length > 1) return "multiple-gold";
  if (mode === "text" && optionText(item.options[item.gold[0]!]!) === "") return "empty-gold-option";
  return undefined;
}

/** Picks the worked examples of one item. */
export type ShotPicker = (item: Item) => Item[];

/**
 * Picks `count` worked examples for an item from `pool`: of its source, else of its language, never one with its question
 * (unless the protocol says so). A draw depends on the seed and the item's id only.
 */
export function createShotPicker(
  pool: readonly Item[],
  options: { readonly count: number; readonly seed: number; readonly protocol: Protocol },
): ShotPicker {
  const { count, seed, protocol } = options;
  if (count === 0) return () => [];
  const groups = new Map<string, Item[]>();
  for (const item of pool) {
    if (unscorable(item, protocol.mode) !== undefined) continue;
    for (const key of groupKeys(item)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [item]);
      else group.push(item);
    }
  }
  const isItself = (shot: Item, item: Item): boolean =>
    protocol.repeatedShots === true ? shot.id === item.id : shot.question === item.question;
  return (item) => {
    const first = protocol.firstShots?.(item) === true;
    const keys = groupKeys(item).filter((key) => first || !key.startsWith("subject "));
    const group = keys.map((key) => groups.get(key)).find((found) => found !== undefined) ?? [];
    const shots: Item[] = [];
    for (const shot of first ? group : drawn(group, `${seed}/shots/${item.id}`)) {
      if (shots.length === count) break;
      if (!isItself(shot, item)) shots.push(shot);
    }
    return protocol.fitShots?.(item, shots) ?? shots;
  };
}

/** The groups that an item belongs to, nearest first. */
function groupKeys({ source, subject, language }: Item): string[] {
  return [
    ...(subject === undefined ? [] : [`subject ${source}/${subject}`]),
    `source ${source}`,
    `language ${language}`,
  ];
}

/** The items of a group in drawn order, without repetition. */
function* drawn(group: readonly Item[], seed: string): Generator<Item> {
  const random = createRandom(seed);
  const tried = new Set<number>();
  while (tried.size < group.length) {
    const at = random.integer(group.length);
    if (tried.has(at)) continue;
    tried.add(at);
    yield group[at]!;
  }
}
