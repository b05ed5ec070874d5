// Proxy tuning: lends what a small model learnt to a large one, at decoding time and without training it.
//
//   logits = base + alpha (expert - anti)
//
// expert is the tuned small model, anti the same model before tuning. Source: Liu et al., "Tuning Language Models by Proxy",
// arXiv 2401.08565, section 2; Apollo uses it in section 4.3 of arXiv 2403.03640.
import { UserError } from "../core/index.ts";
import {
  type ChatMessage,
  createLogitModel,
  type LogitModel,
  type LogitModelParts,
  type Session,
} from "../engine/index.ts";
import { type Alignment, alignVocabularies } from "./align-vocabularies.ts";
import { createCombination, findSharedTokens, type SharedTokens } from "./combine.ts";
import {
  joinSessions,
  openTrio,
  openTrioWhenFree,
  type ProxyMember,
  type ProxyStep,
  type Trio,
} from "./join-sessions.ts";
import { checkSteering, isOver, type Steering, steeringName } from "./steering.ts";
import { visitTogether } from "./visit-together.ts";

/** The three models and how to steer. */
export interface ProxyOptions extends Steering {
  /** The large model; the trio has its vocabulary, stop tokens and chat template. */
  readonly base: LogitModel;
  /** The small model after tuning. */
  readonly expert: LogitModel;
  /** The small model before tuning. */
  readonly anti: LogitModel;
  /**
   * How a conversation reaches the small models: `own`, each in its own chat format, as it was trained (the generated part is
   * the same tokens for all three); or `base`, all in the base's. Default `own`.
   */
  readonly chat?: "own" | "base";
  /** Default `base+expert-anti@alpha`. */
  readonly id?: string;
  /** Told of each generated place, at the price that the small models always run along. */
  readonly observe?: (step: ProxyStep) => void;
}

/** A trio that behaves as one model; `close` closes the three. */
export interface ProxyModel extends LogitModel {
  readonly alpha: number;
  /** The same three models at another alpha; nothing is loaded, and closing either closes both. */
  withAlpha(alpha: number): ProxyModel;
}

/**
 * Makes one model of three. Ids of the small models are mapped by token text when they differ from the base's; tokens that
 * only the base has (special, padding) keep the base's logit. `UserError` when the vocabularies differ in an ordinary token.
 */
export function createProxyModel(options: ProxyOptions): ProxyModel {
  const { base, expert, anti } = options;
  const toExpert = alignVocabularies(base, expert);
  const toAnti = alignVocabularies(base, anti);
  return assemble(
    options,
    [
      { model: base, translate: (tokens) => tokens },
      { model: expert, translate: createTranslation(base, expert, toExpert) },
      { model: anti, translate: createTranslation(base, anti, toAnti) },
    ],
    findSharedTokens(base.vocabularySize, toExpert, toAnti),
  );
}

function assemble(options: ProxyOptions, members: Trio<ProxyMember>, shared: SharedTokens): ProxyModel {
  const { base, expert, anti, alpha, observe } = options;
  checkSteering(options);
  const { vocabularySize } = base;
  const combine = createCombination(options, shared);
  const joining = { members, combine, vocabularySize, observe, isOver: isOver.bind(undefined, options) };
  const contextLength = (prompts?: Trio<Int32Array>): number =>
    Math.min(
      ...members.map(
        ({ model }, i) => model.contextLength + (prompts ? prompts[0].length - prompts[i]!.length : 0),
      ),
    );
  const parts: LogitModelParts = {
    id: options.id ?? `${base.id}+${expert.id}-${anti.id}@${steeringName(options)}`,
    contextLength: contextLength(),
    vocabularySize,
    tokenizer: base.tokenizer,
    formatChat: base.formatChat,
    encodeChat: base.encodeChat,
    ...(base.constrain === undefined ? {} : { constrain: base.constrain }),
    ...(base.truncation === undefined ? {} : { truncation: base.truncation }),
    ...(base.chatTemplate === undefined ? {} : { chatTemplate: base.chatTemplate }),
    // At alpha 0 the small models change nothing and are left alone.
    open: () =>
      alpha === 0
        ? base.open()
        : joinSessions(openTrio([() => base.open(), () => expert.open(), () => anti.open()]), joining),
    openWhenFree: async (signal) => {
      if (alpha === 0) return openFree(base, signal);
      const waiting = [base, expert, anti].map((model) => () => openFree(model, signal));
      return joinSessions(
        await openTrioWhenFree(waiting as unknown as Trio<() => Promise<Session>>),
        joining,
      );
    },
    visitLogits: (prefix, continuations, visit) =>
      alpha === 0
        ? base.visitLogits(prefix, continuations, visit)
        : visitTogether(members, combine, vocabularySize, prefix, continuations, visit),
    async close() {
      await Promise.all([base.close(), expert.close(), anti.close()]);
    },
  };
  const model = createLogitModel(parts);

  /** The trio for one conversation, which each of the three reads in its own format. */
  function forConversation(messages: readonly ChatMessage[]): LogitModel {
    const prompts: Trio<Int32Array> = [
      base.encodeChat(messages),
      expert.encodeChat(messages),
      anti.encodeChat(messages),
    ];
    const [, expertPrompt, antiPrompt] = prompts;
    const join = (sessions: Trio<Session>): Session =>
      joinSessions(
        sessions,
        options.chat === "base"
          ? joining
          : { ...joining, prompts: { expert: expertPrompt, anti: antiPrompt } },
      );
    const openBase = async (signal?: AbortSignal): Promise<Session> =>
      base.openChat?.(messages) ?? openFree(base, signal);
    return createLogitModel({
      ...parts,
      contextLength: options.chat === "base" || alpha === 0 ? parts.contextLength : contextLength(prompts),
      encodeChat: () => prompts[0],
      openWhenFree: async (signal) =>
        alpha === 0
          ? openBase(signal)
          : join(
              await openTrioWhenFree([
                () => openBase(signal),
                () => openFree(expert, signal),
                () => openFree(anti, signal),
              ]),
            ),
    });
  }

  return {
    ...model,
    generate: (request) =>
      "messages" in request.input
        ? forConversation(request.input.messages).generate(request)
        : model.generate(request),
    alpha,
    withAlpha: (other) => {
      const { id: _named, ...rest } = options;
      return assemble({ ...rest, alpha: other }, members, shared);
    },
  };
}

async function openFree(model: LogitModel, signal?: AbortSignal): Promise<Session> {
  return (await model.openWhenFree?.(signal)) ?? model.open();
}

/** Tokens of the base as tokens of another model. */
export function createTranslation(
  base: LogitModel,
  other: LogitModel,
  { identity, ids }: Alignment,
): (tokens: Int32Array) => Int32Array {
  const most = identity ? Math.min(base.tokenizer.vocabularySize, other.tokenizer.vocabularySize) : 0;
  return (tokens) => {
    if (identity && tokens.every((token) => token < most)) return tokens;
    return tokens.map((token) => {
      const id = ids[token] ?? -1;
      if (id >= 0) return id;
      const text = Buffer.from(base.tokenizer.bytes(token)).toString("utf8");
      throw new UserError(
        "token-without-counterpart",
        `the text holds token ${token} ${JSON.stringify(text)} of ${base.id}, which ${other.id} does not have`,
        { remedy: "Write the prompt without it, or use models with the same special tokens." },
      );
    });
  };
}
