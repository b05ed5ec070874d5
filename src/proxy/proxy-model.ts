// Proxy tuning: lends what a small model learnt to a large one, at decoding time and without training it.
//
//   logits = base + alpha (expert - anti)
//
// expert is the tuned small model, anti the same model before tuning. Source: Liu et al., "Tuning Language Models by Proxy",
// arXiv 2401.08565, section 2; Apollo uses it in section 4.3 of arXiv 2403.03640.
import { UserError } from "../core/index.ts";
import { createLogitModel, type LogitModel, type LogitVisitor, type Session } from "../engine/index.ts";
import { type Alignment, alignVocabularies } from "./align-vocabularies.ts";
import { createCombination } from "./combine.ts";
import { type ProxyMember, visitTogether } from "./visit-together.ts";

/** The three models and how strongly to steer. */
export interface ProxyOptions {
  /** The large model; the trio has its vocabulary, chat template and stop tokens. */
  readonly base: LogitModel;
  /** The small model after tuning. */
  readonly expert: LogitModel;
  /** The small model before tuning. */
  readonly anti: LogitModel;
  /** 0 = base alone, 1 = the published method. */
  readonly alpha: number;
  /** Default `base+expert-anti@alpha`. */
  readonly id?: string;
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
  return assemble(options, alignVocabularies(base, expert), alignVocabularies(base, anti));
}

function assemble(options: ProxyOptions, toExpert: Alignment, toAnti: Alignment): ProxyModel {
  const { base, expert, anti, alpha } = options;
  if (!Number.isFinite(alpha)) throw new UserError("bad-alpha", `alpha is ${alpha}, a number was expected`);
  const combine = createCombination(alpha, base.vocabularySize, toExpert, toAnti);
  const trio = [
    { model: base, translate: (tokens: Int32Array) => tokens },
    { model: expert, translate: createTranslation(base, expert, toExpert) },
    { model: anti, translate: createTranslation(base, anti, toAnti) },
  ] as const;
  const model = createLogitModel({
    id: options.id ?? `${base.id}+${expert.id}-${anti.id}@${alpha}`,
    contextLength: Math.min(base.contextLength, expert.contextLength, anti.contextLength),
    vocabularySize: base.vocabularySize,
    tokenizer: base.tokenizer,
    formatChat: base.formatChat,
    ...(base.constrain === undefined ? {} : { constrain: base.constrain }),
    // At alpha 0 the small models change nothing and are left alone.
    open: () =>
      alpha === 0
        ? base.open()
        : joinSessions(openAll(trio.map(({ model }) => model)), trio, combine, base.vocabularySize),
    openWhenFree: async (signal) => {
      if (alpha === 0) return (await base.openWhenFree?.(signal)) ?? base.open();
      const sessions = await openAllWhenFree(
        trio.map(({ model }) => model),
        signal,
      );
      return joinSessions(sessions, trio, combine, base.vocabularySize);
    },
    visitLogits: (prefix, continuations, visit: LogitVisitor) =>
      alpha === 0
        ? base.visitLogits(prefix, continuations, visit)
        : visitTogether(trio, combine, base.vocabularySize, prefix, continuations, visit),
    async close() {
      await Promise.all([base.close(), expert.close(), anti.close()]);
    },
  });
  return {
    ...model,
    alpha,
    withAlpha: (other) => {
      const { id: _named, ...shared } = options;
      return assemble({ ...shared, alpha: other }, toExpert, toAnti);
    },
  };
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

function openAll(models: readonly LogitModel[]): Session[] {
  const sessions: Session[] = [];
  try {
    for (const model of models) sessions.push(model.open());
  } catch (error) {
    for (const session of sessions) session.dispose();
    throw error;
  }
  return sessions;
}

/** One after the other and in the trio's order, so that two texts never hold what the other one waits for. */
async function openAllWhenFree(models: readonly LogitModel[], signal?: AbortSignal): Promise<Session[]> {
  const sessions: Session[] = [];
  try {
    for (const model of models) sessions.push((await model.openWhenFree?.(signal)) ?? model.open());
  } catch (error) {
    for (const session of sessions) session.dispose();
    throw error;
  }
  return sessions;
}

function joinSessions(
  sessions: readonly Session[],
  trio: readonly [ProxyMember, ProxyMember, ProxyMember],
  combine: ReturnType<typeof createCombination>,
  vocabularySize: number,
): Session {
  const combined = new Float32Array(vocabularySize);
  let length = 0;
  return {
    get length() {
      return length;
    },
    async advance(tokens) {
      const translated = trio.map(({ translate }) => translate(tokens));
      const steps = await Promise.allSettled(sessions.map((session, i) => session.advance(translated[i]!)));
      const failed = steps.find((step) => step.status === "rejected");
      if (failed !== undefined) {
        // Those that went ahead come back, so that the three stay together.
        for (const session of sessions) session.rewind(length);
        throw failed.reason;
      }
      const [base, expert, anti] = steps.map((step) =>
        step.status === "fulfilled" ? step.value : undefined,
      );
      length += tokens.length;
      combine(base!, expert!, anti!, combined);
      return combined;
    },
    rewind(position) {
      for (const session of sessions) session.rewind(position);
      length = position;
    },
    dispose() {
      for (const session of sessions) session.dispose();
    },
  };
}
