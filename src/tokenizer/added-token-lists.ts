// `added_tokens*.json` beside an older vocabulary: the texts of the tokens that it was extended by, and their ids.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { readJson, UserError } from "../core/index.ts";
import type { AddedToken } from "./added-tokens.ts";

const idsSchema = z.record(z.string(), z.number().int().nonnegative());

/** The tokens of all such lists in `folder`, in the order of the files' names. */
export async function readAddedTokenLists(folder: string): Promise<AddedToken[]> {
  const tokens: AddedToken[] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (!/^added_tokens.*\.json$/u.test(name)) continue;
    // The lists do not say which tokens are control tokens: by convention they are written <|...|>.
    for (const [text, id] of await readIdsOfTokens(join(folder, name)))
      tokens.push({ id, text, special: /^<\|.*\|>$/u.test(text) });
  }
  return tokens;
}

/** Reads an object of token to id. */
export async function readIdsOfTokens(file: string): Promise<Map<string, number>> {
  const parsed = idsSchema.safeParse(await readJson(file));
  if (parsed.success) return new Map(Object.entries(parsed.data));
  throw new UserError("bad-vocabulary", "expected an object of token to id", {
    file,
    at: parsed.error.issues[0]?.path.join(".") ?? "",
  });
}
