// Tiny random GGUF models for tests: real files that llama.cpp runs, made in milliseconds, the same for the same options.
// Byte-level BPE vocabulary and qwen2 architecture, all weights F32.
import { createRandom, GGUF_VALUE_TYPES, writeFileAtomic } from "../core/index.ts";

/** Options for `writeTinyGguf`. */
export interface TinyGgufOptions {
  /** Weights are drawn from it. Default 0. */
  readonly seed?: number;
  /** A multiple of 32. Default 32. */
  readonly hiddenSize?: number;
  /** Default 2. */
  readonly layers?: number;
  /** Default 512. */
  readonly contextLength?: number;
  /** Token texts in the order of their ids; default `tinyVocabulary()`. */
  readonly vocabulary?: readonly string[];
  /** Jinja source; default: the file has none. */
  readonly chatTemplate?: string;
  /** Makes the model want a beginning-of-text token, `<|endoftext|>`. Default false. */
  readonly addBos?: boolean;
}

const SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];
/** Merges of the byte-level BPE, in order; each gives a token. Ġ is a space. */
const MERGES = [
  "Ġ t",
  "h e",
  "Ġt he",
  "i n",
  "a n",
  "e r",
  "Ġ a",
  "o n",
  "Ġ A",
  "Ġ B",
  "Ġ y",
  "Ġy e",
  "Ġye s",
  "Ġ n",
  "Ġn o",
];
const HEAD_SIZE = 16;
const TOKEN_TYPE = { normal: 1, control: 3, unused: 5 };
const ALIGNMENT = 32;

/** The vocabulary of tiny models: 256 bytes, the results of the merges, three special tokens. */
export function tinyVocabulary(): string[] {
  return [...byteTokens(), ...MERGES.map((merge) => merge.replace(" ", "")), ...SPECIAL];
}

/** Writes a random model to `path`. Its text is nonsense; its numbers are as good as any. */
export async function writeTinyGguf(path: string, options: TinyGgufOptions = {}): Promise<void> {
  const { seed = 0, hiddenSize = 32, layers = 2, contextLength = 512 } = options;
  const vocabulary = options.vocabulary ?? tinyVocabulary();
  const heads = hiddenSize / HEAD_SIZE;
  const feedForward = 2 * hiddenSize;
  const known = new Set(vocabulary);
  const metadata: MetadataEntry[] = [
    ["general.architecture", "string", "qwen2"],
    ["general.name", "string", "tiny"],
    ["general.file_type", "uint32", 0],
    ["qwen2.context_length", "uint32", contextLength],
    ["qwen2.embedding_length", "uint32", hiddenSize],
    ["qwen2.block_count", "uint32", layers],
    ["qwen2.feed_forward_length", "uint32", feedForward],
    ["qwen2.attention.head_count", "uint32", heads],
    ["qwen2.attention.head_count_kv", "uint32", heads / 2],
    ["qwen2.attention.layer_norm_rms_epsilon", "float32", 1e-6],
    ["qwen2.rope.freq_base", "float32", 10_000],
    ["tokenizer.ggml.model", "string", "gpt2"],
    ["tokenizer.ggml.pre", "string", "qwen2"],
    ["tokenizer.ggml.tokens", "string", vocabulary],
    ["tokenizer.ggml.token_type", "int32", vocabulary.map(tokenKind)],
    ["tokenizer.ggml.merges", "string", MERGES.filter((merge) => known.has(merge.replace(" ", "")))],
    ["tokenizer.ggml.eos_token_id", "uint32", vocabulary.indexOf("<|im_end|>")],
    ["tokenizer.ggml.bos_token_id", "uint32", vocabulary.indexOf("<|endoftext|>")],
    ["tokenizer.ggml.add_bos_token", "bool", options.addBos ?? false],
  ];
  if (options.chatTemplate !== undefined)
    metadata.push(["tokenizer.chat_template", "string", options.chatTemplate]);

  const random = createRandom(`tiny-gguf/${seed}`);
  // Variance 1 over the input keeps activations of order 1; sharper logits make the models decided in their opinions.
  const matrix = (name: string, columns: number, rows: number, gain = 1): TinyTensor => ({
    name,
    shape: [columns, rows],
    data: Float32Array.from({ length: columns * rows }, () => (random.normal() * gain) / Math.sqrt(columns)),
  });
  const vector = (name: string, size: number, mean: number): TinyTensor => ({
    name,
    shape: [size],
    data: Float32Array.from({ length: size }, () => mean + 0.1 * random.normal()),
  });
  const keySize = (heads / 2) * HEAD_SIZE;
  const tensors = [
    matrix("token_embd.weight", hiddenSize, vocabulary.length, 3),
    vector("output_norm.weight", hiddenSize, 1),
  ];
  for (let layer = 0; layer < layers; layer++) {
    const block = `blk.${layer}`;
    tensors.push(
      vector(`${block}.attn_norm.weight`, hiddenSize, 1),
      matrix(`${block}.attn_q.weight`, hiddenSize, hiddenSize),
      vector(`${block}.attn_q.bias`, hiddenSize, 0),
      matrix(`${block}.attn_k.weight`, hiddenSize, keySize),
      vector(`${block}.attn_k.bias`, keySize, 0),
      matrix(`${block}.attn_v.weight`, hiddenSize, keySize),
      vector(`${block}.attn_v.bias`, keySize, 0),
      matrix(`${block}.attn_output.weight`, hiddenSize, hiddenSize),
      vector(`${block}.ffn_norm.weight`, hiddenSize, 1),
      matrix(`${block}.ffn_gate.weight`, hiddenSize, feedForward),
      matrix(`${block}.ffn_up.weight`, hiddenSize, feedForward),
      matrix(`${block}.ffn_down.weight`, feedForward, hiddenSize),
    );
  }
  await writeFileAtomic(path, serialise(metadata, tensors));
}

