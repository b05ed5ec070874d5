// A model whose scores a test can foretell.
import type { LanguageModel } from "../engine/index.ts";

/** The natural logarithm of the probability of the i-th continuation of a prompt. */
type LogProbability = (prompt: string, continuation: string, i: number) => number;

/** A model that scores continuations by a function of them, and writes nothing. */
export function createScoringModel(id: string, logProbability: LogProbability): LanguageModel {
  return {
    id,
    contextLength: 10_000,
    score: async (requests) =>
      requests.map(({ prompt, continuations }) =>
        continuations.map((text, i) => ({
          logProbability: logProbability(prompt, text, i),
          tokens: 1,
          greedy: false,
        })),
      ),
    async *generate() {},
    close: async () => {},
  };
}
