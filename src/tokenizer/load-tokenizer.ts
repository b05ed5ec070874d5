// Opens a tokenizer from whatever a model's folder holds.
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { asFileError, exists, isFolder, UserError } from "../core/index.ts";
import { ByteLevelBpe, type ByteLevelBpeDefinition } from "./byte-level-bpe.ts";
import { readGgufVocabulary } from "./gguf-vocabulary.ts";
import { SentencePieceBpe, type SentencePieceDefinition } from "./sentencepiece-bpe.ts";
import { readSentencePieceModel } from "./sentencepiece-model.ts";
import { readTiktoken } from "./tiktoken.ts";
import { readTokenizerConfig, type TokenizerConfig } from "./tokenizer-config.ts";
import { readTokenizerJson } from "./tokenizer-json.ts";
import { readVocabMerges } from "./vocab-merges.ts";

const SUPPORTED =
  "tokenizer.json (BPE), tokenizer.model (SentencePiece BPE), vocab.json with merges.txt, a *.tiktoken file of Qwen, or a GGUF file with a gpt2 or llama vocabulary";

type Definition = ByteLevelBpeDefinition | SentencePieceDefinition;

/** A tokenizer opened from files: one of two kinds of byte-pair encoding. */
export type LoadedTokenizer = ByteLevelBpe | SentencePieceBpe;

/**
 * Opens a tokenizer: a folder or a file of one of the supported kinds. What the neighbouring `tokenizer_config.json` and
 * `chat_template.jinja` say about special tokens, beginning of text and chat template counts. In a folder tokenizer.json
 * is taken before tokenizer.model. `UserError` for anything else.
 */
export async function loadTokenizer(path: string): Promise<LoadedTokenizer> {
  const file = await findTokenizerFile(path);
  if (extname(file) === ".gguf") return create(await readGgufVocabulary(file));
  const config = await readTokenizerConfig(dirname(file));
  const definition = await readDefinition(file, config);
  return create({
    ...definition,
    bosToken: config.bosToken ?? definition.bosToken,
    eosToken: config.eosToken ?? definition.eosToken,
    addBos: config.addBos ?? definition.addBos ?? false,
    chatTemplate: config.chatTemplate,
    file,
  });
}

function create(definition: Definition): LoadedTokenizer {
  return "kind" in definition ? new SentencePieceBpe(definition) : new ByteLevelBpe(definition);
}

function readDefinition(file: string, config: TokenizerConfig): Promise<Definition> {
  if (extname(file) === ".model") return readSentencePieceModel(file, config);
  if (extname(file) === ".tiktoken") return readTiktoken(file);
  if (basename(file) === "vocab.json") return readVocabMerges(dirname(file), config);
  return readTokenizerJson(file);
}

/** The file to read: `path` itself, or the best of what its folder holds. */
async function findTokenizerFile(path: string): Promise<string> {
  if (!(await isFolder(path))) {
    if (!(await exists(path))) throw asFileError({ code: "ENOENT" }, path);
    const name = basename(path);
    if (name === "merges.txt") return join(dirname(path), "vocab.json");
    if ([".json", ".model", ".tiktoken", ".gguf"].includes(extname(name))) return path;
    throw unsupported(path, `"${name}" is not a tokenizer we read`);
  }
  const names = (await readdir(path)).sort();
  const tiktoken = names.find((name) => name.endsWith(".tiktoken"));
  if (names.includes("tokenizer.json")) return join(path, "tokenizer.json");
  if (names.includes("vocab.json") && names.includes("merges.txt")) return join(path, "vocab.json");
  if (tiktoken !== undefined) return join(path, tiktoken);
  if (names.includes("tokenizer.model")) return join(path, "tokenizer.model");
  throw unsupported(path, "no tokenizer in this folder");
}

function unsupported(file: string, found: string): UserError {
  return new UserError("unsupported-tokenizer", found, { file, remedy: `Supported: ${SUPPORTED}.` });
}
