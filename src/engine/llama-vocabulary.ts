// The tokenizer seam over the vocabulary that llama.cpp read from the GGUF file.
import assert from "node:assert/strict";
import type { EncodeOptions, Tokenizer } from "../tokenizer/index.ts";
import type { LlamaFunctions, Pointer } from "./llama-library.ts";

/** A tokenizer whose native memory belongs to a model: after `release` it must not be used. */
export interface LlamaVocabulary extends Tokenizer {
  release(): void;
}

/** llama.cpp's LLAMA_TOKEN_NULL: the vocabulary has no such token. */
const NO_TOKEN = -1;
const FIRST_PIECE_CAPACITY = 64;
const SPACE = 0x20;

/** Makes a tokenizer of the vocabulary of `model`. */
export function createLlamaVocabulary(llama: LlamaFunctions, model: Pointer): LlamaVocabulary {
  const vocabulary = llama.model_get_vocab(model);
  const vocabularySize = llama.vocab_n_tokens(vocabulary);
  const optional = (id: number): number | undefined => (id === NO_TOKEN ? undefined : id);
  const bosId = optional(llama.vocab_bos(vocabulary));
  const eosId = optional(llama.vocab_eos(vocabulary));
  const addBos = bosId !== undefined && llama.vocab_get_add_bos(vocabulary);
  const pieces: (Uint8Array | undefined)[] = new Array(vocabularySize);
  let released = false;

  function checkId(id: number): void {
    assert(!released, "the model is closed");
    assert(Number.isInteger(id) && id >= 0 && id < vocabularySize, `${id} is not a token id`);
  }

  function tokenize(text: string, parse: boolean): Int32Array {
    assert(!released, "the model is closed");
    if (text === "") return new Int32Array();
    const bytes = Buffer.from(text, "utf8");
    // A token stands for at least one byte; SentencePiece may put a space in front.
    let ids = new Int32Array(bytes.length + 8);
    let count = llama.tokenize(vocabulary, bytes, bytes.length, ids, ids.length, false, parse);
    if (count < 0) {
      ids = new Int32Array(-count);
      count = llama.tokenize(vocabulary, bytes, bytes.length, ids, ids.length, false, parse);
    }
    assert(count >= 0, `llama_tokenize gave ${count}`);
    return ids.slice(0, count);
  }

  function piece(id: number): Uint8Array {
    let out = new Uint8Array(FIRST_PIECE_CAPACITY);
    let length = llama.token_to_piece(vocabulary, id, out, out.length, 0, true);
    if (length < 0) {
      out = new Uint8Array(-length);
      length = llama.token_to_piece(vocabulary, id, out, out.length, 0, true);
    }
    assert(length >= 0, `llama_token_to_piece gave ${length}`);
    return out.slice(0, length);
  }

  function bytes(id: number): Uint8Array {
    checkId(id);
    pieces[id] ??= piece(id);
    return pieces[id];
  }

  const isSpecial = (id: number): boolean => {
    checkId(id);
    return llama.vocab_is_control(vocabulary, id);
  };
  // SentencePiece vocabularies put a space before the text; decoding takes it away again.
  const first = tokenize("a", false)[0];
  const addsSpace = first !== undefined && bytes(first)[0] === SPACE;

  return {
    vocabularySize,
    bosId,
    eosId,
    addBos,
    encode(text: string, options: EncodeOptions = {}) {
      const ids = tokenize(text, options.special === "parse");
      // A template may have written the beginning of text already.
      if (!options.bos || !addBos || ids[0] === bosId) return ids;
      const withBos = new Int32Array(ids.length + 1);
      withBos[0] = bosId;
      withBos.set(ids, 1);
      return withBos;
    },
    decode(ids, options = {}) {
      const parts: Uint8Array[] = [];
      let start = addsSpace;
      for (let i = 0; i < ids.length; i++) {
        const id = ids[i]!;
        const special = isSpecial(id);
        if (special && !options.special) continue;
        const part = bytes(id);
        parts.push(start && !special && part[0] === SPACE ? part.subarray(1) : part);
        if (!special) start = false;
      }
      return Buffer.concat(parts).toString("utf8");
    },
    bytes,
    isSpecial,
    isEnd(id) {
      checkId(id);
      return llama.vocab_is_eog(vocabulary, id);
    },
    release() {
      released = true;
    },
  };
}
