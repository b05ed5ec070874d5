// Calibration: does a model that is 80 % sure answer four of five rightly? Numbers in, numbers out; outcomes are 0 or 1.
import { mean } from "./statistics.ts";

/** One bin of a reliability diagram. */
export interface CalibrationBin {
  readonly n: number;
  /** Mean confidence in the bin. */
  readonly confidence: number;
  /** Share of right answers in the bin. */
  readonly accuracy: number;
}

/** Accuracy on the share of the items that a model is surest of. */
export interface SelectivePoint {
  readonly coverage: number;
  readonly accuracy: number;
}

/** Bins of equal width, [lo, hi), the last closed; empty ones are left out. */
export function calibrationBins(
  confidences: readonly number[],
  outcomes: readonly number[],
  bins = 10,
): CalibrationBin[] {
  const totals = Array.from({ length: bins }, () => ({ n: 0, confidence: 0, right: 0 }));
  confidences.forEach((confidence, i) => {
    const bin = totals[Math.min(bins - 1, Math.floor(confidence * bins))]!;
    bin.n++;
    bin.confidence += confidence;
    bin.right += outcomes[i]!;
  });
  return totals
    .filter((bin) => bin.n > 0)
    .map(({ n, confidence, right }) => ({ n, confidence: confidence / n, accuracy: right / n }));
}

/** Expected calibration error: sum over bins of n_bin / n x |mean confidence - accuracy|. */
export function expectedCalibrationError(
  confidences: readonly number[],
  outcomes: readonly number[],
  bins = 10,
): number {
  return calibrationBins(confidences, outcomes, bins).reduce(
    (sum, bin) => sum + (bin.n / confidences.length) * Math.abs(bin.confidence - bin.accuracy),
    0,
  );
}

/** Brier score of the chosen option: mean (p - y)^2. */
export function brierScore(probabilities: readonly number[], outcomes: readonly number[]): number {
  return mean(probabilities.map((p, i) => (p - outcomes[i]!) ** 2));
}

/** Brier score over all options: mean over items of the sum over options of (p - y)^2; `gold` is the right option's index. */
export function multiclassBrierScore(rows: readonly (readonly number[])[], gold: readonly number[]): number {
  return mean(
    rows.map((row, i) => row.reduce((sum, p, option) => sum + (p - (option === gold[i] ? 1 : 0)) ** 2, 0)),
  );
}

/**
 * Accuracy when a model may decline and answers only the share `coverage` of the items that it is surest of (at least one).
 * Items of equal confidence at the edge count by their mean, so the order given does not matter.
 */
export function selectiveAccuracy(
  confidences: readonly number[],
  outcomes: readonly number[],
  coverage: number,
): number {
  const wanted = Math.max(1, Math.round(coverage * confidences.length));
  const edge = [...confidences].sort((a, b) => b - a)[wanted - 1]!;
  let [above, right, tied, tiedRight] = [0, 0, 0, 0];
  confidences.forEach((confidence, i) => {
    if (confidence > edge) {
      above++;
      right += outcomes[i]!;
    } else if (confidence === edge) {
      tied++;
      tiedRight += outcomes[i]!;
    }
  });
  return (right + ((wanted - above) * tiedRight) / tied) / wanted;
}
