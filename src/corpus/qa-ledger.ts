// What a model has answered, request by request, in a file that only grows: written before an answer is used, so that after any end of the
// process no answer is asked for, and paid, twice. Texts stay on the disk; memory holds their places.
import { openAppendLog, UserError } from "../core/index.ts";

/** One answer as it came. */
export interface Reply {
  readonly text: string;
  readonly finish: "stop" | "length";
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** A line of the ledger: the answer, and what was asked for whom. */
export interface LedgerLine extends Reply {
  /** Hash of model, messages and sampling options. */
  readonly request: string;
  readonly model: string;
  /** Where from: the passage's id. */
  readonly passage: string;
  readonly role: "question" | "answer" | "dialogue";
}

/** The answers so far. */
export interface RequestLedger {
  /** The answer to a request; `undefined` when there is none. */
  find(request: string): Promise<Reply | undefined>;
  /** Resolves when the answer is in the file. */
  add(line: LedgerLine): Promise<void>;
  close(): Promise<void>;
}

/** Opens the ledger at `path`, which is made when absent; `UserError` for a line that is none of a ledger. */
export async function openRequestLedger(path: string): Promise<RequestLedger> {
  const log = await openAppendLog<{ request: string; start: number; end: number }, LedgerLine>(
    path,
    (text, number, start, end) => ({ request: parseLine(text, path, number).request, start, end }),
  );
  const places = new Map(log.done.map(({ request, start, end }) => [request, { start, end }]));
  let last: Promise<void> = Promise.resolve();
  return {
    async find(request) {
      const place = places.get(request);
      if (place === undefined) return undefined;
      const { text, finish, promptTokens, completionTokens } = JSON.parse(
        await log.read(place.start, place.end),
      ) as LedgerLine;
      return { text, finish, promptTokens, completionTokens };
    },
    add(line) {
      // One after the other: lines must not run into each other.
      const written = last.then(() => log.append([line]));
      last = written.catch(() => undefined);
      return written;
    },
    async close() {
      await last;
      await log.close();
    },
  };
}

function parseLine(text: string, path: string, number: number): LedgerLine {
  try {
    const line = JSON.parse(text) as Partial<LedgerLine> | null;
    if (typeof line?.request === "string" && typeof line.text === "string") return line as LedgerLine;
  } catch {
    // Not JSON: said below.
  }
  throw new UserError("bad-request-ledger", "not an answer {request, text, ...}", {
    file: path,
    at: `line ${number}`,
    remedy: "Name another file with --ledger, or remove the line: its answer will be asked for again.",
  });
}
