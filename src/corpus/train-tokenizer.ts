// Learns a tokenizer from a corpus, and says what it costs to write each language with it, beside another one.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import {
  asFileError,
  exists,
  hashFile,
  hashValue,
  type ProgressFactory,
  silentProgress,
  UserError,
} from "../core/index.ts";
import {
  type ByteLevelBpe,
  createByteLevelBpeTrainer,
  type LoadedTokenizer,
  type PreTokenizer,
  saveTokenizer,
  type Tokenizer,
} from "../tokenizer/index.ts";
import { findCorpusFiles } from "./corpus-files.ts";
import { documentTexts } from "./document.ts";
import { readDocuments } from "./read-documents.ts";
import { makeOnce } from "./stage-folder.ts";

/** What to learn. */
export interface TrainTokenizerOptions {
  /** Tokens in all, bytes and special ones among them. */
  readonly size: number;
  readonly out: string;
  /** Control tokens; the first one ends a text. Default `<|endoftext|>`. */
  readonly specialTokens?: readonly string[];
  /** Default `"qwen2"`. */
  readonly preTokenizer?: PreTokenizer;
  /** The language of plain text files. Default `und`. */
  readonly language?: string;
  /** Another tokenizer, measured on the same texts. */
  readonly compare?: LoadedTokenizer;
  readonly progress?: ProgressFactory;
  readonly signal?: AbortSignal;
}

/** What it costs to write a language. */
export interface Fertility {
  readonly language: string;
  readonly documents: number;
  /** What is counted: characters where words are not set apart. */
  readonly unit: "word" | "character";
  readonly tokensPerUnit: number;
  readonly bytesPerToken: number;
  /** The same with the other tokenizer. */
  readonly other?: { readonly tokensPerUnit: number; readonly bytesPerToken: number };
}

/** What was learnt. */
export interface TrainTokenizerResult {
  readonly tokenizer: string;
  /** At most what was asked for; fewer when the texts hold no more pairs seen twice. */
  readonly vocabularySize: number;
  readonly documents: number;
  /** Documents that were not learnt from but measured; 0 when there were too few, and all were measured. */
  readonly heldOut: number;
  /** Occurrences of rare pieces not learnt from, for want of memory. */
  readonly forgotten: number;
  readonly languages: readonly Fertility[];
}

const STAGE = "tokenizer train";
/** Every 20th document is kept out of learning, to measure on. */
const HOLD_OUT = 20;
const WITHOUT_SPACES = new Set(["zh", "ja", "th", "km", "lo", "my", "yue", "wuu"]);

/**
 * Learns a byte-level BPE tokenizer from corpora (folders or files in Apollo's format) and plain text files (a document a line), and writes
 * it to `out` as `tokenizer.json`. Streams; memory does not grow with the texts. The same inputs give the same bytes; when `out` already
 * holds them, nothing is done.
 */
export async function trainTokenizer(
  inputs: readonly string[],
  options: TrainTokenizerOptions,
): Promise<TrainTokenizerResult> {
  const { size, out, specialTokens = ["<|endoftext|>"], preTokenizer = "qwen2", compare } = options;
  const { language = "und", progress = silentProgress, signal } = options;
  const sources = await findTexts(inputs, language);
  const recipe = {
    files: await Promise.all(
      sources.map(async ({ file, language }) => ({ language, sha256: await hashFile(file) })),
    ),
    size,
    specialTokens,
    preTokenizer,
    compare: compare === undefined ? "none" : hashValue(compare.identity),
  };
  const result = await makeOnce(out, STAGE, recipe, async (target) => {
    const trainer = createByteLevelBpeTrainer({
      vocabularySize: size,
      specialTokens,
      preTokenizer,
      progress,
    });
    let documents = 0;
    const bar = progress("read", sources.length, "files");
    for (const [f, source] of sources.entries()) {
      for await (const texts of source.read()) {
        signal?.throwIfAborted();
        if (documents++ % HOLD_OUT !== HOLD_OUT - 1) for (const text of texts) trainer.add(text);
      }
      bar.update(f + 1, `${documents} documents`);
    }
    bar.finish();
    if (documents === 0)
      throw new UserError("empty-corpus", "no text to learn from", { file: inputs.join(", ") });
    const tokenizer = trainer.finish();
    const heldOut = Math.floor(documents / HOLD_OUT);
    const languages = await measure(sources, heldOut > 0, tokenizer, compare, signal);
    await saveTokenizer(tokenizer, target.path);
    const { vocabularySize } = tokenizer;
    return { vocabularySize, documents, heldOut, forgotten: trainer.forgotten, languages };
  });
  return { tokenizer: out, ...result };
}

/** A file whose documents can be read more than once. */
interface TextSource {
  readonly file: string;
  readonly language: string;
  read(): AsyncGenerator<readonly string[]>;
}

async function findTexts(inputs: readonly string[], language: string): Promise<TextSource[]> {
  const sources: TextSource[] = [];
  for (const input of inputs) {
    if (/\.(?:txt|md)$/u.test(input)) {
      if (!(await exists(input))) throw asFileError({ code: "ENOENT" }, input);
      sources.push({ file: input, language, read: () => readLines(input) });
      continue;
    }
    for (const { file, kind } of await findCorpusFiles([input]))
      sources.push({
        file,
        language: kind.language,
        async *read() {
          for await (const document of readDocuments(file, kind)) yield documentTexts(document);
        },
      });
  }
  return sources;
}

async function* readLines(file: string): AsyncGenerator<readonly string[]> {
  const lines = createInterface({
    input: createReadStream(file, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  for await (const line of lines) if (line.trim() !== "") yield [line];
}

interface Sums {
  documents: number;
  units: number;
  bytes: number;
  tokens: number;
  otherTokens: number;
}

async function measure(
  sources: readonly TextSource[],
  heldOutOnly: boolean,
  tokenizer: ByteLevelBpe,
  compare: Tokenizer | undefined,
  signal: AbortSignal | undefined,
): Promise<Fertility[]> {
  const languages = new Map<string, Sums>();
  let number = 0;
  for (const { language, read } of sources) {
    const sums = languages.get(language) ?? { documents: 0, units: 0, bytes: 0, tokens: 0, otherTokens: 0 };
    languages.set(language, sums);
    for await (const texts of read()) {
      signal?.throwIfAborted();
      if (heldOutOnly && number++ % HOLD_OUT !== HOLD_OUT - 1) continue;
      sums.documents++;
      for (const text of texts) {
        sums.units += text.match(WITHOUT_SPACES.has(language) ? CHARACTER : WORD)?.length ?? 0;
        sums.bytes += Buffer.byteLength(text);
        sums.tokens += tokenizer.encode(text).length;
        sums.otherTokens += compare?.encode(text).length ?? 0;
      }
    }
  }
  const costs = (tokens: number, { units, bytes }: Sums) => ({
    tokensPerUnit: tokens / Math.max(1, units),
    bytesPerToken: bytes / Math.max(1, tokens),
  });
  return [...languages]
    .filter(([, { documents }]) => documents > 0)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([language, sums]) => ({
      language,
      documents: sums.documents,
      unit: WITHOUT_SPACES.has(language) ? ("character" as const) : ("word" as const),
      ...costs(sums.tokens, sums),
      ...(compare === undefined ? {} : { other: costs(sums.otherTokens, sums) }),
    }));
}

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const CHARACTER = /[\p{L}\p{N}]/gu;
