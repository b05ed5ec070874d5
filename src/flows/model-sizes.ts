// The published Apollo models as memory: which of them fit a machine, at which quantisation.

/** A published model: what decides its size. From the config.json of its base model. */
export interface ApolloSize {
  readonly name: string;
  readonly base: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly feedForward: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  /** The output matrix is the input's. */
  readonly tied?: true;
}

const size = (name: string, base: string, shape: readonly number[], tied?: true): ApolloSize => {
  const [layers, hiddenSize, feedForward, heads, keyValueHeads, headSize, vocabulary] = shape as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const rest = { layers, hiddenSize, feedForward, heads, keyValueHeads, headSize, vocabulary };
  return { name, base, ...rest, ...(tied === undefined ? {} : { tied }) };
};

/** The family of the paper, but for the hybrid MedJamba; the base of the 34B is not stated there and taken to be Yi-34B. */
export const APOLLO_SIZES: readonly ApolloSize[] = [
  size("0.5B", "Qwen1.5-0.5B", [24, 1024, 2816, 16, 16, 64, 151_936], true),
  size("1.8B", "Qwen-1_8B", [24, 2048, 5504, 16, 16, 128, 151_936]),
  size("2B", "gemma-2b", [18, 2048, 16_384, 8, 1, 256, 256_000], true),
  size("6B", "Yi-6B", [32, 4096, 11_008, 32, 4, 128, 64_000]),
  size("7B", "gemma-7b", [28, 3072, 24_576, 16, 16, 256, 256_000], true),
  size("34B", "Yi-34B", [60, 7168, 20_480, 56, 8, 128, 64_000]),
  size("72B", "Qwen-72B", [80, 8192, 24_576, 64, 64, 128, 152_064]),
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

/** Number of weights: embeddings, attention and gated feed-forward; norms and biases are too few to matter. */
export function parameterCount(model: ApolloSize): number {
  const { layers, hiddenSize, feedForward, heads, keyValueHeads, headSize, vocabulary, tied } = model;
  const attention = 2 * hiddenSize * headSize * (heads + keyValueHeads);
  return (
    vocabulary * hiddenSize * (tied === true ? 1 : 2) + layers * (attention + 3 * hiddenSize * feedForward)
  );
}

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
  return APOLLO_SIZES.flatMap((model) =>
    (Object.keys(QUANTISATIONS) as Quantisation[]).map((quantisation) => {
      const weights = (parameterCount(model) * QUANTISATIONS[quantisation]) / 8;
      const cache = 2 * CACHE_BYTES * model.layers * model.keyValueHeads * model.headSize * FIT_CONTEXT;
      const bytes = Math.round(weights + cache + OVERHEAD_BYTES);
      return {
        model: `Apollo-${model.name}`,
        quantisation,
        bytes,
        fits: bytes <= memory,
        tokensPerSecond: bandwidth / (weights + cache / 2),
      };
    }),
  );
}
