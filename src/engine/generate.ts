// Generates text with any model whose logits can be had.
import { UserError } from "../core/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { contextOverflow } from "./context-overflow.ts";
import type {
  ChatMessage,
  GenerateChunk,
  GenerateRequest,
  LogitModel,
  TokenConstraint,
  TokenLogProbability,
} from "./language-model.ts";
import { logNormaliser } from "./log-softmax.ts";
import { createSampler, mostLikely } from "./sampler.ts";
import { createTextStream } from "./text-stream.ts";

/** What generation needs of a model. */
export interface GenerationModel
  extends Pick<
    LogitModel,
    "contextLength" | "tokenizer" | "vocabularySize" | "open" | "openWhenFree" | "constrain"
  > {
  encodeConversation(messages: readonly ChatMessage[]): Int32Array;
}

/** `LanguageModel.generate`, token by token and one step ahead; the session is freed when the caller stops iterating. */
export async function* generate(
  model: GenerationModel,
  request: GenerateRequest,
): AsyncGenerator<GenerateChunk> {
  checkOptions(request, model.vocabularySize);
  const { tokenizer, contextLength } = model;
  const prompt = encodeInput(model, request.input);
  if (prompt.length > contextLength) throw contextOverflow(prompt.length, contextLength);
  const maxTokens = Math.min(request.maxTokens ?? Number.POSITIVE_INFINITY, contextLength - prompt.length);
  const stream = createTextStream(request.stop ?? []);
  const history = [...prompt];
  request.signal?.throwIfAborted();
  if (maxTokens <= 0) {
    yield { text: "", finish: "length", usage: { promptTokens: prompt.length, completionTokens: 0 } };
    return;
  }
  const session = (await model.openWhenFree?.(request.signal)) ?? model.open();
  const usage = (completionTokens: number) => ({
    promptTokens: prompt.length,
    completionTokens,
    ...(session.reusedTokens === undefined ? {} : { reusedTokens: session.reusedTokens }),
  });
  let constraint: TokenConstraint | undefined;
  try {
    constraint = constrain(model, request.grammar);
    const sample = createSampler(request, { promptLength: prompt.length, constraint });
    let ahead = session.advance(prompt);
    for (let count = 1; ; count++) {
      const logits = await unlessAborted(ahead, request.signal);
      const id = sample(logits, history);
      history.push(id);
      const token =
        request.topLogProbabilities === undefined
          ? {}
          : { token: describeToken(tokenizer, logits, id, request.topLogProbabilities) };
      if (tokenizer.isEnd(id)) {
        yield { text: stream.end().text, ...token, finish: "stop", usage: usage(count) };
        return;
      }
      const { text, stopped } = stream.push(tokenizer.isSpecial(id) ? new Uint8Array() : tokenizer.bytes(id));
      if (stopped) {
        yield { text, ...token, finish: "stop", usage: usage(count) };
        return;
      }
      if (count >= maxTokens) {
        const rest = stream.end();
        const finish = rest.stopped ? "stop" : "length";
        yield { text: text + rest.text, ...token, finish, usage: usage(count) };
        return;
      }
      // The next step runs while the caller does something with this token; nobody may be left to hear of its failure.
      ahead = session.advance(Int32Array.of(id));
      ahead.catch(() => {});
      yield { text, ...token };
    }
  } finally {
    constraint?.dispose();
    session.dispose();
  }
}

/** The result, or the signal's reason at once when it aborts; the work itself ends with its session. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function constrain(model: GenerationModel, grammar: string | undefined): TokenConstraint | undefined {
  if (grammar === undefined) return undefined;
  if (model.constrain !== undefined) return model.constrain(grammar);
  throw new UserError("no-grammar", "this model cannot follow a grammar", {
    remedy: "Generate without one, or with a GGUF model.",
  });
}

function encodeInput(model: GenerationModel, input: GenerateRequest["input"]): Int32Array {
  const tokens =
    "messages" in input
      ? model.encodeConversation(input.messages)
      : model.tokenizer.encode(input.prompt, { special: "parse", bos: true });
  if (tokens.length > 0) return tokens;
  const start = model.tokenizer.bosId ?? model.tokenizer.eosId;
  if (start === undefined) {
    throw new UserError("empty-prompt", "the prompt is empty and the model has no token that starts a text", {
      remedy: "Give a prompt.",
    });
  }
  return Int32Array.of(start);
}

function describeToken(
  tokenizer: Tokenizer,
  logits: Float32Array,
  id: number,
  alternatives: number,
): NonNullable<GenerateChunk["token"]> {
  const { logSum } = logNormaliser(logits);
  const describe = (token: number): TokenLogProbability => ({
    id: token,
    // Padding rows of the vocabulary have no text.
    text: token < tokenizer.vocabularySize ? Buffer.from(tokenizer.bytes(token)).toString("utf8") : "",
    logProbability: logits[token]! - logSum,
  });
  return { ...describe(id), top: mostLikely(logits, alternatives).map(describe) };
}

/** Ranges of the options; most come straight from a user's request. */
function checkOptions(request: GenerateRequest, vocabularySize: number): void {
  const check = (
    name: string,
    value: number | undefined,
    valid: (value: number) => boolean,
    expected: string,
  ) => {
    if (value !== undefined && !(Number.isFinite(value) && valid(value)))
      throw new UserError("bad-sampling-option", `${name} is ${value}, ${expected} was expected`);
  };
  check("temperature", request.temperature, (value) => value >= 0, "0 or more");
  check("topK", request.topK, (value) => Number.isInteger(value) && value >= 0, "a whole number");
  check("topP", request.topP, (value) => value > 0 && value <= 1, "a share above 0 and at most 1");
  check("minP", request.minP, (value) => value >= 0 && value <= 1, "a share from 0 to 1");
  check("repetitionPenalty", request.repetitionPenalty, (value) => value > 0, "more than 0");
  check("frequencyPenalty", request.frequencyPenalty, () => true, "a number");
  check("presencePenalty", request.presencePenalty, () => true, "a number");
  for (const [id, bias] of request.logitBias ?? []) {
    check("logitBias", bias, () => true, "a number");
    if (!Number.isInteger(id) || id < 0 || id >= vocabularySize)
      throw new UserError(
        "bad-sampling-option",
        `logitBias names token ${id}, the model has ${vocabularySize}`,
      );
  }
  check("maxTokens", request.maxTokens, (value) => Number.isInteger(value) && value >= 0, "a whole number");
  check(
    "topLogProbabilities",
    request.topLogProbabilities,
    (value) => Number.isInteger(value) && value >= 0,
    "a whole number",
  );
}
