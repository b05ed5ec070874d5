// Reads models of Karpathy's llama2.c: the legacy .bin (weights behind seven integers) and its tokenizer.bin.
// Source: https://github.com/karpathy/llama2.c, `legacy_export` in export.py and `read_checkpoint` in run.c.
import { readFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { asFileError, UserError } from "../core/index.ts";
import { type ModelConfig, parameterShapes } from "../model/index.ts";
import { splitHeads } from "./architectures.ts";
import { type ExportOptions, type ExportResult, exportWeights } from "./export-gguf.ts";
import type { SentencePieceVocabulary } from "./gguf-vocabulary.ts";
import type { WeightSource } from "./tensor-sources.ts";

const HEADER_BYTES = 28;
/** Constants of the program, not in its files. */
const NORM_EPSILON = 1e-5;
const ROPE_THETA = 10_000;
const UNKNOWN_ID = 0;
const BOS_ID = 1;
const EOS_ID = 2;

/** Converts a llama2.c model to a GGUF file that llama.cpp runs. */
export async function importLlama2c(
  bin: string,
  tokenizerBin: string,
  options: ExportOptions,
): Promise<ExportResult> {
  const weights = await readLlama2c(bin);
  const vocabulary = await readLlama2cTokenizer(tokenizerBin, weights.config.vocabularySize);
  return exportWeights(weights, vocabulary, { name: basename(bin, extname(bin)), ...options }, bin);
}

/**
 * The weights by their Hugging Face names. llama2.c turns adjacent pairs in its rotary embedding, checkpoints are half-split:
 * query and key rows are moved accordingly.
 */
export async function readLlama2c(path: string): Promise<WeightSource> {
  const bytes = await readBytes(path);
  const bad = (message: string): UserError =>
    new UserError("bad-llama2c", message, {
      file: path,
      remedy: "Give a legacy .bin of llama2.c; the file may be cut off or of another kind.",
    });
  if (bytes.length < HEADER_BYTES)
    throw bad(`only ${bytes.length} bytes, the header alone has ${HEADER_BYTES}`);
  const header = Array.from({ length: 7 }, (_, i) => bytes.readInt32LE(4 * i));
  const [dim, hidden, layers, heads, keyValueHeads, signedVocabulary, contextLength] = header as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const sane = [dim, hidden, layers, heads, keyValueHeads, Math.abs(signedVocabulary), contextLength];
  if (
    sane.some((value) => value <= 0 || value > 1 << 24) ||
    dim % heads !== 0 ||
    heads % keyValueHeads !== 0
  ) {
    throw bad(`its header makes no model: ${header.join(", ")}`);
  }
  const config: ModelConfig = {
    architecture: "llama",
    // A negative size marks a head of its own.
    vocabularySize: Math.abs(signedVocabulary),
    hiddenSize: dim,
    intermediateSize: hidden,
    layers,
    heads,
    keyValueHeads,
    headSize: dim / heads,
    normEpsilon: NORM_EPSILON,
    ropeTheta: ROPE_THETA,
    contextLength,
    tiedEmbeddings: signedVocabulary > 0,
    attentionBias: false,
    bosId: BOS_ID,
    eosId: EOS_ID,
  };
  const places = placesOf(config);
  if (places.bytes !== bytes.length) throw bad(`${bytes.length} bytes, its header asks for ${places.bytes}`);
  const read = async (name: string): Promise<Float32Array> => {
    const { start, length } = places.weights.get(name)!;
    const copy = Uint8Array.from(bytes.subarray(start, start + 4 * length));
    if (!/[qk]_proj\.weight$/u.test(name)) return new Float32Array(copy.buffer);
    const out = new Float32Array(length);
    splitHeads(copy, { headSize: config.headSize, rowBytes: 4 * dim }, new Uint8Array(out.buffer));
    return out;
  };
  // These models are small: the whole file is in memory anyway.
  return {
    config,
    read,
    readRange: async (name, from, count) => (await read(name)).subarray(from, from + count),
  };
}

/** Where each weight lies: one kind for all layers after another, with the rotary tables in between. */
function placesOf(config: ModelConfig) {
  const sizes = new Map(
    parameterShapes(config).map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)]),
  );
  const weights = new Map<string, { start: number; length: number }>();
  let start = HEADER_BYTES;
  const place = (name: string): void => {
    const length = sizes.get(name)!;
    weights.set(name, { start, length });
    start += 4 * length;
  };
  const everyLayer = (part: string): void => {
    for (let layer = 0; layer < config.layers; layer++) place(`model.layers.${layer}.${part}.weight`);
  };
  place("model.embed_tokens.weight");
  everyLayer("input_layernorm");
  for (const projection of ["q", "k", "v", "o"]) everyLayer(`self_attn.${projection}_proj`);
  everyLayer("post_attention_layernorm");
  for (const projection of ["gate", "down", "up"]) everyLayer(`mlp.${projection}_proj`);
  place("model.norm.weight");
  // freq_cis_real and freq_cis_imag: tables that run.c no longer reads.
  start += 4 * config.contextLength * config.headSize;
  if (!config.tiedEmbeddings) place("lm_head.weight");
  return { weights, bytes: start };
}

/** Reads tokenizer.bin: the longest piece's length, then score, length and bytes of each piece. */
async function readLlama2cTokenizer(path: string, size: number): Promise<SentencePieceVocabulary> {
  const bytes = await readBytes(path);
  const pieces: SentencePieceVocabulary["pieces"][number][] = [];
  let at = 4;
  for (let id = 0; id < size; id++) {
    const length = at + 8 <= bytes.length ? bytes.readInt32LE(at + 4) : -1;
    if (length < 0 || at + 8 + length > bytes.length) {
      throw new UserError("bad-llama2c", `is cut off at token ${id} of ${size}`, {
        file: path,
        at: `byte ${Math.min(at, bytes.length)}`,
        remedy: "Give the tokenizer.bin that belongs to the model.",
      });
    }
    const score = bytes.readFloatLE(at);
    const spelling = bytes.toString("utf8", at + 8, at + 8 + length);
    at += 8 + length;
    pieces.push({ text: pieceText(id, spelling), score, type: pieceType(id, spelling) });
  }
  if (at !== bytes.length) {
    throw new UserError("bad-llama2c", `holds more than the model's ${size} tokens`, {
      file: path,
      remedy: "Give the tokenizer.bin that belongs to the model.",
    });
  }
  return {
    kind: "sentencepiece",
    pieces,
    bosId: BOS_ID,
    eosId: EOS_ID,
    unknownId: UNKNOWN_ID,
    addBos: true,
    addSpacePrefix: true,
  };
}

function pieceText(id: number, spelling: string): string {
  // The file shows <s> and </s> between line breaks, and spaces instead of SentencePiece's mark.
  if (id === BOS_ID) return "<s>";
  if (id === EOS_ID) return "</s>";
  return spelling.replaceAll(" ", "▁");
}

function pieceType(id: number, spelling: string): SentencePieceVocabulary["pieces"][number]["type"] {
  if (id === UNKNOWN_ID) return "unknown";
  if (id === BOS_ID || id === EOS_ID) return "control";
  return /^<0x[0-9A-F]{2}>$/u.test(spelling) ? "byte" : "normal";
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw asFileError(error, path);
  }
}
