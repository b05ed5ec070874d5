// Asks a model, patiently: what was answered before comes from the ledger, what breaks off is asked again, and a server that is gone ends
// the run instead of using up every passage.
import { setTimeout as sleep } from "node:timers/promises";
import { hashValue, UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import type { LedgerLine, Reply, RequestLedger } from "./qa-ledger.ts";
import type { TokenCount } from "./qa-tokens.ts";

/** One request. */
export interface QaRequest extends Pick<LedgerLine, "passage" | "role"> {
  readonly prompt: string;
  readonly seed: number;
}

/** An answer, or why there is none for this request. */
export type Asked =
  | (Reply & { readonly request: string })
  | { readonly request: string; readonly failure: string; readonly message: string };

/** Asks one request. */
export type Ask = (request: QaRequest) => Promise<Asked>;

/** How to ask. */
export interface AskOptions {
  readonly model: LanguageModel;
  /** What tells the model from others of its name. */
  readonly identity: unknown;
  readonly ledger: RequestLedger;
  readonly maxTokens: number;
  readonly temperature: number;
  readonly topP: number;
  /** For servers that do not say what they took. */
  readonly countTokens: TokenCount;
  /** Called for each answer that had to be asked for. */
  readonly onAsked: () => void;
  readonly signal: AbortSignal;
}

/** A stream that breaks off is asked for again so often; what the client retries itself is not. */
const ATTEMPTS = 4;
const FIRST_WAIT_MILLISECONDS = 250;
/** So many requests without an answer, and none with one between them: the rest would fare no better. */
const FAILURES_IN_A_ROW = 8;
/** Answers that broke off; another attempt may end. */
const BROKEN = new Set(["remote-broken-stream", "remote-bad-answer", "remote-failed", "broken-connection"]);
/** Nothing will be answered any more. */
const FATAL = new Set(["remote-unauthorized", "remote-model-not-found", "bad-chat-template", "no-endpoint"]);

/** Makes the function that asks. It throws when the run should end: `UserError` for a server that is gone, the signal's reason. */
export function createAsk(options: AskOptions): Ask {
  const { model, identity, ledger, maxTokens, temperature, topP, countTokens, onAsked, signal } = options;
  let failuresInARow = 0;

  async function generate({ prompt, seed }: QaRequest): Promise<Reply> {
    let text = "";
    for await (const chunk of model.generate({
      input: { messages: [{ role: "user", content: prompt }] },
      maxTokens,
      temperature,
      topP,
      seed,
      signal,
    })) {
      text += chunk.text;
      if (chunk.finish === undefined) continue;
      // An aborted generation is cut short: its answer would differ from an undisturbed run's.
      signal.throwIfAborted();
      const { promptTokens = 0, completionTokens = 0 } = chunk.usage ?? {};
      return {
        text,
        finish: chunk.finish,
        promptTokens: promptTokens === 0 ? countTokens(prompt) : promptTokens,
        completionTokens: completionTokens === 0 ? countTokens(text) : completionTokens,
      };
    }
    signal.throwIfAborted();
    throw new UserError("remote-broken-stream", "the answer broke off before its end");
  }

  return async (asked) => {
    const request = hashValue({
      identity,
      prompt: asked.prompt,
      maxTokens,
      temperature,
      topP,
      seed: asked.seed,
    }).slice(0, 32);
    const known = await ledger.find(request);
    if (known !== undefined) return { request, ...known };
    for (let attempt = 1; ; attempt++) {
      signal.throwIfAborted();
      try {
        const reply = await generate(asked);
        await ledger.add({ request, model: model.id, passage: asked.passage, role: asked.role, ...reply });
        failuresInARow = 0;
        onAsked();
        return { request, ...reply };
      } catch (error) {
        signal.throwIfAborted();
        const failure = asFailure(error);
        if (FATAL.has(failure.code)) throw failure;
        if (BROKEN.has(failure.code) && attempt < ATTEMPTS) {
          await sleep(FIRST_WAIT_MILLISECONDS * 2 ** (attempt - 1), undefined, { signal });
          continue;
        }
        failuresInARow++;
        if (failuresInARow < FAILURES_IN_A_ROW)
          return { request, failure: failure.code, message: failure.message };
        throw new UserError(
          failure.code,
          `${FAILURES_IN_A_ROW} requests in a row got no answer: ${failure.message}`,
          {
            file: failure.file,
            remedy: `${failure.remedy ?? "Mend it."} The same command goes on where it was; what was answered is not asked again.`,
            cause: failure,
          },
        );
      }
    }
  };
}

/** A connection that ends in the middle is Node's `TypeError: terminated`; anything else that is no user error is ours. */
function asFailure(error: unknown): UserError {
  if (error instanceof UserError) return error;
  const { cause } = error as { cause?: { code?: unknown } };
  const lost = error instanceof TypeError && typeof cause?.code === "string";
  if (!lost) throw error;
  return new UserError("broken-connection", `the connection broke (${String(cause.code)})`, { cause: error });
}
