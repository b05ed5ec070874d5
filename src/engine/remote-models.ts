// Which models a server has, and under which address it is asked.
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { RemoteClient } from "./remote-client.ts";

/** A model as the server knows it. */
export interface RemoteModel {
  readonly name: string;
  /** What the server says, else 4096. */
  readonly contextLength: number;
  /** What else it says that tells one model from another of the same name. */
  readonly traits: Readonly<Record<string, string | number>>;
}

const DEFAULT_CONTEXT_LENGTH = 4096;
const MOST_NAMES_SHOWN = 5;

const modelsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      max_model_len: z.number().nullish(),
      // vLLM: the folder or name that it was started with.
      root: z.string().nullish().catch(null),
      meta: z
        .object({
          n_ctx: z.number().nullish(),
          n_ctx_train: z.number().nullish(),
          n_params: z.number().nullish(),
          n_vocab: z.number().nullish(),
          size: z.number().nullish(),
        })
        .nullish(),
    }),
  ),
});

/** Finds `model`, or the server's only one when the name is empty; `UserError` when it is not there. */
export async function findRemoteModel(
  client: RemoteClient,
  model: string,
  signal?: AbortSignal,
): Promise<RemoteModel> {
  const listed = modelsSchema.safeParse(await client.get("/models", signal));
  // A server without a list of models may still serve them.
  const models = listed.success ? listed.data.data : [];
  const found = model === "" && models.length === 1 ? models[0] : models.find(({ id }) => id === model);
  if (found === undefined && (models.length > 0 || model === "")) {
    const names = models.slice(0, MOST_NAMES_SHOWN).map(({ id }) => id);
    throw new UserError(
      "remote-model-not-found",
      model === "" ? "which of the server's models is meant?" : `the server has no model "${model}"`,
      { file: client.baseUrl, remedy: `It has: ${names.join(", ") || "no list of models"}.` },
    );
  }
  const stated = found?.max_model_len ?? found?.meta?.n_ctx ?? found?.meta?.n_ctx_train;
  const said = {
    "context length": stated,
    // The same folder may lie elsewhere on another machine.
    root: found?.root?.replace(/\/+$/u, "").split("/").at(-1),
    parameters: found?.meta?.n_params,
    vocabulary: found?.meta?.n_vocab,
    bytes: found?.meta?.size,
  };
  return {
    name: found?.id ?? model,
    contextLength: stated ?? DEFAULT_CONTEXT_LENGTH,
    traits: Object.fromEntries(
      Object.entries(said).flatMap(([trait, value]) =>
        value === null || value === undefined ? [] : [[trait, value]],
      ),
    ),
  };
}

/** The base URL without what people paste along with it; `UserError` when it is none. */
export function cleanUrl(url: string): string {
  const remedy = "Write it like http://localhost:8000/v1";
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (error) {
    throw new UserError("bad-url", `"${url}" is not an address`, { remedy, cause: error });
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:")
    throw new UserError("bad-url", `"${url}" is not an http address`, { remedy });
  return `${parsed.origin}${parsed.pathname}`.replace(/\/(chat\/)?completions\/?$/u, "").replace(/\/+$/u, "");
}
