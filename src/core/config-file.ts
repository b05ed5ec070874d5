// Configuration files people write by hand, in YAML, JSON, TOML or TypeScript: read by c12, with errors that name the file.
import { extname, resolve } from "node:path";
import { loadConfig } from "c12";
import { UserError } from "./errors.ts";
import { exists, isFolder, readText } from "./files.ts";

/** What a configuration may be written in. */
const FILE_TYPES = [".yaml", ".yml", ".json", ".jsonc", ".json5", ".toml", ".ts", ".mts", ".js", ".mjs"];

/**
 * Reads a configuration file as plain data of its own; `kind` ("recipe") says what it is in messages and error codes.
 * `UserError` when it is missing, of another type, or cannot be parsed.
 */
export async function loadConfigFile(
  path: string,
  kind: string,
  missingRemedy?: string,
): Promise<Record<string, unknown>> {
  const code = `bad-${kind.replaceAll(" ", "-")}`;
  if (!(await exists(path))) {
    throw new UserError("file-not-found", `no such ${kind}`, {
      file: path,
      ...(missingRemedy === undefined ? {} : { remedy: missingRemedy }),
    });
  }
  if (await isFolder(path)) {
    throw new UserError("not-a-file", `is a folder, a ${kind} file was expected`, { file: path });
  }
  if (!FILE_TYPES.includes(extname(path))) {
    throw new UserError(code, `not a kind of ${kind} file: expected ${FILE_TYPES.join(", ")}`, {
      file: path,
    });
  }
  // c12 has no words of its own for a file without content.
  if ((await readText(path)).trim() === "") throw new UserError(code, "is empty", { file: path });
  try {
    const loaded = await loadConfig<Record<string, unknown>>({
      configFile: resolve(path),
      rcFile: false,
      globalRc: false,
    });
    return structuredClone(loaded.config);
  } catch (error) {
    throw new UserError(code, `cannot be read: ${(error as Error).message}`, { file: path, cause: error });
  }
}
