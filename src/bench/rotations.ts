// Option rotations: an item asked once for every cyclic shift of its options, so that each option stands once under each letter.
// What stays of a model's choice then is knowledge; what follows the letter is bias.
import type { Item } from "./item.ts";

/** The item with option `(place + shift) mod k` at each place; shift 0 is the item itself. */
export function rotateItem(item: Item, shift: number): Item {
  const k = item.options.length;
  return {
    ...item,
    options: item.options.map((_, place) => item.options[(place + shift) % k]!),
    gold: item.gold.map((option) => (option - shift + k) % k).sort((a, b) => a - b),
  };
}

/** Log-probabilities of the letters for each shift: `rows[shift][place]`. */
export type RotationScores = readonly (readonly number[])[];

/** Probabilities among the options (softmax), so that rows of different prompts can be compared. */
export function shares(logProbabilities: readonly number[]): number[] {
  const highest = Math.max(...logProbabilities);
  const weights = logProbabilities.map((value) => Math.exp(value - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** The place of the highest value; the first wins a tie, as in lm-evaluation-harness. */
function highest(values: readonly number[]): number {
  return values.reduce((best, value, place) => (value > values[best]! ? place : best), 0);
}

/** The option chosen at each shift. */
export function rotatedChoices(rows: RotationScores): number[] {
  return rows.map((row, shift) => (highest(row) + shift) % row.length);
}

/**
 * The option with the highest probability averaged over all places it stood at: "cyclic permutation" in Zheng et al.,
 * Large Language Models Are Not Robust Multiple Choice Selectors (arXiv 2309.03882).
 */
export function debiasedChoice(rows: RotationScores): number {
  const k = rows.length;
  const totals = new Array<number>(k).fill(0);
  rows.forEach((row, shift) => {
    shares(row).forEach((share, place) => {
      totals[(place + shift) % k]! += share;
    });
  });
  return highest(totals);
}

/** What a model gives each letter whatever stands there: softmax over letters of the mean log-share (PriDe, the same paper). */
export function letterPrior(rows: RotationScores): number[] {
  const logShares = rows.map((row) => shares(row).map(Math.log));
  return shares(rows.map((_, place) => logShares.reduce((sum, row) => sum + row[place]!, 0) / rows.length));
}

/** The choice of the item as written once the letters' prior is divided out (PriDe). */
export function priorFreeChoice(row: readonly number[], prior: readonly number[]): number {
  return highest(row.map((value, place) => value - Math.log(prior[place]!)));
}
