// Builds a whole `LogitModel` from what an engine must bring: sessions, logits, a tokenizer. Scoring and generation come from
// here, so that a file and a proxy-tuned trio behave alike.
import { encodeChat, specialSpellings } from "./chat-template.ts";
import { generate } from "./generate.ts";
import type { ChatMessage, LogitModel } from "./language-model.ts";
import { scoreRequests, scoreTokens } from "./score.ts";

/** What an engine brings. */
export type LogitModelParts = Partial<
  Pick<LogitModel, "encodeChat" | "openChat" | "truncation" | "chatTemplate">
> &
  Pick<
    LogitModel,
    | "id"
    | "contextLength"
    | "vocabularySize"
    | "tokenizer"
    | "formatChat"
    | "open"
    | "openWhenFree"
    | "visitLogits"
    | "constrain"
    | "embed"
    | "usage"
    | "close"
  >;

/** Completes `parts` with `score`, `scoreTokens`, `generate` and, where it is not brought, `encodeChat`. */
export function createLogitModel(parts: LogitModelParts): LogitModel {
  let spellings: string[] | undefined;
  const encodeWithTemplate = (messages: readonly ChatMessage[]): Int32Array => {
    spellings ??= specialSpellings(parts.tokenizer);
    return encodeChat(parts.formatChat(messages), messages, parts.tokenizer, spellings);
  };
  const encodeConversation = parts.encodeChat ?? encodeWithTemplate;
  const model: LogitModel = {
    ...parts,
    encodeChat: encodeConversation,
    score: (requests) => scoreRequests(model, requests),
    scoreTokens: (prefix, continuations) => scoreTokens(parts, prefix, continuations),
    generate: (request) => generate({ ...parts, encodeConversation }, request),
  };
  return model;
}
