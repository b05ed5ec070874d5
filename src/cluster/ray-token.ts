// The token of a Ray cluster, found where Ray's own tools look for it.
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../core/index.ts";

/**
 * The token to show, from `RAY_AUTH_TOKEN`, the file `RAY_AUTH_TOKEN_PATH` names, or `~/.ray/auth_token`, in this order; `undefined` when
 * there is none or `RAY_AUTH_MODE` is `disabled`. `UserError` when the named file cannot be read.
 * Source: https://docs.ray.io/en/latest/ray-security/token-auth.html
 */
export async function findRayToken(
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  if (environment.RAY_AUTH_MODE?.toLowerCase() === "disabled") return undefined;
  const given = environment.RAY_AUTH_TOKEN?.trim();
  if (given) return given;
  const named = environment.RAY_AUTH_TOKEN_PATH;
  const path = named || join(environment.HOME || homedir(), ".ray", "auth_token");
  try {
    return (await readFile(path, "utf8")).trim() || undefined;
  } catch (error) {
    if (!named) return undefined;
    throw new UserError("ray-token-file", "RAY_AUTH_TOKEN_PATH names a file that cannot be read", {
      file: path,
      remedy: "Put the cluster's token there, or into RAY_AUTH_TOKEN.",
      cause: error,
    });
  }
}
