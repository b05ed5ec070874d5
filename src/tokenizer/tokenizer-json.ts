// Reads Hugging Face's `tokenizer.json` when it holds a byte-level BPE. What we do not know is refused: a tokenizer that
// cuts text a little differently gives wrong ids without any other sign.
import { z } from "zod";
import { readJson, UserError } from "../core/index.ts";
import type { ByteLevelBpeDefinition } from "./byte-level-bpe.ts";
import { type PreTokenizer, preTokenizerByPattern } from "./pre-tokenizers.ts";

const component = z.looseObject({ type: z.string() });
type Component = z.infer<typeof component>;

const schema = z.object({
  normalizer: component.nullish(),
  pre_tokenizer: component.nullish(),
  post_processor: component.nullish(),
  decoder: component.nullish(),
  added_tokens: z
    .array(
      z.object({
        id: z.number().int().nonnegative(),
        content: z.string(),
        special: z.boolean().default(false),
        lstrip: z.boolean().default(false),
        rstrip: z.boolean().default(false),
        single_word: z.boolean().default(false),
      }),
    )
    .default([]),
  model: z.looseObject({ type: z.string().optional() }),
});

const bpeSchema = z.object({
  vocab: z.record(z.string(), z.number().int().nonnegative()),
  merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  byte_fallback: z.boolean().default(false),
  ignore_merges: z.boolean().nullish(),
  end_of_word_suffix: z.string().nullish(),
  continuing_subword_prefix: z.string().nullish(),
});

const REMEDY =
  "Only byte-level BPE is supported here: GPT-2, Llama 3, Qwen. SentencePiece, Unigram and WordPiece are not yet.";

/** Reads and checks the file; `UserError` when it is not a byte-level BPE with a pre-tokenizer and normaliser we know. */
export async function readTokenizerJson(file: string): Promise<ByteLevelBpeDefinition> {
  const tokenizer = check(file, schema, await readJson(file));
  const kind = tokenizer.model.type ?? "BPE";
  if (kind !== "BPE") throw refuse(file, "model.type", `is a ${kind} tokenizer`);
  const model = check(file, bpeSchema, tokenizer.model, "model.");
  if (model.byte_fallback || !components(tokenizer.decoder, "decoders").some((c) => c.type === "ByteLevel"))
    throw refuse(file, "model", "is a SentencePiece vocabulary, not a byte-level one");
  if (model.end_of_word_suffix || model.continuing_subword_prefix)
    throw refuse(file, "model", "marks word ends or continuations, which byte-level BPE does not");
  const single = tokenizer.added_tokens.find((token) => token.single_word);
  if (single !== undefined)
    throw refuse(file, "added_tokens", `"${single.content}" only counts as a whole word`);

  const tokens: (string | undefined)[] = [];
  for (const [spelling, id] of Object.entries(model.vocab)) tokens[id] = spelling;
  const begin = beginToken(tokenizer.post_processor);
  return {
    tokens: Array.from(tokens),
    merges: model.merges.map((merge) =>
      // A space inside a piece is spelt Ġ, so one space always separates the two.
      typeof merge === "string" ? merge : `${merge[0]} ${merge[1]}`,
    ),
    addedTokens: tokenizer.added_tokens.map((token) => ({
      id: token.id,
      text: token.content,
      special: token.special,
      ...(token.lstrip ? { stripLeft: true } : {}),
      ...(token.rstrip ? { stripRight: true } : {}),
    })),
    preTokenizer: readPreTokenizer(file, tokenizer.pre_tokenizer),
    nfc: readNormalizer(file, tokenizer.normalizer),
    ignoreMerges: model.ignore_merges ?? false,
    bosToken: begin,
    addBos: begin !== undefined,
    file,
  };
}

function check<T extends z.ZodType>(file: string, type: T, value: unknown, prefix = ""): z.output<T> {
  const parsed = type.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError("bad-tokenizer", issue?.message ?? "not a tokenizer", {
    file,
    at: `${prefix}${issue?.path.join(".")}`,
    remedy: "Expected Hugging Face's tokenizer.json.",
  });
}

function refuse(file: string, at: string, found: string): UserError {
  return new UserError("unsupported-tokenizer", found, { file, at, remedy: REMEDY });
}

/** A component, or the parts of a `Sequence`. */
function components(value: Component | null | undefined, parts: string): Component[] {
  if (value === null || value === undefined) return [];
  return value.type === "Sequence" ? z.array(component).parse(value[parts] ?? []) : [value];
}

function readNormalizer(file: string, normalizer: Component | null | undefined): boolean {
  const names = components(normalizer, "normalizers").map((part) => part.type);
  if (names.some((name) => name !== "NFC"))
    throw refuse(file, "normalizer", `normalises by ${names.join(", ")}`);
  return names.length > 0;
}

function readPreTokenizer(file: string, value: Component | null | undefined): PreTokenizer {
  const parts = components(value, "pretokenizers");
  const last = parts.at(-1);
  const at = "pre_tokenizer";
  if (last?.type !== "ByteLevel") throw refuse(file, at, "does not end in ByteLevel");
  if (last.add_prefix_space === true) throw refuse(file, at, "puts a space before every text");
  if (parts.length === 1 && last.use_regex !== false) return "gpt-2";
  const [split] = parts;
  const pattern = (split?.pattern as { Regex?: unknown } | undefined)?.Regex;
  const known = typeof pattern === "string" ? preTokenizerByPattern(pattern) : undefined;
  if (parts.length !== 2 || split?.type !== "Split" || last.use_regex !== false || known === undefined)
    throw refuse(
      file,
      at,
      `cuts text in a way we do not know (${parts.map((part) => part.type).join(", ")})`,
    );
  return known;
}

/** The token that a `TemplateProcessing` puts first, if it does. */
function beginToken(processor: Component | null | undefined): string | undefined {
  const template = components(processor, "processors").find((part) => part.type === "TemplateProcessing");
  const first = (template?.single as { SpecialToken?: { id: string } }[] | undefined)?.[0];
  return first?.SpecialToken?.id;
}
