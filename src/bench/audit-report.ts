// The audit's part of report.html and run.json: what is wrong with the sources that were scored.
import { type Audit, FINDING_MEANINGS, type Finding } from "./audit-finding.ts";

/** A finding without the list of its items, which `apollo bench audit` gives. */
export type FindingCount = Omit<Finding, "ids">;

/** The findings on the scored sources, counted over the whole of each source. */
export function findingCounts(audit: Audit, sources: ReadonlySet<string>): FindingCount[] {
  return audit.findings
    .filter(({ source }) => sources.has(source))
    .map(({ code, source, count, detail }) => ({ code, source, count, detail }));
}

/** An HTML section with a table; says so when nothing was found. */
export function renderFindings(
  findings: readonly FindingCount[],
  escapeHtml: (text: string) => string,
): string {
  if (findings.length === 0) return `<h2>Audit of the suite</h2>\n<p class="note">Nothing was found.</p>`;
  const rows = findings.map(
    ({ code, source, count, detail }) =>
      `<tr role="row"><th scope="row" role="rowheader"><bdi>${escapeHtml(source)}</bdi></th>` +
      `<td role="cell" class="whole" data-label="Finding"><span title="${escapeHtml(FINDING_MEANINGS[code])}">${code}</span></td>` +
      `<td role="cell" class="number whole" data-label="Items"><span>${count}</span></td>` +
      `<td role="cell" class="whole words"><bdi>${escapeHtml(detail)}</bdi></td></tr>`,
  );
  const codes = [...new Set(findings.map(({ code }) => code))];
  const meanings = codes.map((code) => `<dt>${code}</dt><dd>${escapeHtml(FINDING_MEANINGS[code])}</dd>`);
  return `<h2>Audit of the suite</h2>
<div class="scroll" tabindex="0" role="region" aria-label="Audit of the suite">
<table role="table">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Source</th><th scope="col" role="columnheader">Finding</th><th scope="col" role="columnheader" class="number">Items</th><th scope="col" role="columnheader">What was found</th></tr></thead>
<tbody role="rowgroup">
${rows.join("\n")}
</tbody>
</table>
</div>
<p class="note">Counted over the whole of each scored source; <code>apollo bench audit</code> lists the items.</p>
<dl class="note">${meanings.join("")}</dl>`;
}
