// The published models that `reproduce` knows: what each was made from, by which recipe, and its row in the paper's table.
import { fileURLToPath } from "node:url";
import { PUBLISHED_ROWS, type PublishedRow } from "../bench/index.ts";
import { UserError } from "../core/index.ts";
import type { Recipe } from "../train/index.ts";

/** One of the five sizes. */
export interface FamilyMember {
  /** Its short name, also that of its recipe. */
  readonly name: string;
  /** Its row in the paper's table. */
  readonly row: PublishedRow;
  /** Architecture of a stand-in for its base, of no size worth mentioning. */
  readonly standIn: Partial<NonNullable<Recipe["model"]>> &
    Pick<NonNullable<Recipe["model"]>, "architecture">;
  /** About what its base weighs, for a plan made without the hub. */
  readonly baseBytes: number;
}

const MEMBERS: readonly FamilyMember[] = [
  member("Apollo-0.5B", { architecture: "qwen2" }, 1.2e9),
  member("Apollo-1.8B", { architecture: "qwen", tiedEmbeddings: false }, 3.7e9),
  member("Apollo-2B", { architecture: "gemma" }, 5e9),
  member("Apollo-6B", { architecture: "llama", tiedEmbeddings: false }, 12.1e9),
  member("Apollo-7B", { architecture: "gemma" }, 17.1e9),
];

/** The names, smallest model first. */
export const FAMILY: readonly string[] = MEMBERS.map(({ name }) => name);

/** The model called `name` (`apollo-0.5b`); `UserError` with the list for any other. */
export function findMember(name: string): FamilyMember {
  const found = MEMBERS.find((one) => one.name === name.toLowerCase());
  if (found !== undefined) return found;
  throw new UserError("unknown-model", `there is no published recipe for "${name}"`, {
    remedy: `There are: ${FAMILY.join(", ")}. For a model of your own, call the steps one by one.`,
  });
}

/** The recipe file of a member. */
export function recipePath({ name }: FamilyMember): string {
  return fileURLToPath(new URL(`../../recipes/${name}.yaml`, import.meta.url));
}

/**
 * The files of the published corpus that its mixed training reads: question-answer pairs of `pretrain` and everything in `sft`
 * (0.download_data.sh); the halves of the leakage check beside the exams are in no list of the trainer's.
 */
export const CORPUS_FILES = {
  include: ["train/pretrain/*_qa.json", "train/sft/*.json"],
  exclude: ["*_clean.json", "*_dup.json"],
} as const;

/** XMedBench's items, a file a language. */
export const EXAM_FILES = { include: ["test/*.json"] } as const;

/** About what those corpus files weigh: a little over three bytes for each of the published table's 2,536 million tokens. */
export const CORPUS_BYTES = 8e9;
/** What the six test files weigh. */
export const EXAM_BYTES = 14e6;

function member(row: string, standIn: FamilyMember["standIn"], baseBytes: number): FamilyMember {
  const found = PUBLISHED_ROWS.find(({ model }) => model === row);
  if (found === undefined) throw new Error(`no published row ${row}`);
  return { name: row.toLowerCase(), row: found, standIn, baseBytes };
}
