// Tables and figures on the terminal.
import type { CommandIo } from "./command.ts";

/** First column left, the others right; numbers line up. */
export function printTable(
  io: CommandIo,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = head.map((title, i) => Math.max(columns(title), ...rows.map((row) => columns(row[i]!))));
  for (const row of [head, ...rows]) {
    const cells = row.map((cell, i) => {
      const space = " ".repeat(widths[i]! - columns(cell));
      return i === 0 ? cell + space : space + cell;
    });
    io.print(cells.join("  "));
  }
}

/** Columns of a terminal that a text takes: two for a Chinese character, none for a mark. */
function columns(text: string): number {
  const wide = text.match(/[\p{Script=Han}\u3000-\u303f\uff00-\uff60]/gu)?.length ?? 0;
  const none = text.match(/[\p{Mn}\p{Cf}]/gu)?.length ?? 0;
  return [...text].length + wide - none;
}

/** A share as a percentage with one decimal. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A difference of shares in percentage points, with its sign. */
export function points(difference: number): string {
  return `${difference >= 0 ? "+" : "-"}${(100 * Math.abs(difference)).toFixed(1)}`;
}
