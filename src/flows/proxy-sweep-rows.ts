// The rows of an alpha sweep: each language at each alpha, and the paired test of its items against alpha 0.
import { join } from "node:path";
import {
  type BenchResult,
  holm,
  type Interval,
  itemContinuations,
  itemPrompt,
  mcnemar,
  type Sample,
  type Suite,
  wilsonInterval,
} from "../bench/index.ts";
import { readJsonLines } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { type DivergenceLog, requestKey } from "./divergence-log.ts";

/** One language at one alpha. */
export interface SweepPoint {
  readonly alpha: number;
  readonly language: string;
  readonly n: number;
  readonly accuracy: number;
  /** Mean over the scored positions of KL(steered || base), in nats; 0 when n is 0. */
  readonly klToBase: number;
}

/** A point with what people want to know about it. */
export interface SweepRow extends SweepPoint {
  /** Wilson, 95 %. */
  readonly interval: Interval;
  /** McNemar (exact) against alpha 0 on the same items, adjusted by Holm over all points; absent at alpha 0 or without it. */
  readonly adjustedPValue?: number;
}

/** A row with the outcome of each item, for the paired test. */
export type Measured = SweepRow & { readonly outcomes: ReadonlyMap<string, boolean> };

/** The rows of one alpha, from its run folder and its divergences. */
export async function summarise(
  alpha: number,
  { run, sources }: BenchResult,
  suite: Suite,
  mode: "letter" | "text",
  model: LanguageModel,
  log: DivergenceLog,
): Promise<Measured[]> {
  const items = new Map(suite.items.map((item) => [item.id, item]));
  const byLanguage = new Map(
    sources.map(({ language }) => [
      language,
      { outcomes: new Map<string, boolean>(), klSum: 0, positions: 0 },
    ]),
  );
  for await (const { value } of readJsonLines(join(run, "samples.jsonl"))) {
    const sample = value as Sample;
    const entry = byLanguage.get(sample.language);
    if (entry === undefined || "unscored" in sample) continue;
    entry.outcomes.set(sample.id, sample.correct);
    if (alpha === 0) continue;
    const item = items.get(sample.id)!;
    const request = {
      prompt: itemPrompt(item, mode),
      continuations: itemContinuations(item, mode).filter((text) => text !== undefined),
    };
    // A power cut may have kept the sample and lost its line here.
    if (log.get(requestKey(request)) === undefined) await model.score([request]);
    const { klSum, positions } = log.get(requestKey(request))!;
    entry.klSum += klSum;
    entry.positions += positions;
  }
  return [...byLanguage].map(([language, { outcomes, klSum, positions }]) => {
    const n = outcomes.size;
    const right = [...outcomes.values()].filter((correct) => correct).length;
    return {
      alpha,
      language,
      n,
      accuracy: n === 0 ? 0 : right / n,
      klToBase: positions === 0 ? 0 : klSum / positions,
      interval: wilsonInterval(right, n),
      outcomes,
    };
  });
}

/** The rows with their paired tests against alpha 0. */
export function compareWithZero(measured: readonly Measured[]): SweepRow[] {
  const tested = measured.flatMap((row) => {
    const zero = measured.find(({ alpha, language }) => alpha === 0 && language === row.language);
    if (zero === undefined || zero === row) return [];
    let gained = 0;
    let lost = 0;
    for (const [id, correct] of row.outcomes) {
      const before = zero.outcomes.get(id);
      if (before === false && correct) gained++;
      if (before === true && !correct) lost++;
    }
    return [{ row, pValue: mcnemar(lost, gained) }];
  });
  const adjusted = holm(tested.map(({ pValue }) => pValue));
  return measured.map((row) => {
    const { outcomes: _paired, ...shown } = row;
    const test = tested.findIndex((candidate) => candidate.row === row);
    return test < 0 ? shown : { ...shown, adjustedPValue: adjusted[test]! };
  });
}
