// Tables and figures on the terminal.
import type { CommandIo } from "./command.ts";

/** First column left, the others right; numbers line up. */
export function printTable(
  io: CommandIo,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [head, ...rows]) {
    io.print(
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
    );
  }
}

/** A share as a percentage with one decimal. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A difference of shares in percentage points, with its sign. */
export function points(difference: number): string {
  return `${difference >= 0 ? "+" : "-"}${(100 * Math.abs(difference)).toFixed(1)}`;
}
