// Divides files into parts for tasks: contiguous, in the order of the files, about equally many bytes each.
import type { FileIndex } from "./file-index.ts";
import type { FilePart } from "./read-documents.ts";

/** A stretch of one of several files. JSON. */
export interface NumberedPart extends FilePart {
  /** Which file. */
  readonly file: number;
  /** From `from` to where the next part begins. */
  readonly bytes: number;
}

/** Into how many steps a task's share is cut: the shares then differ by less than this part of one. */
const STEPS = 16;

/** How often `indexFile` should note a border, for `total` bytes in `count` tasks. */
export function borderStep(total: number, count: number): number {
  return Math.max(1, Math.floor(total / (STEPS * count)));
}

/**
 * Divides files among at most `count` tasks; joined in order, the parts are all files from their first byte to their last. Tasks without a part
 * are left out: there are fewer when there are not enough places to cut.
 */
export function divideFiles(
  files: readonly Pick<FileIndex, "bytes" | "borders" | "hasLedger">[],
  count: number,
): NumberedPart[][] {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const tasks: NumberedPart[][] = [];
  let open: NumberedPart[] = [];
  let before = 0;
  /** The share that is being filled ends where all shares up to it do. */
  let share = 1;
  const isFull = (at: number): boolean => at >= (total * share) / count;
  const close = (at: number): void => {
    while (share < count && isFull(at)) share++;
    if (open.length > 0) tasks.push(open);
    open = [];
  };
  for (const [file, { bytes, borders, hasLedger }] of files.entries()) {
    let start: Omit<FilePart, "to"> = {
      from: 0,
      line: 1,
      ...(hasLedger ? { ledger: { from: 0, line: 1 } } : {}),
    };
    for (const border of borders) {
      if (share >= count || !isFull(before + border.start)) continue;
      const ledger = start.ledger && border.ledger && { ...start.ledger, to: border.ledger.from };
      const part = { ...start, ...(ledger === undefined ? {} : { ledger }), to: border.end };
      open.push({ file, ...part, bytes: border.start - start.from });
      close(before + border.start);
      start = {
        from: border.start,
        line: border.lines + 1,
        ...(border.ledger === undefined ? {} : { ledger: border.ledger }),
      };
    }
    open.push({ file, ...start, bytes: bytes - start.from });
    before += bytes;
    if (share < count && isFull(before)) close(before);
  }
  if (open.length > 0) tasks.push(open);
  return tasks;
}
