// The quickstart's stages: where each artifact lies, and the fixed choices of the sample run.
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The shipped samples: corpus in ApolloCorpus format, exam in XMedBench format. */
export const SAMPLES = {
  corpus: fileURLToPath(new URL("../../samples/corpus", import.meta.url)),
  taught: fileURLToPath(new URL("../../samples/exam/taught.json", import.meta.url)),
  heldOut: fileURLToPath(new URL("../../samples/exam/held-out.json", import.meta.url)),
} as const;

/** The recipe of the model that is trained. */
export const RECIPE = fileURLToPath(new URL("../../recipes/quickstart.yaml", import.meta.url));

/** Tokens in the vocabulary learnt from the sample corpus. */
export const VOCABULARY_SIZE = 3072;

/** Ends a text. */
export const END_TOKEN = "<|endoftext|>";

/** Positions in a packed row. */
export const ROW_LENGTH = 256;

/**
 * How often the sample texts are seen. As in the published mixture the passages come early and the question-answer pairs late;
 * unlike there, a model that starts from nothing needs to see each pair many times.
 */
export const MIXTURE = {
  medicalWiki: { priority: 16, epochs: 2 },
  medicalGuideline: { priority: 2, epochs: 40 },
  medicalPatient: { priority: 2, epochs: 30 },
} as const;

/** The larger sibling of the proxy trio: never trained, wider and deeper. */
export const LARGER = { hiddenSize: 256, layers: 6, heads: 8, intermediateSize: 704 } as const;

/** Paths inside the quickstart's folder. */
export function layout(out: string) {
  return {
    corpus: join(out, "corpus"),
    clean: join(out, "clean"),
    tokenizer: join(out, "tokenizer"),
    packed: join(out, "packed"),
    model: join(out, "model"),
    untrained: join(out, "untrained"),
    larger: join(out, "larger"),
    gguf: (name: string) => join(out, "gguf", `${name}.gguf`),
    bench: (name: string) => join(out, "bench", name),
    report: join(out, "report.html"),
  };
}
