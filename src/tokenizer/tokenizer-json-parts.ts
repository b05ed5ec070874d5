// The parts of Hugging Face's `tokenizer.json` that its readers share.
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { AddedToken } from "./added-tokens.ts";

const component = z.looseObject({ type: z.string() });
/** One step of the path of a text. */
export type Component = z.infer<typeof component>;

/** The whole file, its model unread. */
export const tokenizerSchema = z.object({
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
        normalized: z.boolean().default(false),
      }),
    )
    .default([]),
  model: z.looseObject({ type: z.string().optional() }),
});

/** A model of type BPE. */
export const bpeSchema = z.object({
  vocab: z.record(z.string(), z.number().int().nonnegative()),
  merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  byte_fallback: z.boolean().default(false),
  ignore_merges: z.boolean().nullish(),
  unk_token: z.string().nullish(),
  fuse_unk: z.boolean().nullish(),
  end_of_word_suffix: z.string().nullish(),
  continuing_subword_prefix: z.string().nullish(),
});

/** Checks a part of the file. */
export function check<T extends z.ZodType>(file: string, type: T, value: unknown, prefix = ""): z.output<T> {
  const parsed = type.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new UserError("bad-tokenizer", issue?.message ?? "not a tokenizer", {
    file,
    at: `${prefix}${issue?.path.join(".")}`,
    remedy: "Expected Hugging Face's tokenizer.json.",
  });
}

/** The added tokens of a file; those that only count as whole words are refused. */
export function addedTokens(file: string, tokenizer: z.infer<typeof tokenizerSchema>): AddedToken[] {
  return tokenizer.added_tokens.map((token) => {
    if (token.single_word) {
      throw new UserError("unsupported-tokenizer", `"${token.content}" only counts as a whole word`, {
        file,
        at: "added_tokens",
      });
    }
    return {
      id: token.id,
      text: token.content,
      special: token.special,
      ...(token.lstrip ? { stripLeft: true } : {}),
      ...(token.rstrip ? { stripRight: true } : {}),
    };
  });
}

/** A component, or the parts of a `Sequence`. */
export function components(value: Component | null | undefined, parts: string): Component[] {
  if (value === null || value === undefined) return [];
  return value.type === "Sequence" ? z.array(component).parse(value[parts] ?? []) : [value];
}

/** The token that a `TemplateProcessing` puts first, if it does. */
export function beginToken(processor: Component | null | undefined): string | undefined {
  const template = components(processor, "processors").find((part) => part.type === "TemplateProcessing");
  const first = (template?.single as { SpecialToken?: { id: string } }[] | undefined)?.[0];
  return first?.SpecialToken?.id;
}
