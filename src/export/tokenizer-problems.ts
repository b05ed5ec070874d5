// What is wrong with the vocabulary of a GGUF file. Most of these load and merely tokenise differently.
import type { GgufHeader } from "../engine/index.ts";
import type { Problem } from "./inspect.ts";

/** Problems of the `tokenizer.*` keys. */
export function tokenizerProblems({ metadata, tensors }: GgufHeader, architecture: string): Problem[] {
  const problems: Problem[] = [];
  const add = (code: string, message: string): void => {
    problems.push({ code, message });
  };
  const list = (key: string): readonly unknown[] | undefined => {
    const value = metadata.get(key);
    return Array.isArray(value) ? value : undefined;
  };
  const model = metadata.get("tokenizer.ggml.model");
  const tokens = list("tokenizer.ggml.tokens");
  if (model === undefined || tokens === undefined) {
    return [{ code: "no-tokenizer", message: "tokenizer.ggml.model or tokenizer.ggml.tokens is missing" }];
  }
  const rows = tensors.find((tensor) => tensor.name === "token_embd.weight")?.shape[1];
  if (rows !== undefined && rows !== tokens.length) {
    add(
      "vocabulary-size",
      `${tokens.length} tokens for ${rows} rows of token_embd.weight: they must be equal`,
    );
  }
  const doubled = tokens.length - new Set(tokens).size;
  if (doubled > 0) add("doubled-tokens", `${doubled} tokens have the text of another: loaders stop at that`);
  const types = list("tokenizer.ggml.token_type");
  if (types === undefined) {
    add("no-token-types", "tokenizer.ggml.token_type is missing: control tokens count as text");
  } else if (types.length !== tokens.length) {
    add("token-types", `${types.length} token types for ${tokens.length} tokens`);
  }
  if (model === "gpt2") problems.push(...byteLevelProblems(metadata, list));
  if (model === "llama") problems.push(...sentencePieceProblems(metadata, list, tokens.length, architecture));
  if (doublesBos(metadata, model)) {
    add(
      "double-bos",
      "add_bos_token is on and the chat template writes the token too: prompts begin with it twice",
    );
  }
  return problems;
}

function byteLevelProblems(
  metadata: GgufHeader["metadata"],
  list: (key: string) => readonly unknown[] | undefined,
): Problem[] {
  const problems: Problem[] = [];
  if (!metadata.has("tokenizer.ggml.pre")) {
    problems.push({
      code: "no-pre-tokenizer",
      message:
        "tokenizer.ggml.pre is missing: llama.cpp only warns and cuts text by another pattern, so numbers and punctuation get other ids",
    });
  }
  if (list("tokenizer.ggml.merges") === undefined) {
    problems.push({ code: "no-merges", message: "tokenizer.ggml.merges is missing: the file does not load" });
  }
  for (const name of ["bos", "eos"]) {
    if (!metadata.has(`tokenizer.ggml.${name}_token_id`)) {
      problems.push({
        code: "no-token-id",
        message: `tokenizer.ggml.${name}_token_id is missing: llama.cpp takes 11, an ordinary token`,
      });
    }
  }
  return problems;
}

function sentencePieceProblems(
  metadata: GgufHeader["metadata"],
  list: (key: string) => readonly unknown[] | undefined,
  tokens: number,
  architecture: string,
): Problem[] {
  const problems: Problem[] = [];
  const scores = list("tokenizer.ggml.scores");
  if (scores === undefined) {
    problems.push({
      code: "no-scores",
      message: "tokenizer.ggml.scores is missing: pieces merge in the wrong order",
    });
  } else if (scores.length !== tokens) {
    problems.push({ code: "scores", message: `${scores.length} scores for ${tokens} tokens` });
  } else if (tokens > 1 && scores.every((score) => score === scores[0])) {
    problems.push({
      code: "constant-scores",
      message: `every token has the score ${String(scores[0])}: the order of merges is lost, text is cut differently`,
    });
  }
  if (architecture.startsWith("gemma") && metadata.get("tokenizer.ggml.add_space_prefix") !== false) {
    problems.push({
      code: "space-prefix",
      message:
        "tokenizer.ggml.add_space_prefix must be false for Gemma: every text begins with a space token",
    });
  }
  return problems;
}

function doublesBos(metadata: GgufHeader["metadata"], model: unknown): boolean {
  const pre = String(metadata.get("tokenizer.ggml.pre"));
  const byDefault = model === "llama" || ["llama-bpe", "llama3", "llama-v3"].includes(pre);
  if (!(metadata.get("tokenizer.ggml.add_bos_token") ?? byDefault)) return false;
  const template = metadata.get("tokenizer.chat_template");
  return typeof template === "string" && /\{\{-?\s*bos_token/u.test(template);
}
