// `apollo tokenizer ...`: ids for texts, and vocabularies from them.
import { readJson, UserError } from "../core/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { type Command, defineCommand } from "./command.ts";
import { trainTokenizerCommand } from "./tokenizer-train.ts";

const encode = defineCommand({
  name: "tokenizer encode",
  summary: "print the token ids of texts",
  options: {
    tokenizer: {
      type: "string",
      value: "T",
      required: true,
      help: "tokenizer: a folder, tokenizer.json, *.model, *.tiktoken or *.gguf",
    },
    file: { type: "string", value: "F", required: true, help: "JSON array of strings" },
    special: { type: "boolean", help: "read special tokens written in the texts as such" },
  },
  examples: ["apollo tokenizer encode --tokenizer models/base --file texts.json --json"],
  async run({ options, io }) {
    const texts = await readTexts(options.file);
    const tokenizer = await loadTokenizer(options.tokenizer);
    const ids = texts.map((text) =>
      Array.from(tokenizer.encode(text, { special: options.special ? "parse" : "text" })),
    );
    for (const list of ids) io.print(list.join(" "));
    return ids;
  },
});

async function readTexts(file: string): Promise<string[]> {
  const texts = await readJson(file);
  if (!Array.isArray(texts)) throw new UserError("bad-input", "expected a JSON array of strings", { file });
  texts.forEach((text: unknown, i) => {
    if (typeof text !== "string")
      throw new UserError("bad-input", `expected a string, found ${text === null ? "null" : typeof text}`, {
        file,
        at: `element ${i}`,
      });
  });
  return texts as string[];
}

/** The tokenizer's commands. */
export const tokenizerCommands: readonly Command[] = [encode, trainTokenizerCommand];
