// Loss on packed rows that are not trained on: the forward pass of the run's own graph, with its weights as they are.
import { join } from "node:path";
import { hashFile } from "../core/index.ts";
import { createSession, type GraphSession } from "../graph/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { checkRows, nextBatch } from "./batch.ts";
import { createLossTally, readSources, tallyTokenLosses } from "./loss-by-source.ts";
import type { Method } from "./method.ts";
import { openPackedRows } from "./packed.ts";
import type { Recipe } from "./recipe.ts";
import type { HeldOutLoss } from "./run-log.ts";
import { refuseUnfitRows } from "./start.ts";
import { lossGraph, TOKEN_OUTPUT } from "./step-graph.ts";
import {
  batchFeeds,
  scaleTokenLosses,
  shiftLabels,
  type TrainingState,
  weightFeeds,
} from "./training-step.ts";

/** Measures the loss on some rows. */
export interface HeldOut {
  measure(state: TrainingState): Promise<HeldOutLoss>;
  close(): Promise<void>;
}

/**
 * Opens the packed rows in `data`, which may have another length than the trained ones. All of them are measured each time, one at
 * a time. `UserError` for rows that do not fit the model, or are of another tokenizer.
 */
export async function openHeldOut(
  data: string,
  method: Method,
  { attention }: Pick<Recipe, "attention">,
  {
    tokenizerFolder,
    threads,
    signal,
  }: {
    /** Of the rows that are trained on. */
    readonly tokenizerFolder: string;
    readonly threads: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<HeldOut> {
  const rows = await openPackedRows(data);
  let session: GraphSession | undefined;
  try {
    const { vocabularySize } = method.config;
    const tokenizer = await loadTokenizer(join(data, "tokenizer"));
    await refuseUnfitRows(method.config, tokenizerFolder, tokenizer, { data, length: rows.length });
    await checkRows(rows, vocabularySize);
    const id = await hashFile(join(data, "packed.parquet"));
    const sourceOf = (await readSources(data)) ?? (() => undefined);
    const shape = { rows: 1, length: rows.length, attention };
    session = await createSession(lossGraph(method, shape), {
      threads,
      ...(method.frozen === undefined ? {} : { weightFolder: method.frozen.folder, mapWeights: true }),
    });
    const opened = session;
    return {
      async measure(state) {
        const constant = { ...method.frozen?.feeds, ...weightFeeds(state) };
        const bySource = createLossTally();
        const all = createLossTally();
        for (let row = 0; row < rows.rows; row++) {
          signal?.throwIfAborted();
          const batch = await nextBatch(rows, row, 1, vocabularySize, { attention });
          const learnt = shiftLabels(batch, rows.length);
          if (learnt.labelTokens === 0) continue;
          const found = await opened.run({ ...batchFeeds(batch, learnt, shape), ...constant });
          const losses = found[TOKEN_OUTPUT]!.data as Float32Array;
          scaleTokenLosses(losses, learnt);
          tallyTokenLosses(bySource, batch, losses, sourceOf);
          all.add("all", Number(found.loss!.data[0]) * learnt.labelTokens, learnt.labelTokens);
        }
        const { loss, tokens } = all.means().all ?? { loss: 0, tokens: 0 };
        return { id, loss, tokens, sources: bySource.means() };
      },
      async close() {
        await opened.close();
        rows.close();
      },
    };
  } catch (error) {
    await session?.close();
    rows.close();
    throw error;
  }
}
