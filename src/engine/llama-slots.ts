// What the sequences of a context hold, and which one a new text is given: one that begins like it, else the one that was
// left longest ago. Pure bookkeeping: knows no native memory.

/** One sequence of a context. */
export interface Slot {
  readonly sequence: number;
  /** Tokens whose keys and values are in the cache, by position. */
  readonly held: number[];
  /** How many of them another text may start from. */
  reusable: number;
  /** A session lives in it. */
  taken: boolean;
  /** When it was left: larger is later. */
  left: number;
}

/** Where a text goes. */
export interface Placement {
  readonly slot: Slot;
  /** The slot whose cache is to be copied first. */
  readonly copyFrom?: Slot;
}

/** The sequences of one context. */
export interface Slots {
  readonly all: readonly Slot[];
  /** Takes a slot for a text; one must be free. */
  take(tokens: Int32Array): Placement;
  /** Gives a slot back; what it holds is kept until the slot is needed. */
  release(slot: Slot): void;
}

/** A copy moves the cache of the whole sequence: it pays when at least this share of the cells is saved. */
const WORTH_COPYING = 1 / 16;

/** `count` empty slots of `cells` tokens each. */
export function createSlots(count: number, cells: number): Slots {
  const all: Slot[] = Array.from({ length: count }, (_, sequence) => ({
    sequence,
    held: [],
    reusable: 0,
    taken: false,
    left: 0,
  }));
  let clock = 0;
  return {
    all,
    take(tokens) {
      const shared = new Map(all.map((slot) => [slot, sharedTokens(slot, 0, tokens)]));
      const saved = (slot: Slot): number => shared.get(slot)!;
      const free = all.filter((slot) => !slot.taken);
      // A text that shares only a greeting with a long conversation must not cost that conversation its cache.
      const continued = free
        .filter((slot) => saved(slot) > 0 && 2 * saved(slot) >= slot.held.length)
        .reduce<Slot | undefined>(
          (best, slot) => (best && saved(best) >= saved(slot) ? best : slot),
          undefined,
        );
      const oldest = free.reduce((best, slot) => (isOlder(slot, best) ? slot : best));
      const source = all.reduce((best, slot) => (saved(slot) > saved(best) ? slot : best));
      const slot = continued ?? oldest;
      slot.taken = true;
      return source !== slot && saved(source) - saved(slot) >= cells * WORTH_COPYING
        ? { slot, copyFrom: source }
        : { slot };
    },
    release(slot) {
      slot.taken = false;
      slot.left = ++clock;
    },
  };
}

/** Empty slots first, then those left longest ago. */
function isOlder(slot: Slot, other: Slot): boolean {
  const empty = slot.held.length === 0;
  return empty === (other.held.length === 0) ? slot.left < other.left : empty;
}

/** How many of `tokens`, its last one excepted, the slot has to give from position `start` on. */
export function sharedTokens({ held, reusable }: Slot, start: number, tokens: Int32Array): number {
  const most = Math.min(reusable - start, tokens.length - 1);
  let length = 0;
  while (length < most && held[start + length] === tokens[length]) length++;
  return length;
}
