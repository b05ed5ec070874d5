// Reads the older layout of byte-level vocabularies: vocab.json, merges.txt and lists of added tokens.
import { join } from "node:path";
import { readText, UserError } from "../core/index.ts";
import { readAddedTokenLists, readIdsOfTokens } from "./added-token-lists.ts";
import type { AddedToken } from "./added-tokens.ts";
import type { ByteLevelBpeDefinition } from "./byte-level-bpe.ts";
import type { PreTokenizer } from "./pre-tokenizers.ts";
import type { TokenizerConfig } from "./tokenizer-config.ts";

/** What the layout itself leaves unsaid, by family. */
interface Family {
  readonly preTokenizer: PreTokenizer;
  readonly nfc: boolean;
  readonly endToken: string;
}

const FAMILIES: readonly (Family & { readonly classes: readonly string[]; readonly size: number })[] = [
  {
    classes: ["Qwen2Tokenizer", "Qwen2TokenizerFast", "QWenTokenizer"],
    size: 151_643,
    preTokenizer: "qwen2",
    nfc: true,
    endToken: "<|endoftext|>",
  },
  {
    classes: ["GPT2Tokenizer", "GPT2TokenizerFast"],
    size: 50_257,
    preTokenizer: "gpt-2",
    nfc: false,
    endToken: "<|endoftext|>",
  },
];

/** Reads the folder; the family comes from the configuration's class, else from the well-known size of the vocabulary. */
export async function readVocabMerges(
  folder: string,
  config: TokenizerConfig,
): Promise<ByteLevelBpeDefinition> {
  const file = join(folder, "vocab.json");
  const ids = await readIdsOfTokens(file);
  const family = FAMILIES.find(({ classes, size }) =>
    config.tokenizerClass === undefined ? size === ids.size : classes.includes(config.tokenizerClass),
  );
  if (family === undefined) {
    throw new UserError(
      "unsupported-tokenizer",
      `cannot tell how text is cut: tokenizer_class is ${config.tokenizerClass ?? "missing"}, ${ids.size} tokens`,
      {
        file,
        remedy: `Add a tokenizer_config.json with tokenizer_class ${FAMILIES.map((f) => f.classes[0]).join(" or ")}, or use tokenizer.json.`,
      },
    );
  }
  const tokens: (string | undefined)[] = [];
  for (const [spelling, id] of ids) tokens[id] = spelling;
  return {
    tokens: Array.from(tokens),
    merges: await readMerges(join(folder, "merges.txt")),
    addedTokens: await readAddedTokens(folder, ids, config, family.endToken),
    preTokenizer: family.preTokenizer,
    nfc: family.nfc,
    eosToken: family.endToken,
    file,
  };
}

async function readMerges(file: string): Promise<string[]> {
  const lines = (await readText(file)).split(/\r?\n/u).filter((line) => line !== "");
  return lines[0]?.startsWith("#version") ? lines.slice(1) : lines;
}

async function readAddedTokens(
  folder: string,
  ids: ReadonlyMap<string, number>,
  config: TokenizerConfig,
  endToken: string,
): Promise<AddedToken[]> {
  const added = new Map<number, AddedToken>();
  const end = ids.get(endToken);
  if (end !== undefined) added.set(end, { id: end, text: endToken, special: true });
  for (const token of await readAddedTokenLists(folder)) added.set(token.id, token);
  for (const token of config.addedTokens) added.set(token.id, token);
  return [...added.values()];
}
