// In which order documents are trained on: Apollo's priority sampling, drawn so that it streams and stays stable.
//
// Apollo draws items one after another without replacement, each with a chance proportional to its source's priority
// (torch.multinomial; HuatuoGPT-II, arXiv 2311.09774). Sorting by Exp(1)/priority gives the same law (Efraimidis and
// Spirakis 2006). Each document's number depends on the seed, its id and the epoch alone, so adding a document moves no other.
import { createRandom } from "../core/index.ts";
import type { Document } from "./document.ts";

/** How often and how early a source is seen. */
export interface SourceWeight {
  /** Relative chance to be drawn next: higher comes earlier. */
  readonly priority: number;
  /** How many times each document is seen. */
  readonly epochs: number;
}

/** Weights by category, or by category and language (`medicalBook_zh`), which goes before. */
export type Mixture = Readonly<Record<string, SourceWeight>>;

const EARLY: SourceWeight = { priority: 16, epochs: 1 };
const LATE: SourceWeight = { priority: 2, epochs: 2 };

/** The published mixture (data_process_train_gemma.py at 505c48e, lines 73 to 137). */
export const APOLLO_MIXTURE: Mixture = {
  medicalWeb: EARLY,
  medicalPaper: EARLY,
  medicalWiki: EARLY,
  medicalGuideline: EARLY,
  medicalBook: EARLY,
  code: EARLY,
  math: EARLY,
  medicalExam: LATE,
  medicalPatient: LATE,
  general: LATE,
};

/** A document's weight; categories that the mixture does not name count as pretraining or instructions by their file. */
export function weightOf(
  { category, language, stage }: Pick<Document, "category" | "language" | "stage">,
  mixture: Mixture,
): SourceWeight {
  return mixture[`${category}_${language}`] ?? mixture[category] ?? (stage === "pretrain" ? EARLY : LATE);
}

/** The key by which a document is sorted, ascending: Exp(1)/priority. `epoch` counts from 0. */
export function orderKey(seed: number, id: string, epoch: number, priority: number): number {
  return createRandom(`${seed}/${id}/${epoch}`).exponential() / priority;
}
