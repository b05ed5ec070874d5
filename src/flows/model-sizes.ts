// The published Apollo models as memory: which of them fit a machine, at which quantisation.
import assert from "node:assert/strict";
import { knownShape, parameterCount } from "../model/index.ts";

/** A published model. */
export interface ApolloSize {
  readonly name: string;
  /** Its base on the hub, by which `knownShape` has its shape. */
  readonly base: string;
}

/** The family of the paper, but for the hybrid MedJamba; the base of the 34B is not stated there and taken to be Yi-34B. */
export const APOLLO_SIZES: readonly ApolloSize[] = [
  { name: "0.5B", base: "Qwen/Qwen1.5-0.5B" },
  { name: "1.8B", base: "Qwen/Qwen-1_8B" },
  { name: "2B", base: "google/gemma-2b" },
  { name: "6B", base: "01-ai/Yi-6B" },
  { name: "7B", base: "google/gemma-7b" },
  { name: "34B", base: "01-ai/Yi-34B" },
  { name: "72B", base: "Qwen/Qwen-72B" },
];

/** File types and their bits a weight; q4_k_m mixes 4- and 6-bit blocks, about 4.85 together. */
export const QUANTISATIONS = { q4_k_m: 4.85, q8_0: 8.5, f16: 16 } as const;
/** A name of `QUANTISATIONS`. */
export type Quantisation = keyof typeof QUANTISATIONS;

/** The tokens of context that the answers below are about. */
export const FIT_CONTEXT = 4096;
/** A cache of 16-bit keys and values, as llama.cpp's default. */
const CACHE_BYTES = 2;
/** The library, its buffers and Node beside the weights. */
const OVERHEAD_BYTES = 512 * 2 ** 20;

/** A model at a quantisation on a machine. */
export interface ModelFit {
  readonly model: string;
  readonly quantisation: Quantisation;
  /** Weights, cache of `FIT_CONTEXT` tokens and what runs them. */
  readonly bytes: number;
  readonly fits: boolean;
  /** A rough guess for one stream: every weight and half the cache are read once a token. */
  readonly tokensPerSecond: number;
}

/** Every size at every quantisation, given the memory (bytes) and its bandwidth (bytes a second). */
export function modelFits(memory: number, bandwidth: number): ModelFit[] {
  return APOLLO_SIZES.flatMap(({ name, base }) => {
    const shape = knownShape(base);
    assert(shape !== undefined, base);
    const parameters = parameterCount(shape);
    return (Object.keys(QUANTISATIONS) as Quantisation[]).map((quantisation) => {
      const weights = (parameters * QUANTISATIONS[quantisation]) / 8;
      const cache = 2 * CACHE_BYTES * shape.layers * shape.keyValueHeads * shape.headSize * FIT_CONTEXT;
      const bytes = Math.round(weights + cache + OVERHEAD_BYTES);
      return {
        model: `Apollo-${name}`,
        quantisation,
        bytes,
        fits: bytes <= memory,
        tokensPerSecond: bandwidth / (weights + cache / 2),
      };
    });
  });
}
