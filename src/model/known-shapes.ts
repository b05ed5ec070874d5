// The shapes of the models that Apollo starts from, so that a plan needs neither the hub nor its leave (gemma's files want a licence
// accepted). What their config.json says; parameter counts are checked against the published ones by a test.
import type { ModelConfig } from "./config.ts";
import { freshTraits } from "./write-config.ts";

type Shape = Pick<
  ModelConfig,
  | "architecture"
  | "hiddenSize"
  | "layers"
  | "heads"
  | "keyValueHeads"
  | "headSize"
  | "intermediateSize"
  | "vocabularySize"
  | "ropeTheta"
  | "contextLength"
  | "normEpsilon"
  | "tiedEmbeddings"
>;

// Architecture, hidden size, layers, heads, key-value heads, head size, MLP width, vocabulary, theta, context, epsilon, tied.
const ROWS: Readonly<Record<string, readonly [ModelConfig["architecture"], ...number[]]>> = {
  "Qwen/Qwen1.5-0.5B": ["qwen2", 1024, 24, 16, 16, 64, 2816, 151_936, 1e6, 32_768, 1e-6, 1],
  "Qwen/Qwen-1_8B": ["qwen", 2048, 24, 16, 16, 128, 5504, 151_936, 1e4, 8192, 1e-6, 0],
  "google/gemma-2b": ["gemma", 2048, 18, 8, 1, 256, 16_384, 256_000, 1e4, 8192, 1e-6, 1],
  "01-ai/Yi-6B": ["llama", 4096, 32, 32, 4, 128, 11_008, 64_000, 5e6, 4096, 1e-5, 0],
  "google/gemma-7b": ["gemma", 3072, 28, 16, 16, 256, 24_576, 256_000, 1e4, 8192, 1e-6, 1],
  "01-ai/Yi-34B": ["llama", 7168, 60, 56, 8, 128, 20_480, 64_000, 5e6, 4096, 1e-5, 0],
  "Qwen/Qwen-72B": ["qwen", 8192, 80, 64, 64, 128, 24_576, 152_064, 1e6, 32_768, 1e-6, 0],
};

/** The shape of `owner/name`, where it is one of them. */
export function knownShape(name: string): ModelConfig | undefined {
  const row = ROWS[name];
  if (row === undefined) return undefined;
  const [
    architecture,
    hidden,
    layers,
    heads,
    keyValueHeads,
    headSize,
    inner,
    vocabulary,
    theta,
    context,
    epsilon,
    tied,
  ] = row as readonly [
    ModelConfig["architecture"],
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const shape: Shape = {
    architecture,
    hiddenSize: hidden,
    layers,
    heads,
    keyValueHeads,
    headSize,
    intermediateSize: inner,
    vocabularySize: vocabulary,
    ropeTheta: theta,
    contextLength: context,
    normEpsilon: epsilon,
    tiedEmbeddings: tied === 1,
  };
  return { ...shape, ...freshTraits(architecture), bosId: undefined, eosId: undefined };
}
