// Streamed text for a terminal: drug names, doses and ranges inside right-to-left text are isolated, so that they keep their order.
import { hasRightToLeft, isolate, splitRuns, stripDirectionControls } from "../medical/index.ts";

/** Takes pieces of text, gives pieces to write. */
export interface DirectionStream {
  push(text: string): string;
  /** What was held back. */
  flush(): string;
}

/** Makes a stream. A left-to-right run in a right-to-left line waits for its end; everything else passes at once. */
export function createDirectionStream(): DirectionStream {
  let pending = "";
  /** The line being written has right-to-left text already. */
  let rightToLeft = false;
  const show = (line: string): string => {
    rightToLeft ||= hasRightToLeft(line);
    if (!rightToLeft) return line;
    return splitRuns(line)
      .map((run) => (run.ltr ? isolate(run.text) : run.text))
      .join("");
  };
  return {
    push(text) {
      pending += stripDirectionControls(text);
      let shown = "";
      for (let end = pending.indexOf("\n"); end >= 0; end = pending.indexOf("\n")) {
        shown += `${show(pending.slice(0, end))}\n`;
        pending = pending.slice(end + 1);
        rightToLeft = false;
      }
      if (!rightToLeft && !hasRightToLeft(pending)) {
        shown += pending;
        pending = "";
        return shown;
      }
      const ready = endOfRuns(pending);
      shown += show(pending.slice(0, ready));
      pending = pending.slice(ready);
      return shown;
    },
    flush() {
      const rest = show(pending);
      pending = "";
      rightToLeft = false;
      return rest;
    },
  };
}

/** Where a left-to-right run begins that more text may go on; the length when there is none. */
function endOfRuns(text: string): number {
  const runs = splitRuns(text);
  const last = runs.at(-1);
  const before = runs.at(-2);
  if (last === undefined) return 0;
  if (last.ltr) return text.length - last.text.length;
  // A space, a sign or a point after a run may still belong to it.
  if (before?.ltr && !hasRightToLeft(last.text)) return text.length - last.text.length - before.text.length;
  return /[<>≤≥±+−-]$/u.test(text) ? text.length - 1 : text.length;
}
