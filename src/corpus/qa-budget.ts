// A cap on what a run may spend. Work is admitted in order, and only when it fits even if it takes all that it may: so the cap holds, and
// where the run stops depends on the answers alone, not on how many requests were under way.

/** Tokens taken and given. */
export interface Spent {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** Prices of a million tokens, in any currency. */
export interface QaPrice {
  readonly prompt: number;
  readonly completion: number;
}

/** What may be spent. */
export interface BudgetOptions {
  /** Most tokens, prompts and answers together. */
  readonly tokens?: number | undefined;
  /** Most money; needs a price. */
  readonly money?: number | undefined;
  readonly price?: QaPrice | undefined;
}

/** Admits work while there is budget. */
export interface Budget {
  /**
   * Waits until it is sure whether work that takes at most `most` fits, after all that was admitted before; then gives its place, or the cap
   * that it would break.
   */
  admit(most: Spent): Promise<BudgetPlace | "budget-tokens" | "budget-money">;
}

/** Admitted work. */
export interface BudgetPlace {
  /** Puts what was really spent in the place of what was held back. */
  settle(spent: Spent): void;
}

const TOKENS_A_PRICE_IS_FOR = 1_000_000;

/** What tokens cost. */
export function costOf({ promptTokens, completionTokens }: Spent, price: QaPrice): number {
  return (promptTokens * price.prompt + completionTokens * price.completion) / TOKENS_A_PRICE_IS_FOR;
}

/** A budget with nothing spent yet. */
export function createBudget({ tokens, money, price }: BudgetOptions): Budget {
  const spent = { promptTokens: 0, completionTokens: 0 };
  const held = new Set<Spent>();
  let woken: (() => void)[] = [];
  const broken = (sums: readonly Spent[]): "budget-tokens" | "budget-money" | undefined => {
    const all = sums.reduce<Spent>(
      (sum, part) => ({
        promptTokens: sum.promptTokens + part.promptTokens,
        completionTokens: sum.completionTokens + part.completionTokens,
      }),
      spent,
    );
    if (tokens !== undefined && all.promptTokens + all.completionTokens > tokens) return "budget-tokens";
    return money !== undefined && price !== undefined && costOf(all, price) > money
      ? "budget-money"
      : undefined;
  };
  return {
    async admit(most) {
      for (;;) {
        const cap = broken([...held, most]);
        if (cap === undefined) break;
        if (held.size === 0) return cap;
        await new Promise<void>((wake) => woken.push(wake));
      }
      held.add(most);
      return {
        settle(real) {
          held.delete(most);
          spent.promptTokens += real.promptTokens;
          spent.completionTokens += real.completionTokens;
          const waiting = woken;
          woken = [];
          for (const wake of waiting) wake();
        },
      };
    },
  };
}
