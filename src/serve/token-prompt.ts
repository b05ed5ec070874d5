// Generation from token ids instead of text: the same model, reading those ids where it would encode a prompt.
import { createLogitModel, type LanguageModel, type LogitModel } from "../engine/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { ApiError } from "./errors.ts";
import { requireLogits } from "./models.ts";

/** A view of `model` whose every prompt is `ids`, exactly: nothing is added in front, nothing is tokenised anew. */
export function withTokenPrompt(model: LogitModel, ids: Int32Array): LogitModel {
  const tokenizer = Object.assign(Object.create(model.tokenizer) as Tokenizer, { encode: () => ids });
  return createLogitModel({
    id: model.id,
    contextLength: model.contextLength,
    vocabularySize: model.vocabularySize,
    tokenizer,
    formatChat: (messages) => model.formatChat(messages),
    open: () => model.open(),
    openWhenFree: async (signal) => (await model.openWhenFree?.(signal)) ?? model.open(),
    ...(model.constrain === undefined ? {} : { constrain: model.constrain }),
    visitLogits: (...call) => model.visitLogits(...call),
    close: () => model.close(),
  });
}

/** Token ids of a request, and the text they stand for. Throws `ApiError` 400 naming `param` when the model has no such ids. */
export function readTokenIds(
  given: LanguageModel,
  ids: readonly number[],
  param: string,
): { readonly text: string; readonly ids: Int32Array } {
  const { tokenizer } = requireLogits(given, "input of token ids");
  const high = ids.find((id) => id >= tokenizer.vocabularySize);
  if (high !== undefined) {
    throw new ApiError(400, `token id ${high} is outside the vocabulary of ${tokenizer.vocabularySize}`, {
      param,
    });
  }
  return { text: tokenizer.decode(ids, { special: true }), ids: Int32Array.from(ids) };
}
