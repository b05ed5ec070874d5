// Seeded random numbers (sfc32), with a state that can be saved so that a resumed run continues the same sequence.
import { createHash } from "node:crypto";

/** A seeded source of random numbers. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  integer(below: number): number;
  /** Standard normal (Box-Muller, one value a call). */
  normal(): number;
  /** Exponential with mean 1. */
  exponential(): number;
  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<T>(items: T[]): T[];
  /** The state, for `createRandom(state)`. */
  save(): RandomState;
}

/** Four 32-bit words. */
export type RandomState = readonly [number, number, number, number];

/**
 * Makes a seeded generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded with SHA-256 of `seed` so that neighbouring
 * seeds and names such as `"42/shuffle"` give unrelated streams.
 */
export function createRandom(seed: number | string | RandomState): Random {
  let [a, b, c, d] = Array.isArray(seed) ? (seed as unknown as RandomState) : hashSeed(String(seed));
  const word = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };
  // 53 bits, as Math.random gives.
  const next = (): number => ((word() >>> 5) * 0x4000000 + (word() >>> 6)) / 0x20000000000000;
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    next,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    exponential: () => -Math.log(1 - next()),
    shuffle(items) {
      for (let i = items.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        [items[i], items[j]] = [items[j]!, items[i]!];
      }
      return items;
    },
    save: () => [a, b, c, d],
  };
}

function hashSeed(seed: string): RandomState {
  const digest = createHash("sha256").update(seed).digest();
  return [digest.readInt32LE(0), digest.readInt32LE(4), digest.readInt32LE(8), digest.readInt32LE(12)];
}
