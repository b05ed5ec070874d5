// Files of JSON lines, as tests look into them.
import { readFile } from "node:fs/promises";

/** The values of all lines of a file; none of an empty one. */
export async function jsonLines(path: string) {
  const lines = (await readFile(path, "utf8")).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
}
