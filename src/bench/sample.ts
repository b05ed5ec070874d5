// One scored item as it stands in samples.jsonl: the evidence behind every number of a run.

import type { BenchMode } from "./prompts.ts";
import type { ReadAnswer } from "./protocol.ts";
import type { RotationScores } from "./rotations.ts";

/**
 * Ways to choose an option from log-probabilities, named as lm-evaluation-harness names the accuracies: the plain sum; the sum
 * by character (code point), UTF-8 byte or token; the sum less that of the same continuation without the question.
 */
export const CHOICE_RULES = ["acc", "acc_norm", "acc_bytes", "acc_tokens", "acc_mutual_info"] as const;
/** One of the ways to choose above. */
export type ChoiceRule = (typeof CHOICE_RULES)[number];

/** How one option scored. */
export interface OptionScore {
  readonly letter: string;
  /** Natural log-probability of the continuation: sum over its tokens. */
  readonly logProbability: number;
  readonly tokens: number;
  /** Length of the text that normalised choices divide by; where there are `choices`. */
  readonly characters?: number;
  readonly bytes?: number;
  /** Log-probability of the continuation without the question. */
  readonly unconditional?: number;
}

/** What every sample says. */
interface SampleBase {
  readonly id: string;
  readonly source: string;
  readonly language: string;
  /** Letters of the right options, e.g. `"B"` or `"ACE"`. */
  readonly gold: string;
  /** Letters chosen; `null` when the model gave no readable answer or the item was not scored. */
  readonly choice: string | null;
  readonly correct: boolean;
  /** Worked examples in the prompt. */
  readonly shots: number;
  /** Names the passage that the item is about, where there is one: items with the same one are not independent. */
  readonly passage?: string;
}

/** An item whose options were scored. */
export interface ScoredSample extends SampleBase {
  readonly mode: "letter" | "text";
  /** An option without text cannot be scored in mode `text` and is left out. */
  readonly options: readonly OptionScore[];
  /** What each rule chooses; `choice` is one of them. Absent where they cannot differ. */
  readonly choices?: Readonly<Partial<Record<ChoiceRule, string>>>;
  /**
   * With `--rotations`: log-probabilities of the letters, `[shift][place]`. At shift `s` the option that was written at place
   * `p + s` (counted round) stood at place `p`; shift 0 is the item as written.
   */
  readonly rotations?: RotationScores;
}

/** An item that was answered in words. */
export interface GeneratedSample extends SampleBase {
  readonly mode: "generate";
  readonly response: string;
  /** How the answer was found; absent when none was. */
  readonly rule?: ReadAnswer["rule"];
  /** Letters by a second, stricter reading; `null` when it finds none. Absent when the protocol has one reading. */
  readonly strict?: string | null;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** An item that does not fit the model's context even without worked examples. It does not count in `n`. */
export interface UnscoredSample extends SampleBase {
  readonly mode: BenchMode;
  readonly unscored: "too-long";
}

/** What is kept of one item: the evidence behind its score, or why it has none. */
export type Sample = ScoredSample | GeneratedSample | UnscoredSample;

/** True for samples that count. */
export function isScored(sample: Sample): sample is ScoredSample | GeneratedSample {
  return !("unscored" in sample);
}
