// One trio at many alphas: the three models' logits of a place are the same for every alpha, so a single pass over a request
// gives its scores at all of them, bit for bit those of separate proxy models.
import {
  type ContinuationScore,
  createScoreSums,
  groupByPrefix,
  klDivergence,
  type LogitModel,
  logNormaliser,
  type ScoreRequest,
} from "../engine/index.ts";
import { alignVocabularies } from "./align-vocabularies.ts";
import { type Combination, createCombination, findSharedTokens } from "./combine.ts";
import { createTranslation } from "./proxy-model.ts";
import type { Steering } from "./steering.ts";
import { visitTogether } from "./visit-together.ts";

/** A request at one alpha. */
export interface AlphaScore {
  /** In the order of the continuations, as `LanguageModel.score` gives them. */
  readonly scores: readonly ContinuationScore[];
  /**
   * Sum over the scored positions of KL(steered || base) in nats. A position is a place whose logits are used: that after the
   * prompt, which all continuations share, counts once.
   */
  readonly klSum: number;
  readonly positions: number;
}

/** The trio and the alphas. */
export interface AlphaGridOptions extends Omit<Steering, "alpha"> {
  readonly base: LogitModel;
  readonly expert: LogitModel;
  readonly anti: LogitModel;
  readonly alphas: readonly number[];
}

/** Scores one request at each alpha, in the order of the alphas; fails as a proxy model of the three does. */
export type AlphaGrid = (request: ScoreRequest) => Promise<AlphaScore[]>;

/** Prepares the pass over all alphas. `UserError` when the vocabularies differ in an ordinary token. */
export function createAlphaGrid({ base, expert, anti, alphas, ...steering }: AlphaGridOptions): AlphaGrid {
  const size = base.vocabularySize;
  const toExpert = alignVocabularies(base, expert);
  const toAnti = alignVocabularies(base, anti);
  const members = [
    { model: base, translate: (tokens: Int32Array) => tokens },
    { model: expert, translate: createTranslation(base, expert, toExpert) },
    { model: anti, translate: createTranslation(base, anti, toAnti) },
  ] as const;
  // At alpha 0 the base's logits count as they are, as in the proxy model.
  const shared = findSharedTokens(size, toExpert, toAnti);
  const combinations = alphas.map((alpha) =>
    alpha === 0 ? undefined : createCombination({ ...steering, alpha }, shared),
  );
  const row = (rows: Float32Array, index: number): Float32Array =>
    rows.subarray(index * size, (index + 1) * size);
  /** The base's logits and after them those of each alpha, as one long row. */
  const combineAll: Combination = (b, e, a, index, out) => {
    row(out, 0).set(b);
    combinations.forEach((combine, i) => {
      if (combine === undefined) row(out, i + 1).set(b);
      else combine(b, e, a, index, row(out, i + 1));
    });
  };

  return async (request) => {
    const results = alphas.map(() => ({
      scores: new Array<ContinuationScore>(request.continuations.length),
      klSum: 0,
      positions: 0,
    }));
    for (const { prefix, continuations, places } of groupByPrefix(base.tokenizer, request, 0)) {
      const sums = alphas.map(() => createScoreSums(continuations));
      await visitTogether(
        members,
        combineAll,
        size * (alphas.length + 1),
        prefix,
        continuations,
        (rows, continuation, position) => {
          const unsteered = row(rows, 0);
          const normaliser = logNormaliser(unsteered);
          alphas.forEach((alpha, i) => {
            const logits = row(rows, i + 1);
            sums[i]!.visit(logits, continuation, position);
            if (alpha !== 0) results[i]!.klSum += klDivergence(logits, unsteered, normaliser);
            results[i]!.positions++;
          });
        },
      );
      results.forEach(({ scores }, i) => {
        places.forEach(({ continuation }, at) => {
          scores[continuation] = sums[i]!.scores[at]!;
        });
      });
    }
    return results;
  };
}
