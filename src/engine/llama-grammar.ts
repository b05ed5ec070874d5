// Holds generated text to a GBNF grammar, with llama.cpp's own grammar sampler.
// Notation: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
import assert from "node:assert/strict";
import koffi from "koffi";
import { UserError } from "../core/index.ts";
import type { TokenConstraint } from "./language-model.ts";
import type { LlamaFunctions, Pointer } from "./llama-library.ts";
import type { Utf8Guard } from "./utf8-prefix.ts";

/** The rule that a text starts with. */
const START_RULE = "root";
/** Bytes of llama.cpp's llama_token_data: id, logit, probability. */
const CANDIDATE_BYTES = 12;

/** Follows `grammar` over the vocabulary of `model`, in whole characters; dispose it before the model is freed. */
export function createGrammarConstraint(
  llama: LlamaFunctions,
  model: Pointer,
  grammar: string,
  characters: Utf8Guard,
): TokenConstraint {
  const vocabulary = llama.model_get_vocab(model);
  const size = llama.vocab_n_tokens(vocabulary);
  // An empty text would be taken for "anything goes".
  const sampler = grammar.trim() === "" ? null : llama.sampler_init_grammar(vocabulary, grammar, START_RULE);
  if (sampler === null) {
    throw new UserError("bad-grammar", `the grammar is not GBNF with a rule called "${START_RULE}"`, {
      remedy: 'Write it like: root ::= "yes" | "no"',
    });
  }
  let disposed = false;

  /** Asks llama.cpp which of `ids` may come: a rejected one comes back with the logit -Infinity. */
  function check(count: number, id: (index: number) => number): Float32Array {
    assert(!disposed, "the grammar was disposed");
    const address = koffi.alloc("uint8_t", count * CANDIDATE_BYTES) as Pointer;
    try {
      const memory = koffi.view(address, count * CANDIDATE_BYTES);
      const ids = new Int32Array(memory);
      const logits = new Float32Array(memory);
      for (let i = 0; i < count; i++) {
        ids[3 * i] = id(i);
        logits[3 * i + 1] = 0;
        logits[3 * i + 2] = 0;
      }
      llama.sampler_apply(sampler!, { data: address, size: count, selected: -1, sorted: false });
      return Float32Array.from({ length: count }, (_, i) => logits[3 * i + 1]!);
    } finally {
      koffi.free(address);
    }
  }

  return {
    allows: (id) => id < size && characters.allows(id) && check(1, () => id)[0] === 0,
    restrict(logits) {
      const allowed = check(Math.min(size, logits.length), (index) => index);
      for (let id = 0; id < logits.length; id++)
        if (allowed[id] !== 0 || !characters.allows(id)) logits[id] = Number.NEGATIVE_INFINITY;
    },
    accept(id) {
      assert(!disposed, "the grammar was disposed");
      llama.sampler_accept(sampler, id);
      characters.accept(id);
    },
    dispose() {
      if (disposed) return;
      disposed = true;
      llama.sampler_free(sampler);
    },
  };
}
