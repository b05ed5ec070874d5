// Which tokens of a checkpoint have a part to play, as the files beside its vocabulary say.
import { join } from "node:path";
import { exists, readJson } from "../core/index.ts";
import type { LoadedTokenizer } from "../tokenizer/index.ts";
import type { TokenRoles } from "./gguf-vocabulary.ts";

/** What the files beside the vocabulary say of its tokens: names by text in tokenizer_config.json, by id in config.json. */
export async function readTokenRoles(folder: string, { tokens }: LoadedTokenizer): Promise<TokenRoles> {
  const read = async (name: string): Promise<Record<string, unknown>> => {
    const path = join(folder, name);
    return (await exists(path)) ? ((await readJson(path)) as Record<string, unknown>) : {};
  };
  const idOf = (named: unknown): number => {
    const token =
      typeof named === "string" ? named : (named as { content?: unknown } | null | undefined)?.content;
    return typeof token === "string" ? tokens.indexOf(token) : -1;
  };
  const {
    pad_token: padding,
    unk_token: unknown,
    added_tokens_decoder: added,
  } = await read("tokenizer_config.json");
  const { pad_token_id: statedPadding, unk_token_id: statedUnknown } = await read("config.json");
  // tokenizer_config.json counts before config.json.
  const roleOf = (named: unknown, stated: unknown): number | undefined => {
    if (idOf(named) >= 0) return idOf(named);
    const isId =
      typeof stated === "number" && Number.isInteger(stated) && stated >= 0 && stated < tokens.length;
    return isId ? stated : undefined;
  };
  const listed = (added as Record<string, { special?: unknown } | null> | undefined)?.[idOf(unknown)];
  return {
    paddingId: roleOf(padding, statedPadding),
    unknownId: roleOf(unknown, statedUnknown),
    unknownIsControl: listed?.special === true,
  };
}
