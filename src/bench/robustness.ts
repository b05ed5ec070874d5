// What an accuracy alone does not say: whether the model follows the letter instead of the option, whether its confidence means
// anything, and how much it loses from one language to another on the same questions.
import {
  brierScore,
  type CalibrationBin,
  calibrationBins,
  expectedCalibrationError,
  multiclassBrierScore,
  type SelectivePoint,
  selectiveAccuracy,
} from "./calibration.ts";
import type { Item } from "./item.ts";
import { type LanguageGap, languageGaps } from "./language-gap.ts";
import {
  debiasedChoice,
  letterPrior,
  priorFreeChoice,
  type RotationScores,
  rotatedChoices,
  shares,
} from "./rotations.ts";
import { isScored, type Sample, type ScoredSample } from "./sample.ts";
import { type Interval, mean, wilsonInterval } from "./statistics.ts";

/** Shares of the items on which a reader might act: how right is the model on the half, on four fifths, it is surest of? */
const COVERAGES = [0.2, 0.5, 0.8, 1] as const;

/** One letter: how often it was chosen and how often it was right, as shares of the answers. */
export interface LetterShare {
  readonly letter: string;
  readonly picked: number;
  readonly gold: number;
}

/** Whether a model prefers letters. With rotations, counted over all of them: every option then stands under every letter. */
export interface PositionBias {
  readonly letters: readonly LetterShare[];
  /** Share of answers that would have to move for picks to spread as the right letters do (total variation), 0 to 1. */
  readonly distance: number;
  /** Standard deviation over letters of the share answered rightly where the letter is right; 0 for an even-handed model. */
  readonly recallDeviation: number;
}

/** What is left of an accuracy when the options go round. */
export interface RotationResult {
  /** Mean accuracy over all rotations. */
  readonly accuracy: number;
  /** Accuracy of the option with the highest probability averaged over the rotations, and its interval (Wilson, 95 %). */
  readonly debiased: number;
  readonly debiasedInterval: Interval;
  /** Accuracy as asked, the letters' prior divided out (PriDe): debiasing that needs rotations of a few items only. */
  readonly priorFree: number;
  /** Share of items answered rightly in every rotation. */
  readonly always: number;
  /** Share of items whose chosen option changes with the rotation. */
  readonly unstable: number;
}

/** Confidence against truth; confidence is the chosen option's probability among the options. */
export interface Calibration {
  readonly n: number;
  readonly confidence: number;
  /** Expected calibration error, ten bins. */
  readonly ece: number;
  /** Brier score of the chosen option. */
  readonly brier: number;
  /** Brier score summed over all options. */
  readonly multiclassBrier: number;
  readonly bins: readonly CalibrationBin[];
  readonly selective: readonly SelectivePoint[];
}

/** The columns of one source. */
export interface SourceRobustness {
  readonly source: string;
  readonly language: string;
  /** Absent where no letters were shown. */
  readonly position?: PositionBias;
  /** With rotations only. */
  readonly rotations?: RotationResult;
  /** Where letters were scored. */
  readonly calibration?: Calibration;
}

/** The columns of one language, over all its items. */
export interface LanguageRobustness {
  readonly language: string;
  readonly calibration: Calibration;
}

/** Everything of a run. */
export interface Robustness {
  readonly sources: readonly SourceRobustness[];
  readonly languages: readonly LanguageRobustness[];
  readonly gaps: readonly LanguageGap[];
}

/**
 * The robustness columns of a run. `items` are all items of the suite; `unsound` names those whose right letters mean nothing
 * (the audit's off-topic items), which are left out of the language gaps.
 */
export function robustness(
  samples: readonly Sample[],
  items: readonly Item[],
  unsound: ReadonlySet<string> = new Set(),
): Robustness {
  const scored = samples.filter(isScored);
  const letters = scored.filter(isLetterSample);
  return {
    sources: [...group(scored, (sample) => sample.source)].map(([source, list]) => {
      const own = list.filter(isLetterSample);
      const shown = list.filter((sample) => sample.mode !== "text");
      const rotated = own.filter(isRotated);
      return {
        source,
        language: list[0]!.language,
        ...(shown.length === 0 ? {} : { position: positionBias(shown) }),
        ...(rotated.length === 0 ? {} : { rotations: rotationResult(rotated) }),
        ...(own.length === 0 ? {} : { calibration: calibration(own) }),
      };
    }),
    languages: [...group(letters, (sample) => sample.language)].map(([language, list]) => ({
      language,
      calibration: calibration(list),
    })),
    gaps: languageGaps(scored, items, unsound),
  };
}

