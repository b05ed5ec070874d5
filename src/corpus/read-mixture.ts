// Reads a mixture from words: a JSON file, or `source=priority/epochs`.
import { z } from "zod";
import { readJson, UserError } from "../core/index.ts";
import type { Mixture } from "./mixture.ts";

const weight = z.strictObject({ priority: z.number().positive(), epochs: z.number().int().min(0) });
const schema = z.record(z.string(), weight);

/**
 * Weights by source, a later word over an earlier one. A word is `medicalBook=16/1` (priority, times seen), for one language
 * `medicalBook_zh=4/1`, or the path of a JSON file `{"medicalBook": {"priority": 16, "epochs": 1}}`. `UserError` for anything else.
 */
export async function readMixture(words: readonly string[]): Promise<Mixture> {
  const mixture: Record<string, Mixture[string]> = {};
  for (const word of words) {
    const [, source, priority, epochs] = /^([\w-]+)=([\d.]+)\/(\d+)$/u.exec(word) ?? [];
    if (source !== undefined && Number(priority) > 0) {
      mixture[source] = { priority: Number(priority), epochs: Number(epochs) };
      continue;
    }
    if (word.includes("="))
      throw new UserError("bad-mixture", `"${word}" is not like medicalBook=16/1 (source=priority/epochs)`);
    const parsed = schema.safeParse(await readJson(word));
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      throw new UserError("bad-mixture", issue.message, {
        file: word,
        at: issue.path.join("."),
        remedy: 'Expected {"medicalBook": {"priority": 16, "epochs": 1}, ...}.',
      });
    }
    Object.assign(mixture, parsed.data);
  }
  return mixture;
}
