// POST /tokenize and /detokenize, in llama-server's and in vLLM's shape, and GET /tokenizer_info, which lm-evaluation-harness
// looks for before it takes the server's tokenizer instead of one of its own.
import type { LanguageModel, LogitModel } from "../engine/index.ts";
import { onceInTurn } from "./generation.ts";
import { requireLogits, type ServedModel } from "./models.ts";
import type { ReplyContext } from "./reply.ts";
import type { DetokenizeRequest, TokenizeRequest } from "./request-texts.ts";
import { readTokenIds } from "./token-prompt.ts";

/** Text or a conversation as token ids of the model. */
export function replyToTokenize(
  served: ServedModel,
  request: TokenizeRequest,
  context: ReplyContext,
): Promise<Response> {
  return withModel(served, context, (model) => {
    const logits = requireLogits(model, "/tokenize");
    const ids = [...encode(logits, request)];
    if (request.shape === "llama-server") {
      const piece = (id: number) => ({ id, piece: textOrBytes(logits.tokenizer.bytes(id)) });
      return { tokens: request.pieces ? ids.map(piece) : ids };
    }
    return {
      count: ids.length,
      max_model_len: model.contextLength,
      tokens: ids,
      token_strs: request.pieces ? ids.map((id) => logits.tokenizer.decode([id], { special: true })) : null,
    };
  });
}

/** The text of token ids, special tokens spelled out. */
export function replyToDetokenize(
  served: ServedModel,
  request: DetokenizeRequest,
  context: ReplyContext,
): Promise<Response> {
  return withModel(served, context, (model) => {
    const { text } = readTokenIds(model, request.tokens, "tokens");
    return { content: text, prompt: text };
  });
}

/** What a client needs to know of the tokenizer, by the names of Hugging Face's `tokenizer_config.json`. */
export function replyToTokenizerInfo(served: ServedModel, context: ReplyContext): Promise<Response> {
  return withModel(served, context, (model) => {
    const { tokenizer, chatTemplate, contextLength } = requireLogits(model, "/tokenizer_info");
    const spelling = (id: number | undefined): string | null =>
      id === undefined ? null : tokenizer.decode([id], { special: true });
    return {
      tokenizer_class: "PreTrainedTokenizerFast",
      bos_token: spelling(tokenizer.bosId),
      eos_token: spelling(tokenizer.eosId),
      add_bos_token: tokenizer.addBos,
      vocab_size: tokenizer.vocabularySize,
      model_max_length: contextLength,
      ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }),
    };
  });
}

/** A model in memory answers at once, however many generate with it; one that is not is opened in its turn. */
async function withModel(
  served: ServedModel,
  context: ReplyContext,
  work: (model: LanguageModel) => object,
): Promise<Response> {
  const { current } = served;
  if (current !== undefined) return Response.json(work(current));
  return Response.json(await onceInTurn(served, context, async (model) => work(model)));
}

function encode(model: LogitModel, { input, addSpecial, parseSpecial }: TokenizeRequest): Int32Array {
  // A template writes the beginning of a text itself.
  if (typeof input !== "string") return model.encodeChat(input);
  return model.tokenizer.encode(input, { bos: addSpecial, special: parseSpecial ? "parse" : "text" });
}

/** A piece as llama-server gives it: as bytes where it is a part of a character. */
function textOrBytes(bytes: Uint8Array): string | number[] {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return [...bytes];
  }
}
