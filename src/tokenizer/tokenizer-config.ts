// What `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja` beside a vocabulary say.
import { join } from "node:path";
import { z } from "zod";
import { exists, readJson, readText, UserError } from "../core/index.ts";
import type { AddedToken } from "./added-tokens.ts";

/** The parts that we use. */
export interface TokenizerConfig {
  readonly tokenizerClass: string | undefined;
  readonly bosToken: string | undefined;
  readonly eosToken: string | undefined;
  readonly addBos: boolean | undefined;
  readonly chatTemplate: string | undefined;
  /** `added_tokens_decoder`. */
  readonly addedTokens: readonly AddedToken[];
}

const tokenText = z.union([
  z.string(),
  z.object({ content: z.string() }).transform((token) => token.content),
  z.null().transform(() => undefined),
]);

const schema = z.object({
  tokenizer_class: z.string().optional(),
  bos_token: tokenText.optional(),
  eos_token: tokenText.optional(),
  add_bos_token: z.boolean().optional(),
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
  added_tokens_decoder: z
    .record(
      z.string(),
      z.object({
        content: z.string(),
        special: z.boolean().default(false),
        lstrip: z.boolean().default(false),
        rstrip: z.boolean().default(false),
      }),
    )
    .optional(),
});

/** Reads the configuration beside a vocabulary; everything is `undefined` when there is none. */
export async function readTokenizerConfig(folder: string): Promise<TokenizerConfig> {
  const file = join(folder, "tokenizer_config.json");
  const parsed = schema.safeParse((await exists(file)) ? await readJson(file) : {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError("bad-tokenizer-config", issue?.message ?? "not a tokenizer configuration", {
      file,
      at: issue?.path.join(".") ?? "",
    });
  }
  const config = parsed.data;
  const listed = config.chat_template;
  const template = Array.isArray(listed)
    ? listed.find((entry) => entry.name === "default")?.template
    : listed;
  const jinja = join(folder, "chat_template.jinja");
  return {
    tokenizerClass: config.tokenizer_class,
    bosToken: config.bos_token,
    eosToken: config.eos_token,
    addBos: config.add_bos_token,
    chatTemplate: template ?? ((await exists(jinja)) ? await readText(jinja) : undefined),
    addedTokens: Object.entries(config.added_tokens_decoder ?? {}).map(([id, token]) => ({
      id: Number(id),
      text: token.content,
      special: token.special,
      ...(token.lstrip ? { stripLeft: true } : {}),
      ...(token.rstrip ? { stripRight: true } : {}),
    })),
  };
}
