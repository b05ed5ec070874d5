// A small SentencePiece vocabulary and its `tokenizer.model`, for tests.
import type { PieceType, SentencePiece } from "./index.ts";
import { bytePiece } from "./sentencepiece-pieces.ts";

const WORDS = "he ll hell hello ▁hello lo el ▁h or ld wor world ▁w ▁world".split(" ");
const CHARACTERS = [..."▁helowrdaé水<s>/"];
const TYPE_NUMBERS: Readonly<Record<PieceType, number>> = {
  normal: 1,
  unknown: 2,
  control: 3,
  "user-defined": 4,
  unused: 5,
  byte: 6,
};

/** Control tokens, all bytes, words in order of their merges, then single characters. `extra` goes last. */
export function smallPieces(...extra: SentencePiece[]): SentencePiece[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => bytePiece(byte));
  return [
    { text: "<unk>", score: 0, type: "unknown" },
    { text: "<s>", score: 0, type: "control" },
    { text: "</s>", score: 0, type: "control" },
    ...bytes.map((text): SentencePiece => ({ text, score: 0, type: "byte" })),
    ...[...WORDS, ...CHARACTERS].map((text, i): SentencePiece => ({ text, score: -i, type: "normal" })),
    ...extra,
  ];
}

/** What `modelFile` may say otherwise. */
export interface ModelFileOptions {
  readonly modelType?: number;
  readonly addDummyPrefix?: boolean;
  readonly removeExtraWhitespaces?: boolean;
  readonly charsMap?: string;
}

/** A `tokenizer.model` of these pieces. */
export function modelFile(pieces: readonly SentencePiece[], options: ModelFileOptions = {}): Buffer {
  const { modelType = 2, addDummyPrefix = true, removeExtraWhitespaces = false, charsMap } = options;
  return Buffer.concat([
    ...pieces.map(({ text, score, type }) => {
      const bytes = Buffer.alloc(5);
      bytes[0] = (2 << 3) | 5;
      bytes.writeFloatLE(score, 1);
      return message(1, message(1, Buffer.from(text)), bytes, integer(3, TYPE_NUMBERS[type]));
    }),
    message(2, integer(3, modelType), integer(35, 1)),
    message(
      3,
      message(1, Buffer.from(charsMap === undefined ? "identity" : "nmt_nfkc")),
      message(2, Buffer.from(charsMap ?? "")),
      integer(3, Number(addDummyPrefix)),
      integer(4, Number(removeExtraWhitespaces)),
    ),
  ]);
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function message(field: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | 2), varint(content.length), content]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return Buffer.of(...bytes, rest);
}
