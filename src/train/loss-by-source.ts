// Whose loss it is: every learnt token belongs to a document, every document to the corpus file that it was packed from, and that
// is called by category and language. Sums of the step's own token losses, so they make up its loss exactly.
import { basename, join } from "node:path";
import { exists, readJsonLines } from "../core/index.ts";
import type { Batch } from "./training-step.ts";

/** Mean loss over some tokens. */
export interface MeanLoss {
  /** Nats a token. */
  readonly loss: number;
  readonly tokens: number;
}

/** Losses by source, `medicalBook_zh`. */
export type LossBySource = Readonly<Record<string, MeanLoss>>;

/** The source of a document, by its number. */
export type SourceOf = (document: number) => string | undefined;

/**
 * Reads which source each document of packed rows has, from `documents.jsonl`. Four bytes a document are kept. `undefined`
 * where the folder does not say.
 */
export async function readSources(data: string): Promise<SourceOf | undefined> {
  const file = join(data, "documents.jsonl");
  if (!(await exists(file))) return undefined;
  const names: string[] = [];
  const numbers = new Map<string, number>();
  let sources = new Int32Array(1024);
  let count = 0;
  for await (const { value } of readJsonLines(file)) {
    const name = sourceOfFile(String((value as { file?: unknown } | null)?.file ?? ""));
    let number = numbers.get(name);
    if (number === undefined) {
      number = names.push(name) - 1;
      numbers.set(name, number);
    }
    if (count === sources.length) {
      const longer = new Int32Array(2 * count);
      longer.set(sources);
      sources = longer;
    }
    sources[count++] = number;
  }
  return (document) => (document < 0 || document >= count ? undefined : names[sources[document]!]);
}

/** `medicalBook_zh` of `medicalBook_zh_qa.json`. */
function sourceOfFile(file: string): string {
  return basename(file)
    .replace(/\.[^.]*$/u, "")
    .replace(/_(?:qa|text)$/u, "");
}

/** Category and language of a source; the language is what stands behind the last `_`. */
function splitSource(source: string): { category: string; language: string } {
  const at = source.lastIndexOf("_");
  return at < 0
    ? { category: source, language: "" }
    : { category: source.slice(0, at), language: source.slice(at + 1) };
}

/** Sums losses up, by source or any other name. */
export interface LossTally {
  add(name: string, loss: number, tokens: number): void;
  /** By name, in alphabetical order. */
  means(): LossBySource;
}

/** An empty tally. */
export function createLossTally(): LossTally {
  const sums = new Map<string, { loss: number; tokens: number }>();
  return {
    add(name, loss, tokens) {
      const sum = sums.get(name);
      if (sum === undefined) sums.set(name, { loss, tokens });
      else {
        sum.loss += loss;
        sum.tokens += tokens;
      }
    },
    means: () =>
      Object.fromEntries(
        [...sums]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, { loss, tokens }]) => [name, { loss: loss / tokens, tokens }]),
      ),
  };
}

/** A batch's loss by source. */
export function lossBySource(
  batch: Pick<Batch, "documentIds">,
  tokenLosses: Float32Array,
  sourceOf: SourceOf,
): LossBySource {
  const tally = createLossTally();
  tallyTokenLosses(tally, batch, tokenLosses, sourceOf);
  return tally.means();
}

/** Adds a batch's token losses (NaN where nothing is learnt) to the sources of its documents. */
export function tallyTokenLosses(
  tally: LossTally,
  { documentIds }: Pick<Batch, "documentIds">,
  tokenLosses: Float32Array,
  sourceOf: SourceOf,
): void {
  if (documentIds === undefined) return;
  // A run of positions of one document is one addition.
  for (let from = 0, to = 0; from < documentIds.length; from = to) {
    let loss = 0;
    let tokens = 0;
    for (to = from; to < documentIds.length && documentIds[to] === documentIds[from]; to++) {
      if (Number.isNaN(tokenLosses[to])) continue;
      loss += tokenLosses[to]!;
      tokens++;
    }
    // In documents that see each other the last position of one may learn the first of the next; ours never does.
    if (tokens > 0) tally.add(sourceOf(documentIds[from]!) ?? "unknown", loss, tokens);
  }
}

/** Losses by language, or by category, from those by source. */
export function mergeLosses(losses: LossBySource, by: "language" | "category"): LossBySource {
  const tally = createLossTally();
  for (const [source, { loss, tokens }] of Object.entries(losses))
    tally.add(splitSource(source)[by], loss * tokens, tokens);
  return tally.means();
}
