// Exports a model as GGUF: weights renamed and transformed, metadata complete, and the file tried out before it is called done.
import { mkdir, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import {
  asFileError,
  makeFolder,
  type Progress,
  type ProgressFactory,
  silentProgress,
  temporaryPath,
  UserError,
} from "../core/index.ts";
import {
  GGUF_FILE_TYPES,
  type GgufFileType,
  type ImportanceMatrix,
  measureImportance,
  quantizeGguf,
} from "../engine/index.ts";
import { type Checkpoint, openCheckpoint, parameterCount, parameterShapes } from "../model/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { readCalibration, tokensPerText } from "./calibration.ts";
import type { EncodedType } from "./encode-tensor.ts";
import { modelMetadata } from "./gguf-metadata.ts";
import type { TokenRoles, Vocabulary } from "./gguf-vocabulary.ts";
import { tensorBytes, writeGguf } from "./gguf-writer.ts";
import { tensorSources, type WeightSource } from "./tensor-sources.ts";
import { readTokenRoles } from "./token-roles.ts";
import { largestLogitDifference, meanDivergence, openAndRun, type TriedOut } from "./try-out.ts";

/**
 * A mean divergence, in nats, from which on a file answers noticeably otherwise than its checkpoint. SmolLM2-135M: Q8_0 0.01,
 * Q6_K 0.03, Q4_K_M 0.12, Q3_K_M 0.17, Q2_K 0.74, with perplexities 1, 2, 8, 18 and 34 % above F16's.
 */
export const LARGE_DIVERGENCE = 0.2;

/** How to export. */
export interface ExportOptions {
  /** `f32`, `f16`, `bf16`, `q8_0` (written here) or any type that llama.cpp quantises to. */
  readonly type: string;
  /** The file to write. */
  readonly out: string;
  /** `general.name`; default: the folder's or file's name. */
  readonly name?: string;
  /** Texts, one a language, that say what the quantiser must keep best; for the types that llama.cpp quantises to. */
  readonly calibration?: readonly string[];
  /** Largest F32 size, in bytes, for which the logits are compared with an F32 file; default 4 GiB. */
  readonly verifyUpTo?: number;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal | undefined;
}

/** What was written. */
export interface ExportResult {
  readonly out: string;
  readonly bytes: number;
  readonly type: string;
  /** Whether llama.cpp has opened and run it here; false when the model needs more memory than there is. */
  readonly ran: boolean;
  /**
   * Largest difference of any logit between this file and an F32 file of the same weights, both run by llama.cpp on the same
   * ids; `null` for `f32` itself and for models too large to compare.
   */
  readonly maxLogitDifference: number | null;
  /**
   * How far its next-token distributions lie from the F32 file's: mean KL(F32 || file) on the same ids, in nats; `null` where
   * logits are not compared. See `LARGE_DIVERGENCE`.
   */
  readonly divergence: number | null;
  /** How much calibration text was used, and how many matrices it weighed. */
  readonly calibration?: { readonly tokens: number; readonly chunks: number; readonly matrices: number };
}

const OWN_TYPES: Readonly<Record<string, EncodedType>> = {
  f32: "F32",
  f16: "F16",
  bf16: "BF16",
  q8_0: "Q8_0",
};

const DEFAULT_VERIFY_BYTES = 4 * 2 ** 30;
/** Values of two tensors that are compared at once. */
const COMPARED_AT_ONCE = 1 << 22;

/** Exports a checkpoint folder in Hugging Face layout. */
export async function exportGguf(folder: string, options: ExportOptions): Promise<ExportResult> {
  readType(options.type);
  const checkpoint = await openCheckpoint(folder);
  try {
    await refuseUnknownTensors(checkpoint);
    const vocabulary = await loadTokenizer(folder);
    return await exportWeights(
      checkpoint,
      vocabulary,
      { name: basename(resolve(folder)), ...(await readTokenRoles(folder, vocabulary)), ...options },
      folder,
    );
  } finally {
    await checkpoint.close();
  }
}

/** What the source says beside its weights and vocabulary. */
type NamedOptions = ExportOptions & TokenRoles & { readonly name: string };

/** Exports weights and a vocabulary from anywhere; `file` is for messages. */
export async function exportWeights(
  weights: WeightSource,
  vocabulary: Vocabulary,
  options: NamedOptions,
  file: string,
): Promise<ExportResult> {
  const type = readType(options.type);
  const own = OWN_TYPES[type];
  const { out, signal } = options;
  const calibration = options.calibration ?? [];
  if (own !== undefined && calibration.length > 0) {
    throw new UserError("no-calibration", `${type} keeps every value alike: calibration changes nothing`, {
      remedy: "Leave it out, or choose a smaller type such as q4_k_m.",
    });
  }
  const texts = await readCalibration(calibration);
  const write = (path: string, encoded: EncodedType): Promise<{ bytes: number }> =>
    writeModel(path, encoded, weights, vocabulary, { ...options, file });
  if (own === "F32") {
    await write(out, own);
    const { bytes, logits } = await tryOut(out);
    return { out, bytes, type, ran: logits !== undefined, maxLogitDifference: null, divergence: null };
  }
  const float32Bytes = 4 * parameterCount(weights.config);
  const compare = float32Bytes <= (options.verifyUpTo ?? DEFAULT_VERIFY_BYTES);
  // Beside the result, on the same disk: it is removed whatever happens.
  const folder = await makeTemporaryFolder(out);
  try {
    const reference = join(folder, "reference.gguf");
    if (compare || own === undefined) await write(reference, compare ? "F32" : "BF16");
    signal?.throwIfAborted();
    const importance = texts.length === 0 ? undefined : await calibrate(reference, texts, options);
    if (own !== undefined) await write(out, own);
    else await quantizeGguf(reference, out, type as GgufFileType, { importance });
    const { bytes, logits } = await tryOut(out);
    const exact = compare && logits !== undefined ? (await openAndRun(reference)).logits : undefined;
    const compared =
      exact === undefined
        ? { maxLogitDifference: null, divergence: null }
        : {
            maxLogitDifference: largestLogitDifference(exact, logits!),
            divergence: meanDivergence(exact, logits!),
          };
    const result = { out, bytes, type, ran: logits !== undefined, ...compared };
    if (importance === undefined) return result;
    const { tokens, chunks, entries } = importance;
    return { ...result, calibration: { tokens, chunks, matrices: entries.size } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function calibrate(
  reference: string,
  texts: readonly string[],
  { calibration = [], progress = silentProgress, signal }: ExportOptions,
): Promise<ImportanceMatrix> {
  let bar: Progress | undefined;
  const importance = await measureImportance(reference, texts, {
    dataset: calibration.map((file) => basename(file)).join(", "),
    tokensPerText: tokensPerText(texts.length),
    onProgress(done, total) {
      bar ??= progress("calibrate", total, "tokens");
      bar.update(done);
    },
    signal,
  });
  bar?.finish();
  return importance;
}

function readType(text: string): string {
  const type = text.toLowerCase();
  if (Object.hasOwn(OWN_TYPES, type) || (GGUF_FILE_TYPES as readonly string[]).includes(type)) return type;
  throw new UserError("unknown-type", `"${text}" is not a GGUF type`, {
    remedy: `Known: ${[...new Set([...Object.keys(OWN_TYPES), ...GGUF_FILE_TYPES])].join(", ")}.`,
  });
}

/** A weight that the architecture does not have would be lost in the file without a word. */
async function refuseUnknownTensors(checkpoint: Checkpoint): Promise<void> {
  const known = new Set(parameterShapes(checkpoint.config).map(({ name }) => name));
  for (const name of checkpoint.tensors.keys()) {
    if (known.has(name) || /rotary_emb\.inv_freq$|\.attention\.(masked_)?bias$/u.test(name)) continue;
    if (name === "lm_head.weight" && (await isTiedCopy(checkpoint))) continue;
    throw new UserError(
      "unknown-tensor",
      `the architecture ${checkpoint.config.architecture} has no such weight`,
      {
        file: checkpoint.folder,
        at: name,
        remedy: "Merge adapters first, or remove weights that do not belong to the model.",
      },
    );
  }
}

/** Some trainers save a tied head a second time; one that differs means that config.json is wrong. */
async function isTiedCopy({ tensors, readRange }: Checkpoint): Promise<boolean> {
  const names = ["lm_head.weight", "model.embed_tokens.weight"] as const;
  const [head, embedding] = names.map((name) => tensors.get(name)?.shape ?? []);
  if (head?.join() !== embedding?.join()) return false;
  const length = head!.reduce((product, size) => product * size, 1);
  for (let from = 0; from < length; from += COMPARED_AT_ONCE) {
    const count = Math.min(COMPARED_AT_ONCE, length - from);
    const [a, b] = await Promise.all(names.map((name) => readRange(name, from, count)));
    if (Buffer.compare(bytesOf(a!), bytesOf(b!)) !== 0) return false;
  }
  return true;
}

async function writeModel(
  path: string,
  encoded: EncodedType,
  weights: WeightSource,
  vocabulary: Vocabulary,
  options: NamedOptions & { readonly file: string },
): Promise<{ bytes: number }> {
  const { config } = weights;
  const metadata = modelMetadata({
    config,
    vocabulary,
    name: options.name,
    paddingId: options.paddingId,
    unknownId: options.unknownId,
    unknownIsControl: options.unknownIsControl,
    fileType: encoded,
    file: options.file,
  });
  const tensors = tensorSources(weights, encoded);
  const total = tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
  const progress = (options.progress ?? silentProgress)(
    `export ${encoded}`,
    Math.ceil(total / 2 ** 20),
    "MiB",
  );
  try {
    return await writeGguf(path, metadata, tensors, {
      onProgress: (done) => progress.update(Math.floor(done / 2 ** 20)),
      signal: options.signal,
    });
  } finally {
    progress.finish();
  }
}

/** As `openAndRun`; a file that does not run is not left for somebody to use. */
async function tryOut(out: string): Promise<TriedOut> {
  try {
    return await openAndRun(out);
  } catch (error) {
    await rm(out, { force: true });
    throw error;
  }
}

async function makeTemporaryFolder(out: string): Promise<string> {
  await makeFolder(dirname(resolve(out)));
  const folder = await temporaryPath(resolve(out));
  try {
    await mkdir(folder);
  } catch (error) {
    throw asFileError(error, out);
  }
  return folder;
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
