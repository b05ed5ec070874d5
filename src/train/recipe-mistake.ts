// What is wrong with a recipe, in words: the place, what was found there, and what is expected.
import type { z } from "zod";
import { UserError } from "../core/index.ts";

/**
 * The error for a recipe that its schema refused. `parts` has the keys that are known in the recipe (under "") and in its parts; a
 * key that is not comes first, since it explains what is then missing.
 */
export function recipeMistake(
  { issues }: z.ZodError,
  raw: unknown,
  file: string,
  parts: Readonly<Record<string, readonly string[]>>,
): UserError {
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  const at = issue.path.join(".");
  if (issue.code === "unrecognized_keys") {
    const known = parts[at];
    return new UserError("bad-recipe", `there is no key ${issue.keys.map((key) => `"${key}"`).join(", ")}`, {
      file,
      at,
      remedy: known && `Keys of ${at === "" ? "a recipe" : at}: ${known.join(", ")}.`,
    });
  }
  // zod names the type that it found, not the value.
  const expected = issue.message.replace(/^Invalid (?:input|option): |, received [^,]*$/gu, "");
  const found = valueAt(raw, issue.path);
  const what =
    found === undefined ? `is missing: ${expected}` : `${expected}, found ${JSON.stringify(found)}`;
  const remedy = at === "" ? undefined : `Put it right in the recipe, or with --set ${at}=VALUE.`;
  return new UserError("bad-recipe", what, { file, at, remedy });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((inner: unknown, key) => (inner as Record<PropertyKey, unknown> | null)?.[key], value);
}
