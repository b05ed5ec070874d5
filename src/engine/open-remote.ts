// Opens a model behind an OpenAI-compatible server (vLLM, SGLang, llama-server, Ollama, a hosted one) as a `LanguageModel`.
import type { LanguageModel } from "./language-model.ts";
import { createRemoteClient, type TokenPrice } from "./remote-client.ts";
import { generateRemotely } from "./remote-generate.ts";
import { cleanUrl, findRemoteModel } from "./remote-models.ts";
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

/**
 * Opens `model` at `url` (`http://host:port/v1`). An empty name takes the server's only model. `UserError` when the server
 * does not answer, refuses the key, or does not have the model.
 */
export async function openRemote(
  url: string,
  model = "",
  options: RemoteOptions = {},
): Promise<LanguageModel> {
  const client = createRemoteClient(cleanUrl(url), options.apiKey ?? process.env.OPENAI_API_KEY, {
    price: options.price,
  });
  const { name, contextLength } = await findRemoteModel(client, model);
  const known: KnownWay = {};
  return {
    id: name,
    contextLength: options.contextLength ?? contextLength,
    score: (requests) => Promise.all(requests.map((request) => scoreRemotely(client, name, request, known))),
    generate: (request) => generateRemotely(client, name, request),
    usage: client.usage,
    close: () => Promise.resolve(),
  };
}
