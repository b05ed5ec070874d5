// Asks about passages, some of them at once, and hands over what came of them in their order.
import type { Budget } from "./qa-budget.ts";
import { type Exchange, type ExchangeOptions, estimateExchange, exchange } from "./qa-exchange.ts";
import type { Passage } from "./qa-passages.ts";
import type { QaSetting } from "./qa-plan.ts";
import type { QaPrompts } from "./qa-prompts.ts";

/** How to ask. */
export interface AskInOrderOptions
  extends Omit<QaSetting, "passages" | "price" | "topP" | "temperature">,
    Pick<ExchangeOptions, "ask"> {
  readonly prompts: QaPrompts;
  /** Passages asked about at once. */
  readonly concurrency: number;
  readonly budget: Budget;
  readonly signal: AbortSignal;
  /** Aborted, `signal` is too: ends what is under way when one request cannot be answered at all. */
  readonly stop: AbortController;
}

/** Asks until the passages or the budget end; gives the budget that ended it. */
export async function askInOrder(
  passages: AsyncIterable<Passage>,
  { prompts, concurrency, budget, signal, stop, ...setting }: AskInOrderOptions,
  take: (passage: Passage, outcome: Exchange) => Promise<void>,
): Promise<"budget-tokens" | "budget-money" | undefined> {
  const running: { readonly passage: Passage; readonly outcome: Promise<Exchange> }[] = [];
  const takeFirst = async (): Promise<void> => {
    const { passage, outcome } = running.shift()!;
    await take(passage, await outcome);
  };
  let stopped: "budget-tokens" | "budget-money" | undefined;
  let failure: unknown;
  try {
    for await (const passage of passages) {
      const own = { ...setting, prompts: prompts.languages[passage.document.language]! };
      const place = await budget.admit(estimateExchange(passage, own).most);
      signal.throwIfAborted();
      if (typeof place === "string") {
        stopped = place;
        break;
      }
      const outcome = exchange(passage, own).then(
        (result) => {
          place.settle(result.spent);
          return result;
        },
        (error: unknown) => {
          failure ??= error;
          stop.abort(error);
          place.settle({ promptTokens: 0, completionTokens: 0 });
          throw error;
        },
      );
      // It is thrown where the passage's turn is.
      outcome.catch(() => undefined);
      running.push({ passage, outcome });
      if (running.length >= concurrency) await takeFirst();
    }
    while (running.length > 0) await takeFirst();
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(running.map(({ outcome }) => outcome));
    throw failure ?? error;
  }
  return stopped;
}
