// Opens a model behind an OpenAI-compatible server (vLLM, SGLang, llama-server, Ollama, a hosted one) as a `LanguageModel`.
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { LanguageModel } from "./language-model.ts";
import { createRemoteClient, type TokenPrice } from "./remote-client.ts";
import { generateRemotely } from "./remote-generate.ts";
import { type KnownWay, scoreRemotely } from "./remote-score.ts";

/** Options for `openRemote`. */
export interface RemoteOptions {
  /** Default: the environment's OPENAI_API_KEY. */
  readonly apiKey?: string;
  /** Default: what the server says, else 4096. */
  readonly contextLength?: number;
  /** What a million tokens cost; `usage()` then says what all of them did. Default: not known. */
  readonly price?: TokenPrice;
}

const DEFAULT_CONTEXT_LENGTH = 4096;
const MOST_NAMES_SHOWN = 5;

const modelsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      max_model_len: z.number().nullish(),
      meta: z.object({ n_ctx: z.number().nullish(), n_ctx_train: z.number().nullish() }).nullish(),
    }),
  ),
});

/**
 * Opens `model` at `url` (`http://host:port/v1`). An empty name takes the server's only model. `UserError` when the server
 * does not answer, refuses the key, or does not have the model.
 */
export async function openRemote(
  url: string,
  model = "",
  options: RemoteOptions = {},
): Promise<LanguageModel> {
  const client = createRemoteClient(
    cleanUrl(url),
    options.apiKey ?? process.env.OPENAI_API_KEY,
    options.price,
  );
  const listed = modelsSchema.safeParse(await client.get("/models"));
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
  const name = found?.id ?? model;
  const known: KnownWay = {};
  return {
    id: name,
    contextLength:
      options.contextLength ??
      found?.max_model_len ??
      found?.meta?.n_ctx ??
      found?.meta?.n_ctx_train ??
      DEFAULT_CONTEXT_LENGTH,
    score: (requests) => Promise.all(requests.map((request) => scoreRemotely(client, name, request, known))),
    generate: (request) => generateRemotely(client, name, request),
    usage: client.usage,
    close: () => Promise.resolve(),
  };
}

/** The base URL without what people paste along with it. */
function cleanUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (error) {
    throw new UserError("bad-url", `"${url}" is not an address`, {
      remedy: "Write it like http://localhost:8000/v1",
      cause: error,
    });
  }
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:")
    throw new UserError("bad-url", `"${url}" is not an http address`, {
      remedy: "Write it like http://localhost:8000/v1",
    });
  return `${parsed.origin}${parsed.pathname}`.replace(/\/(chat\/)?completions\/?$/u, "").replace(/\/+$/u, "");
}
