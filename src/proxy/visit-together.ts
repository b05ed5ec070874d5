// Combined logits at every place of several continuations, for scoring with a trio: each model evaluates on its own, batched
// as it likes, and the rows are put together afterwards.
import type { LogitVisitor } from "../engine/index.ts";
import type { Combination } from "./combine.ts";
import type { ProxyMember, Trio } from "./join-sessions.ts";

/** Rows kept of each model at a time: 32 of 152,000 logits are 19 MB. */
const MOST_ROWS = 32;

/** A stretch of a continuation: tokens `from` (inclusive) to `to` (exclusive) are predicted. */
interface Stretch {
  readonly continuation: number;
  readonly from: number;
  readonly to: number;
}

/** `LogitModel.visitLogits` for a trio; `members` are base, expert and anti. */
export async function visitTogether(
  members: Trio<ProxyMember>,
  combine: Combination,
  vocabularySize: number,
  prefix: Int32Array,
  continuations: readonly Int32Array[],
  visit: LogitVisitor,
): Promise<void> {
  const combined = new Float32Array(vocabularySize);

  /** Visits the places of `tokens` after `start`; `place` says what each is called. */
  async function visitPart(
    start: Int32Array,
    tokens: readonly Int32Array[],
    place: (index: number | undefined, position: number) => readonly [number | undefined, number] | undefined,
  ): Promise<void> {
    const rows = await Promise.all(
      members.map(async ({ model, translate }) => {
        const kept = new Map<string, { logits: Float32Array; index: number | undefined; position: number }>();
        await model.visitLogits(translate(start), tokens.map(translate), (logits, index, position) => {
          if (place(index, position) !== undefined)
            kept.set(`${index}/${position}`, { logits: logits.slice(), index, position });
        });
        return kept;
      }),
    );
    const [base, expert, anti] = rows;
    for (const [key, { logits, index, position }] of base!) {
      const [continuation, at] = place(index, position)!;
      combine(logits, expert!.get(key)!.logits, anti!.get(key)!.logits, at, combined);
      visit(combined, continuation, at);
    }
  }

  let first = true;
  for (const part of partition(continuations)) {
    const [only] = part;
    if (only !== undefined && only.from > 0) {
      // The rest of a long continuation: what came before it is part of the prefix, which the engines still hold.
      const tokens = continuations[only.continuation]!;
      const start = Int32Array.from([...prefix, ...tokens.subarray(0, only.from)]);
      await visitPart(start, [tokens.subarray(only.from, only.to)], (_, position) => [
        only.continuation,
        only.from + position,
      ]);
    } else {
      const isFirst = first;
      await visitPart(
        prefix,
        part.map(({ continuation, to }) => continuations[continuation]!.subarray(0, to)),
        (index, position) =>
          index === undefined
            ? isFirst
              ? [undefined, 0]
              : undefined
            : [part[index]!.continuation, position],
      );
    }
    first = false;
  }
}

/** Cuts the work into parts of at most `MOST_ROWS` rows; the rest of a long continuation is a part of its own. */
function partition(continuations: readonly Int32Array[]): Stretch[][] {
  const parts: Stretch[][] = [];
  let part: Stretch[] = [];
  let rows = 0;
  continuations.forEach(({ length }, continuation) => {
    if (rows + length > MOST_ROWS && part.length > 0) {
      parts.push(part);
      part = [];
      rows = 0;
    }
    part.push({ continuation, from: 0, to: Math.min(length, MOST_ROWS) });
    rows += length;
    for (let from = MOST_ROWS; from < length; from += MOST_ROWS) {
      if (part.length > 0) parts.push(part);
      part = [];
      rows = 0;
      parts.push([{ continuation, from, to: Math.min(length, from + MOST_ROWS) }]);
    }
  });
  if (part.length > 0 || parts.length === 0) parts.push(part);
  return parts;
}
