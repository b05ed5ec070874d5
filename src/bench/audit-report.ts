// The audit's part of report.html and run.json: what is wrong with the sources that were scored.
import { escapeHtml } from "../core/index.ts";
import type { Audit, Finding, FindingCode } from "./audit-finding.ts";
import { name, renderTable } from "./report-table.ts";
import { fillHtml, REPORT_WORDS, type ReportWords } from "./words/report-words.ts";

/** A finding without the list of its items, which `apollo bench audit` gives. */
export type FindingCount = Omit<Finding, "ids">;

/** The findings on the scored sources, counted over the whole of each source. */
export function findingCounts(audit: Audit, sources: ReadonlySet<string>): FindingCount[] {
  return audit.findings
    .filter(({ source }) => sources.has(source))
    .map(({ code, source, count, detail }) => ({ code, source, count, detail }));
}

/** What the audit found about each item, by id; what is true of whole sources alone is left out. */
export function itemFlags(audit: Audit): Map<string, FindingCode[]> {
  const flags = new Map<string, FindingCode[]>();
  for (const { code, ids } of audit.findings) {
    if (code === "gold-imbalance") continue;
    for (const id of ids) {
      const codes = flags.get(id);
      if (codes === undefined) flags.set(id, [code]);
      else if (!codes.includes(code)) codes.push(code);
    }
  }
  return flags;
}

/** An HTML section with a table; says so when nothing was found. What was found in a source stays in the audit's own English. */
export function renderFindings(
  findings: readonly FindingCount[],
  own: ReportWords = REPORT_WORDS.en,
): string {
  const words = own.audit;
  const heading = `<h2 id="audit">${words.title}</h2>`;
  if (findings.length === 0) return `${heading}\n<p class="note">${words.nothing}</p>`;
  const codes = [...new Set(findings.map(({ code }) => code))];
  const meanings = codes.map(
    (code) => `<dt><bdi>${code}</bdi></dt><dd>${escapeHtml(words.meanings[code])}</dd>`,
  );
  const table = renderTable({
    label: words.title,
    columns: [
      { title: own.source },
      { title: words.finding, whole: true },
      { title: words.items, numeric: true, whole: true },
      { title: words.found, whole: true, plain: true },
    ],
    rows: findings.map(({ code, source, count, detail }) => [
      name(source),
      `<bdi>${code}</bdi>`,
      count,
      `<span class="words" lang="en">${name(detail)}</span>`,
    ]),
  });
  const sources = new Set(findings.map(({ source }) => source)).size;
  return `${heading}
<details class="findings"><summary>${fillHtml(words.summary, { n: findings.length, sources, codes: { html: codes.map(name).join(own.comma) } })}</summary>
${table}
<p class="note">${words.note}</p>
<dl class="note">${meanings.join("")}</dl>
</details>`;
}
