// Reads SentencePiece's `tokenizer.model`: a protocol buffer of pieces, how it was trained and how it normalises.
// Layout: sentencepiece_model.proto in google/sentencepiece.
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { asFileError, UserError } from "../core/index.ts";
import { readAddedTokenLists } from "./added-token-lists.ts";
import type { SentencePieceDefinition } from "./sentencepiece-bpe.ts";
import { type PieceType, type SentencePiece, withAddedTokens } from "./sentencepiece-pieces.ts";
import type { TokenizerConfig } from "./tokenizer-config.ts";

/** By their numbers in the layout. */
const PIECE_TYPES: readonly (PieceType | undefined)[] = [
  undefined,
  "normal",
  "unknown",
  "control",
  "user-defined",
  "unused",
  "byte",
];

const MODEL_TYPES = ["?", "unigram", "BPE", "word", "character"];
const BPE = 2;

/** Reads a BPE model; tokens that `tokenizer_config.json` or `added_tokens.json` adds or calls special count. */
export async function readSentencePieceModel(
  file: string,
  config: TokenizerConfig,
): Promise<SentencePieceDefinition> {
  let original: Buffer;
  try {
    original = await readFile(file);
  } catch (error) {
    throw asFileError(error, file);
  }
  const model = parseFields(original, file);
  const trainer = parseFields(bytesField(model, 2) ?? Buffer.alloc(0), file);
  const normalizer = parseFields(bytesField(model, 3) ?? Buffer.alloc(0), file);
  const pieces = (model.get(1) ?? []).map((value, id) => readPiece(value, id, file));
  if (pieces.length === 0) throw damaged(file, "holds no pieces");
  checkSupported(trainer, normalizer, file);
  const token = (field: number, byDefault: number): string | undefined =>
    pieces[numberField(trainer, field, byDefault)]?.text;
  const unknownAt = pieces.findIndex((piece) => piece.type === "unknown");
  const unknownId = unknownAt < 0 ? undefined : unknownAt;
  const added = [...(await readAddedTokenLists(dirname(file))), ...config.addedTokens];
  const bosToken = token(41, 1);
  return {
    kind: "sentencepiece",
    pieces: withAddedTokens(pieces, added, { unknownId, file }),
    spacePrefix: numberField(normalizer, 3, 1) !== 0 ? "control" : "none",
    byteFallback: numberField(trainer, 35, 0) !== 0,
    unknownId,
    bosToken,
    eosToken: token(42, 2),
    // The file does not say it; every family of this kind does unless its configuration says otherwise.
    addBos: bosToken !== undefined,
    original,
    file,
  };
}

function checkSupported(trainer: Fields, normalizer: Fields, file: string): void {
  const refuse = (found: string): UserError =>
    new UserError("unsupported-tokenizer", found, {
      file,
      remedy:
        "Supported: SentencePiece BPE with the identity normaliser (Llama 2, Yi, Mistral, Phi-3, Gemma).",
    });
  const kind = numberField(trainer, 3, 1);
  if (kind !== BPE) throw refuse(`is a SentencePiece ${MODEL_TYPES[kind] ?? kind} model`);
  if (numberField(trainer, 24, 0) !== 0) throw refuse("puts the space after each word");
  if ((bytesField(normalizer, 2)?.length ?? 0) > 0)
    throw refuse(`normalises text by ${bytesField(normalizer, 1)?.toString("utf8") ?? "rules of its own"}`);
  if (numberField(normalizer, 4, 1) !== 0) throw refuse("removes extra white space");
  if (numberField(normalizer, 5, 1) === 0) throw refuse("does not mark spaces");
}

function readPiece(value: Value, id: number, file: string): SentencePiece {
  if (!Buffer.isBuffer(value)) throw damaged(file, `piece ${id} is not a message`);
  const fields = parseFields(value, file);
  const text = bytesField(fields, 1)?.toString("utf8");
  const score = fields.get(2)?.at(-1) ?? 0;
  const type = PIECE_TYPES[numberField(fields, 3, 1)];
  if (text === undefined || typeof score !== "number" || type === undefined)
    throw damaged(file, `piece ${id} lacks a text, score or known type`);
  return { text, score, type };
}

// Protocol buffers, as far as this file needs them: fields by number, in order; the last of a single field counts.

type Value = number | Buffer;
type Fields = ReadonlyMap<number, readonly Value[]>;

function numberField(fields: Fields, field: number, byDefault: number): number {
  const value = fields.get(field)?.at(-1);
  return typeof value === "number" ? value : byDefault;
}

function bytesField(fields: Fields, field: number): Buffer | undefined {
  const value = fields.get(field)?.at(-1);
  return Buffer.isBuffer(value) ? value : undefined;
}

function parseFields(bytes: Buffer, file: string): Fields {
  const fields = new Map<number, Value[]>();
  let at = 0;
  const take = (length: number): number => {
    if (at + length > bytes.length)
      throw damaged(file, "ends in the middle of a field: cut off, or no SentencePiece model");
    at += length;
    return at - length;
  };
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[take(1)]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw damaged(file, "a number runs over ten bytes");
  };
  while (at < bytes.length) {
    const key = varint();
    const value = readValue(key % 8);
    const field = Math.floor(key / 8);
    const values = fields.get(field);
    if (values === undefined) fields.set(field, [value]);
    else values.push(value);
  }
  return fields;

  function readValue(wireType: number): Value {
    switch (wireType) {
      case 0:
        return varint();
      case 1:
        return bytes.readDoubleLE(take(8));
      case 2: {
        const length = varint();
        const from = take(length < 0 ? Number.POSITIVE_INFINITY : length);
        return bytes.subarray(from, from + length);
      }
      case 5:
        return bytes.readFloatLE(take(4));
      default:
        throw damaged(file, `unknown field type ${wireType}`);
    }
  }
}

function damaged(file: string, found: string): UserError {
  return new UserError("bad-sentencepiece", found, {
    file,
    remedy: "Expected SentencePiece's tokenizer.model: fetch it again (is it a Git LFS pointer?).",
  });
}