type LetterSample = ScoredSample & { readonly mode: "letter" };
type RotatedSample = LetterSample & { readonly rotations: RotationScores };

function isLetterSample(sample: Sample): sample is LetterSample {
  return isScored(sample) && sample.mode === "letter";
}

function isRotated(sample: LetterSample): sample is RotatedSample {
  return sample.rotations !== undefined;
}

function group<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const list = groups.get(key(value));
    if (list === undefined) groups.set(key(value), [value]);
    else list.push(value);
  }
  return groups;
}

/** Probabilities of a sample's options, in their order. */
export function optionShares(sample: ScoredSample): number[] {
  return shares(sample.options.map((option) => option.logProbability));
}

function goldPlace(sample: LetterSample): number {
  return sample.options.findIndex((option) => option.letter === sample.gold);
}

function calibration(samples: readonly LetterSample[]): Calibration {
  const rows = samples.map(optionShares);
  const confidences = rows.map((row) => Math.max(...row));
  const outcomes = samples.map((sample) => (sample.correct ? 1 : 0));
  return {
    n: samples.length,
    confidence: mean(confidences),
    ece: expectedCalibrationError(confidences, outcomes),
    brier: brierScore(confidences, outcomes),
    multiclassBrier: multiclassBrierScore(rows, samples.map(goldPlace)),
    bins: calibrationBins(confidences, outcomes),
    selective: COVERAGES.map((coverage) => ({
      coverage,
      accuracy: selectiveAccuracy(confidences, outcomes, coverage),
    })),
  };
}

function rotationResult(samples: readonly RotatedSample[]): RotationResult {
  const n = samples.length;
  // Priors of items with as many options are alike; the right answer has no part in them.
  const priors = new Map<number, number[]>();
  for (const [k, list] of group(samples, (sample) => String(sample.rotations.length))) {
    const sums = new Array<number>(Number(k)).fill(0);
    for (const sample of list) {
      letterPrior(sample.rotations).forEach((share, place) => {
        sums[place]! += share / list.length;
      });
    }
    priors.set(Number(k), sums);
  }
  let [right, debiased, priorFree, always, unstable] = [0, 0, 0, 0, 0];
  for (const sample of samples) {
    const gold = goldPlace(sample);
    const rows = sample.rotations;
    const choices = rotatedChoices(rows);
    const hits = choices.filter((choice) => choice === gold).length;
    right += hits / rows.length;
    if (hits === rows.length) always++;
    if (choices.some((choice) => choice !== choices[0])) unstable++;
    if (debiasedChoice(rows) === gold) debiased++;
    if (priorFreeChoice(rows[0]!, priors.get(rows.length)!) === gold) priorFree++;
  }
  return {
    accuracy: right / n,
    debiased: debiased / n,
    debiasedInterval: wilsonInterval(debiased, n),
    priorFree: priorFree / n,
    always: always / n,
    unstable: unstable / n,
  };
}

/** Answers as letters: one a sample, or one a rotation where there are any. Several letters at once and none are left out. */
function answersOf(sample: Sample): { readonly picked: string; readonly gold: string }[] {
  if (isLetterSample(sample) && isRotated(sample)) {
    const gold = goldPlace(sample);
    const k = sample.options.length;
    return rotatedChoices(sample.rotations).map((choice, shift) => ({
      picked: sample.options[(choice - shift + k) % k]!.letter,
      gold: sample.options[(gold - shift + k) % k]!.letter,
    }));
  }
  if (sample.choice?.length !== 1 || sample.gold.length !== 1) return [];
  return [{ picked: sample.choice, gold: sample.gold }];
}

function positionBias(samples: readonly Sample[]): PositionBias {
  const answers = samples.flatMap(answersOf);
  const names = [...new Set(answers.flatMap(({ picked, gold }) => [picked, gold]))].sort();
  const count = (test: (answer: (typeof answers)[number]) => boolean): number => answers.filter(test).length;
  const letters = names.map((letter) => ({
    letter,
    picked: count(({ picked }) => picked === letter) / answers.length,
    gold: count(({ gold }) => gold === letter) / answers.length,
  }));
  const recalls = letters
    .filter(({ gold }) => gold > 0)
    .map(
      ({ letter, gold }) =>
        count((answer) => answer.gold === letter && answer.picked === letter) / (gold * answers.length),
    );
  const centre = recalls.length === 0 ? 0 : mean(recalls);
  return {
    letters,
    distance: letters.reduce((sum, { picked, gold }) => sum + Math.abs(picked - gold), 0) / 2,
    recallDeviation:
      recalls.length === 0 ? 0 : Math.sqrt(mean(recalls.map((recall) => (recall - centre) ** 2))),
  };
}
