// A SentencePiece BPE as the parts of Hugging Face's `tokenizer.json`, laid out as Llama 2's and Gemma's are.
import type { SentencePieceBpe } from "./sentencepiece-bpe.ts";
import { SPACE_MARK } from "./sentencepiece-pieces.ts";

/** Normaliser, pre-tokenizer, decoder and model; the rest of the file is the same for every kind. */
export function sentencePieceJson(tokenizer: SentencePieceBpe): object {
  const { spacePrefix, tokens, merges, unknownId } = tokenizer;
  // Metaspace is the one way to say "before the text only"; it leaves texts alone that begin with a space.
  const metaspace = tokenizer.prefixUnlessSpace
    ? {
        type: "Metaspace",
        replacement: SPACE_MARK,
        prepend_scheme: spacePrefix === "start" ? "first" : "always",
        split: false,
      }
    : null;
  const mark = { type: "Replace", pattern: { String: " " }, content: SPACE_MARK };
  const prepend = { type: "Prepend", prepend: SPACE_MARK };
  const vocabulary = tokens.flatMap((text, id): [string, number][] =>
    tokenizer.tokenType(id) === "unused" ? [] : [[text, id]],
  );
  return {
    normalizer:
      metaspace === null
        ? spacePrefix === "none"
          ? mark
          : { type: "Sequence", normalizers: [prepend, mark] }
        : null,
    pre_tokenizer: metaspace,
    decoder: {
      type: "Sequence",
      decoders: [
        { type: "Replace", pattern: { String: SPACE_MARK }, content: " " },
        { type: "ByteFallback" },
        { type: "Fuse" },
        ...(spacePrefix === "none" ? [] : [{ type: "Strip", content: " ", start: 1, stop: 0 }]),
      ],
    },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: unknownId === undefined ? null : tokens[unknownId],
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: tokenizer.fuseUnknown,
      byte_fallback: tokenizer.byteFallback,
      ignore_merges: false,
      vocab: Object.fromEntries(vocabulary),
      merges: Array.from(merges.left, (left, i) => `${tokens[left]} ${tokens[merges.right[i]!]}`),
    },
  };
}
