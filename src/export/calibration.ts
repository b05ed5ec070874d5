// Calibration texts for importance matrices: plain text, JSON lists (Apollo's corpus files) and JSONL, each as one text.
import { extname } from "node:path";
import { readJson, readJsonLines, readText, UserError } from "../core/index.ts";

/**
 * Tokens taken of all texts together: 64 pieces of 512. Shared equally, so that a language with a larger file does not
 * push the others out.
 */
const CALIBRATION_TOKENS = 1 << 15;

/** Tokens to take of each of `count` texts. */
export function tokensPerText(count: number): number {
  return Math.ceil(CALIBRATION_TOKENS / count);
}

/** Reads each file as one text: a `.json` or `.jsonl` file gives all strings in it, in order. `UserError` when one is empty. */
export async function readCalibration(files: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const file of files) {
    const text = (await readStrings(file)).join("\n").trim();
    if (text === "") {
      throw new UserError("empty-calibration", "holds no text to calibrate with", {
        file,
        remedy: "Give plain text, a list of strings in JSON, or JSONL.",
      });
    }
    texts.push(text);
  }
  return texts;
}

async function readStrings(file: string): Promise<string[]> {
  switch (extname(file).toLowerCase()) {
    case ".json":
      return stringsIn(await readJson(file));
    case ".jsonl": {
      const strings: string[] = [];
      for await (const { value } of readJsonLines(file)) strings.push(...stringsIn(value));
      return strings;
    }
    default:
      return [await readText(file)];
  }
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(stringsIn);
}
