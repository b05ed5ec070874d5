// What a run folder says about itself, and what its files are made from.
import type { FindingCode } from "./audit-finding.ts";
import type { FindingCount } from "./audit-report.ts";
import type { Item } from "./item.ts";
import type { SkipReason } from "./plan.ts";
import type { BenchMode } from "./prompts.ts";
import type { Robustness } from "./robustness.ts";
import type { ChoiceRule, Sample } from "./sample.ts";
import type { Suite } from "./suite.ts";
import type { SourceResult } from "./summary.ts";

/** Name of the record in a run folder. */
export const RUN_FILE = "run.json";
/** Name of the sample log in a run folder. */
export const SAMPLES_FILE = "samples.jsonl";

/** What run.json records. */
export interface RunRecord {
  /** Hash of everything that decides the samples. */
  readonly key: string;
  readonly inputs: RunInputs;
  readonly suite: {
    readonly path: string;
    readonly read: number;
    readonly refused: Suite["refused"];
    readonly notes: Suite["notes"];
  };
  /** What the audit of the suite says about the scored sources; the items are left to `apollo bench audit`. */
  readonly audit: readonly FindingCount[];
  readonly items: number;
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Times stand here and in the inspect log alone, so that equal runs have equal samples, results and report. */
  readonly started: string;
  readonly finished?: string;
}

/** Everything that decides the samples. */
export interface RunInputs {
  readonly apollo: string;
  readonly suite: string;
  readonly model: string;
  readonly modelIdentity: unknown;
  readonly mode: BenchMode;
  /** Absent for the plain modes; their prompts are this version's. */
  readonly protocol?: { readonly name: string; readonly settings: unknown };
  /** Which rule chooses; absent for that of the plain mode. */
  readonly choiceRule?: ChoiceRule;
  /** Asked through the model's chat template. */
  readonly chatTemplate?: true;
  readonly limit: number | null;
  readonly shots: number;
  /** Hash of the suite that worked examples come from. */
  readonly shotSuite: string | null;
  readonly seed: number;
  /** Draws the worked examples where `seed` does not: one of several seeds over the same items. */
  readonly shotSeed?: number;
  /** Every item in each cyclic order of its options. */
  readonly rotations?: true;
}

/** What the result files are made from. */
export interface RunContext {
  readonly record: RunRecord;
  readonly sources: readonly SourceResult[];
  readonly robustness: Robustness;
  readonly samples: readonly Sample[];
  /** The items of the run, in the order of the samples. */
  readonly items: readonly Item[];
  /** All items of the suite, of which the run's were chosen. */
  readonly suiteItems: readonly Item[];
  /** What the audit says about single items, by id. */
  readonly flags: ReadonlyMap<string, readonly FindingCode[]>;
  /** What an item is asked, without worked examples. */
  readonly ask: (item: Item) => string;
}
