// How a configuration is refused: one field, what was found, what was expected.
import type { z } from "zod";
import { UserError } from "../core/index.ts";

/** Refuses a field's value. */
export type Refuse = (at: string, found: unknown, expected: string) => never;

/** What `schema` reads of a configuration; `UserError` with the field that it refuses, by the file's own name where `names` has one. */
export function check<T>(
  schema: z.ZodType<T>,
  json: unknown,
  file: string,
  names: Readonly<Record<string, string>> = {},
): T {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = (issue?.path ?? []).map((key) => names[String(key)] ?? String(key));
  throw new UserError("bad-config", issue?.message ?? "not a model configuration", {
    file,
    at: path.join("."),
    remedy: "The folder must hold a Hugging Face checkpoint of a causal language model.",
  });
}