type MetadataEntry = readonly [
  key: string,
  type: Exclude<keyof typeof GGUF_VALUE_TYPES, "array">,
  value: unknown,
];

interface TinyTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

function tokenKind(text: string): number {
  if (text.startsWith("<|")) return TOKEN_TYPE.control;
  return text.startsWith("[PAD") ? TOKEN_TYPE.unused : TOKEN_TYPE.normal;
}

/** GPT-2's spelling of bytes as printable characters (openai/gpt-2, encoder.py, bytes_to_unicode). */
function byteTokens(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let shifted = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(printable(byte) ? byte : shifted++));
}

function serialise(metadata: readonly MetadataEntry[], tensors: readonly TinyTensor[]): Buffer {
  const parts: Buffer[] = [
    Buffer.from("GGUF"),
    scalar("uint32", 3),
    scalar("uint64", tensors.length),
    scalar("uint64", metadata.length),
  ];
  for (const [key, type, value] of metadata) {
    parts.push(scalar("string", key));
    if (Array.isArray(value)) {
      parts.push(
        scalar("uint32", GGUF_VALUE_TYPES.array),
        scalar("uint32", GGUF_VALUE_TYPES[type]),
        scalar("uint64", value.length),
      );
      for (const element of value) parts.push(scalar(type, element));
    } else {
      parts.push(scalar("uint32", GGUF_VALUE_TYPES[type]), scalar(type, value));
    }
  }
  let offset = 0;
  for (const { name, shape, data } of tensors) {
    parts.push(scalar("string", name), scalar("uint32", shape.length));
    for (const size of shape) parts.push(scalar("uint64", size));
    parts.push(scalar("uint32", 0), scalar("uint64", offset));
    offset += aligned(data.byteLength);
  }
  const header = Buffer.concat(parts);
  const file = Buffer.alloc(aligned(header.length) + offset);
  header.copy(file);
  let position = aligned(header.length);
  for (const { data } of tensors) {
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).copy(file, position);
    position += aligned(data.byteLength);
  }
  return file;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function scalar(type: MetadataEntry[1], value: unknown): Buffer {
  if (type === "string") {
    const bytes = Buffer.from(String(value), "utf8");
    return Buffer.concat([scalar("uint64", bytes.length), bytes]);
  }
  const buffer = Buffer.alloc(8);
  const number = Number(value);
  switch (type) {
    case "uint64":
      buffer.writeBigUInt64LE(BigInt(number));
      return buffer;
    case "uint32":
      return buffer.subarray(0, buffer.writeUInt32LE(number));
    case "int32":
      return buffer.subarray(0, buffer.writeInt32LE(number));
    case "float32":
      return buffer.subarray(0, buffer.writeFloatLE(number));
    case "bool":
      return buffer.subarray(0, buffer.writeUInt8(number));
    default:
      throw new Error(`tiny models have no ${type} values`);
  }
}
