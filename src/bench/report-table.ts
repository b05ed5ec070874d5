// Tables of the report, as HTML: wide on a desk, on a phone one block a row with the columns' titles in the cells.
import { escapeHtml } from "../core/index.ts";

/** A column. */
export interface TableColumn {
  readonly title: string;
  readonly numeric?: boolean;
  /** Takes a phone's whole width. */
  readonly whole?: boolean;
  /** Needs no title beside it on a phone. */
  readonly plain?: boolean;
}

/** A table; cells are HTML, the first of a row is its heading. */
export interface TableContent {
  /** For screen readers. */
  readonly label: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly foot?: readonly (string | number)[];
}

/** The table. Roles are written out because the phone's layout takes a table's own away. */
export function renderTable({ label, columns, rows, foot }: TableContent): string {
  const heads = columns.map(
    ({ title, numeric }) =>
      `<th scope="col" role="columnheader"${numeric === true ? ' class="number"' : ""}>${escapeHtml(title)}</th>`,
  );
  const line = (row: readonly (string | number)[]): string => `<tr role="row">${cells(row, columns)}</tr>`;
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(label)}">
<table role="table" class="cards" aria-label="${escapeHtml(label)}">
<thead role="rowgroup"><tr role="row">${heads.join("")}</tr></thead>
<tbody role="rowgroup">
${rows.map(line).join("\n")}
</tbody>
${foot === undefined ? "" : `<tfoot role="rowgroup">${line(foot)}</tfoot>\n`}</table>
</div>`;
}

function cells(row: readonly (string | number)[], columns: readonly TableColumn[]): string {
  return row
    .map((content, i) => {
      if (i === 0) return `<th scope="row" role="rowheader">${content}</th>`;
      const { title, numeric, whole, plain } = columns[i]!;
      const classes = [numeric === true ? "number" : "", whole === true ? "whole" : ""].join(" ").trim();
      const label = plain === true ? "" : ` data-label="${escapeHtml(title)}"`;
      const value = content === "" || plain === true ? content : `<span>${content}</span>`;
      return `<td role="cell"${classes === "" ? "" : ` class="${classes}"`}${label}>${value}</td>`;
    })
    .join("");
}

/** A share as a percentage with one decimal. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** A difference of shares in points, with its sign. */
export function points(share: number): string {
  return `${share >= 0 ? "+" : "−"}${(100 * Math.abs(share)).toFixed(1)}`;
}

/** A p value for people. */
export function pText(p: number): string {
  return p < 0.001 ? "< 0.001" : p.toFixed(3);
}

/** A name that may be of any script. */
export function name(text: string): string {
  return `<bdi>${escapeHtml(text)}</bdi>`;
}
