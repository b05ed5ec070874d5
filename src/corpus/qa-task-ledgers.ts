// Ledgers of many tasks as one: each task writes its own and reads all, and what they were answered ends up in the ledger of the whole.
import { open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { readJsonLines, UserError } from "../core/index.ts";
import { type LedgerLine, openRequestLedger, type Reply, type RequestLedger } from "./qa-ledger.ts";

/** Moves the answers of tasks to the ledger of all; gives how many are new there. */
export async function gatherLedgers(folder: string, path: string): Promise<number> {
  const names = (await readdir(folder)).sort();
  if (names.length === 0) return 0;
  const ledger = await openRequestLedger(path);
  let added = 0;
  try {
    for (const name of names)
      for await (const { line } of readLedger(join(folder, name))) {
        if ((await ledger.find(line.request)) !== undefined) continue;
        await ledger.add(line);
        added++;
      }
  } finally {
    await ledger.close();
  }
  for (const name of names) await rm(join(folder, name));
  return added;
}

/** The whole lines of a ledger that somebody may still be writing. */
async function* readLedger(
  path: string,
): AsyncGenerator<{ readonly line: LedgerLine; readonly start: number; readonly end: number }> {
  try {
    for await (const { value, start, end } of readJsonLines(path))
      yield { line: value as LedgerLine, start, end };
  } catch (error) {
    // The last line was torn when its writer was killed.
    if (!(error instanceof UserError && error.code === "bad-json")) throw error;
  }
}

/** A ledger at `path` that also knows the answers in `others`, which are only read. */
export async function openLayered(path: string, others: readonly string[]): Promise<RequestLedger> {
  const places = new Map<string, { readonly file: string; readonly start: number; readonly end: number }>();
  for (const file of others)
    for await (const { line, start, end } of readLedger(file)) places.set(line.request, { file, start, end });
  const own = await openRequestLedger(path);
  return {
    async find(request) {
      const place = places.get(request);
      return place === undefined ? own.find(request) : readReply(place);
    },
    add: (line) => own.add(line),
    close: () => own.close(),
  };
}

async function readReply({
  file,
  start,
  end,
}: {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}): Promise<Reply> {
  const handle = await open(file);
  try {
    const bytes = Buffer.alloc(end - start);
    await handle.read(bytes, 0, bytes.length, start);
    const { text, finish, promptTokens, completionTokens } = JSON.parse(bytes.toString("utf8")) as LedgerLine;
    return { text, finish, promptTokens, completionTokens };
  } finally {
    await handle.close();
  }
}
