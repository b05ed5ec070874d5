// The audit's part of report.html and run.json: what is wrong with the sources that were scored.
import { escapeHtml } from "../core/index.ts";
import { type Audit, FINDING_MEANINGS, type Finding, type FindingCode } from "./audit-finding.ts";
import { name, renderTable } from "./report-table.ts";

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

/** An HTML section with a table; says so when nothing was found. */
export function renderFindings(findings: readonly FindingCount[]): string {
  if (findings.length === 0) return `<h2>Audit of the suite</h2>\n<p class="note">Nothing was found.</p>`;
  const codes = [...new Set(findings.map(({ code }) => code))];
  const meanings = codes.map((code) => `<dt>${code}</dt><dd>${escapeHtml(FINDING_MEANINGS[code])}</dd>`);
  const table = renderTable({
    label: "Audit of the suite",
    columns: [
      { title: "Source" },
      { title: "Finding", whole: true },
      { title: "Items", numeric: true, whole: true },
      { title: "What was found", whole: true, plain: true },
    ],
    rows: findings.map(({ code, source, count, detail }) => [
      name(source),
      code,
      count,
      `<span class="words">${name(detail)}</span>`,
    ]),
  });
  const sources = new Set(findings.map(({ source }) => source)).size;
  return `<h2>Audit of the suite</h2>
<details class="findings"><summary>${findings.length} findings in ${sources} ${sources === 1 ? "source" : "sources"}: ${codes.join(", ")}</summary>
${table}
<p class="note">Counted over the whole of each scored source; <code>apollo bench audit</code> lists the items.</p>
<dl class="note">${meanings.join("")}</dl>
</details>`;
}
