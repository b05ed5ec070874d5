// Follows a run with PyTorch by what its first process appends to `events.jsonl`, wherever it runs: the folder is shared.
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { exists } from "../../core/index.ts";

/** A line of the file. */
export type TorchEvent =
  /** Processes are up and go on after `step` steps: what was said of later ones counts no more. */
  | {
      readonly event: "start";
      readonly step: number;
      readonly processes: number;
      /** Number of the first process, on its machine. */
      readonly process: number;
    }
  | {
      readonly event: "step";
      readonly step: number;
      readonly loss: number;
      readonly learning_rate: number;
      readonly grad_norm: number;
      readonly seconds: number;
      /** Most bytes of a GPU that the first process ever had; `null` without one. */
      readonly memory: number | null;
    }
  | { readonly event: "saved"; readonly step: number }
  | { readonly event: "diverged"; readonly step: number; readonly what: string; readonly value: string }
  /** Asked to stop, and did, leaving a checkpoint. */
  | { readonly event: "stopped"; readonly step: number }
  | { readonly event: "finished"; readonly step: number };

/** Milliseconds between two looks at the file. */
const PAUSE = 200;

/** The events that stand in `path`, and how many bytes that is. */
export async function readEvents(path: string): Promise<{ events: TorchEvent[]; bytes: number }> {
  const text = await readFrom(path, 0);
  const events = text
    .toString()
    .split("\n")
    .flatMap((line) => parseEvent(line) ?? []);
  return { events, bytes: text.length };
}

/**
 * Gives the events of `path` from byte `from` on in order, as they come, until `ended` has settled and the rest is read.
 * A line that a killed process left torn is skipped.
 */
export async function* followEvents(
  path: string,
  from: number,
  ended: Promise<unknown>,
): AsyncGenerator<TorchEvent> {
  let over = false;
  const finish = (): void => {
    over = true;
  };
  const done = ended.then(finish, finish);
  let offset = from;
  let rest = Buffer.alloc(0);
  while (true) {
    // Asked before reading: what was written up to the end is then read.
    const last = over;
    const bytes = await readFrom(path, offset);
    offset += bytes.length;
    rest = Buffer.concat([rest, bytes]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const event = parseEvent(rest.subarray(0, end).toString());
      rest = rest.subarray(end + 1);
      if (event !== undefined) yield event;
    }
    if (last) return;
    if (bytes.length === 0) await Promise.race([sleep(PAUSE), done]);
  }
}

function parseEvent(line: string): TorchEvent | undefined {
  try {
    const value = JSON.parse(line) as TorchEvent | null;
    return typeof value?.event === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

async function readFrom(path: string, offset: number): Promise<Buffer> {
  if (!(await exists(path))) return Buffer.alloc(0);
  const file = await open(path, "r");
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    return bytes.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
