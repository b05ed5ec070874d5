// Reads Hugging Face's `tokenizer.json` when it holds a SentencePiece BPE: Llama 2's (Prepend and Replace, or Metaspace)
// and Gemma's (Replace). What we do not know is refused.
import type { z } from "zod";
import { UserError } from "../core/index.ts";
import type { SentencePieceDefinition, SpacePrefix } from "./sentencepiece-bpe.ts";
import {
  byteOfPiece,
  type PieceMerges,
  type SentencePiece,
  SPACE_MARK,
  scoresOfMerges,
  withAddedTokens,
} from "./sentencepiece-pieces.ts";
import {
  addedTokens,
  beginToken,
  type bpeSchema,
  type Component,
  components,
  type tokenizerSchema,
} from "./tokenizer-json-parts.ts";

type TokenizerFile = z.infer<typeof tokenizerSchema>;
type BpeModel = z.infer<typeof bpeSchema>;

/** Texts of the tokens that end a text in these families, for files that do not say which it is. */
const END_OF_TEXT = ["</s>", "<eos>", "<|endoftext|>"];

/** Reads a file whose model is a BPE but not a byte-level one. */
export function readSentencePieceJson(
  file: string,
  tokenizer: TokenizerFile,
  model: BpeModel,
): SentencePieceDefinition {
  if (model.ignore_merges) throw refuse(file, "model", "lets whole words skip the merges");
  const unknownId = model.unk_token == null ? undefined : model.vocab[model.unk_token];
  const unscored = readPieces(file, tokenizer, model, unknownId);
  const merges = readMerges(file, model, unscored);
  const { scores, exact } = scoresOfMerges(unscored, merges);
  const begin = beginToken(tokenizer.post_processor);
  return {
    kind: "sentencepiece",
    pieces: unscored.map((piece, id) =>
      piece.type === "normal" ? { ...piece, score: scores.get(id) ?? -scores.size - id } : piece,
    ),
    merges,
    scoresAreExact: exact,
    ...readSpaceRule(file, tokenizer),
    byteFallback: model.byte_fallback,
    fuseUnknown: model.fuse_unk ?? false,
    unknownId,
    bosToken: begin,
    eosToken: END_OF_TEXT.find((text) => tokenizer.added_tokens.some((token) => token.content === text)),
    addBos: begin !== undefined,
    file,
  };
}

function readPieces(
  file: string,
  tokenizer: TokenizerFile,
  model: BpeModel,
  unknownId: number | undefined,
): SentencePiece[] {
  const pieces: (SentencePiece | undefined)[] = [];
  for (const [text, id] of Object.entries(model.vocab)) {
    const type = model.byte_fallback && byteOfPiece(text) !== undefined ? "byte" : "normal";
    pieces[id] = { text, score: 0, type };
  }
  // Gemma's file lists runs of ▁ that are looked for before spaces are marked: no text has them, so they are merged only.
  const merged = tokenizer.added_tokens.filter(
    ({ id, content, special, normalized }) =>
      !special && !normalized && content.includes(SPACE_MARK) && model.vocab[content] === id,
  );
  const mergedIds = new Set(merged.map((token) => token.id));
  const added = addedTokens(file, tokenizer).filter((token) => !mergedIds.has(token.id));
  return withAddedTokens(pieces, added, { unknownId, file });
}

/** Merges by rank. Those that would make a control or byte token from text are left out: text never makes these. */
function readMerges(file: string, model: BpeModel, pieces: readonly SentencePiece[]): PieceMerges {
  const left: number[] = [];
  const right: number[] = [];
  const merged: number[] = [];
  model.merges.forEach((merge, rank) => {
    // Spaces are spelt ▁, so one space always separates the two.
    const [a = "", b = "", ...more] = typeof merge === "string" ? merge.split(" ") : merge;
    const ids = [a, b, a + b].map((text) => model.vocab[text]);
    const [first, second, product] = ids;
    if (more.length > 0 || first === undefined || second === undefined || product === undefined) {
      throw new UserError("bad-merge", `merge "${a} ${b}" is not of two tokens that make a third`, {
        file,
        at: `merge ${rank}`,
        remedy: "Vocabulary and merges must belong together.",
      });
    }
    if (![first, second, product].every((id) => pieces[id]?.type === "normal")) return;
    left.push(first);
    right.push(second);
    merged.push(product);
  });
  return {
    left: Int32Array.from(left),
    right: Int32Array.from(right),
    merged: Int32Array.from(merged),
    ranks: Int32Array.from(left, (_, i) => i),
  };
}

/** How spaces are marked and where one is put in front: by normalisers, or by a Metaspace pre-tokenizer. */
function readSpaceRule(
  file: string,
  tokenizer: TokenizerFile,
): { spacePrefix: SpacePrefix; prefixUnlessSpace: boolean } {
  const normalizers = components(tokenizer.normalizer, "normalizers");
  const preTokenizers = components(tokenizer.pre_tokenizer, "pretokenizers");
  const marks = normalizers.some(marksSpaces);
  const prepends = normalizers.some((part) => part.type === "Prepend" && part.prepend === SPACE_MARK);
  if (normalizers.length !== Number(marks) + Number(prepends))
    throw refuse(file, "normalizer", `normalises by ${normalizers.map((part) => part.type).join(", ")}`);
  if (marks && preTokenizers.every(cutsAtSpaces))
    return { spacePrefix: prepends ? "sections" : "none", prefixUnlessSpace: false };
  const [metaspace] = preTokenizers;
  if (normalizers.length > 0 || preTokenizers.length !== 1 || metaspace?.type !== "Metaspace")
    throw refuse(file, "pre_tokenizer", "does not mark spaces in a way we know");
  if (metaspace.replacement !== SPACE_MARK || metaspace.split !== false)
    throw refuse(file, "pre_tokenizer", "cuts text at every space before it is merged");
  // Older files say add_prefix_space instead.
  const scheme = metaspace.prepend_scheme ?? (metaspace.add_prefix_space === false ? "never" : "always");
  return {
    spacePrefix: scheme === "never" ? "none" : scheme === "first" ? "start" : "sections",
    prefixUnlessSpace: scheme !== "never",
  };
}

const pattern = (part: Component): unknown => (part.pattern as { String?: unknown } | undefined)?.String;

function marksSpaces(part: Component): boolean {
  return part.type === "Replace" && pattern(part) === " " && part.content === SPACE_MARK;
}

/** Gemma's file cuts at spaces, of which marking has left none. */
function cutsAtSpaces(part: Component): boolean {
  return part.type === "Split" && pattern(part) === " ";
}

function refuse(file: string, at: string, found: string): UserError {
  return new UserError("unsupported-tokenizer", found, {
    file,
    at,
    remedy: "Supported of this kind: the layouts of Llama 2, Yi, Mistral, Phi-3 and Gemma.",
  });
}
