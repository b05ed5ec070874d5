// Generation from token ids instead of text: the same model, reading those ids where it would encode a prompt.
import { createLogitModel, type LogitModel } from "../engine/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";

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
