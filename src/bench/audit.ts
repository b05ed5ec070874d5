// The audit of a suite: faults that make its scores mean less than they seem to, with the items concerned. No model is asked.
import { type Audit, FINDING_CODES, type Finding, finding } from "./audit-finding.ts";
import { auditLetters } from "./audit-letters.ts";
import { auditOffTopic } from "./audit-off-topic.ts";
import { auditParallel } from "./audit-parallel.ts";
import { auditOverlap, auditRepeats } from "./audit-repeats.ts";
import { auditWording } from "./audit-wording.ts";
import type { Refusal, Suite } from "./suite.ts";

/** Audits a suite; `against` is another suite whose items should not be in it, such as the one that worked examples come from. */
export async function auditSuite(
  suite: Suite,
  options: { readonly against?: Suite | undefined } = {},
): Promise<Audit> {
  const { items } = suite;
  const findings = [
    ...auditRefusals(suite),
    ...auditOffTopic(items),
    ...auditRepeats(items),
    ...(options.against === undefined ? [] : auditOverlap(items, options.against.items)),
    ...auditParallel(items),
    ...(await auditWording(items)),
    ...auditLetters(items),
  ];
  const rank = (found: Finding): number => FINDING_CODES.indexOf(found.code);
  return { items: suite.read, findings: findings.sort((a, b) => rank(a) - rank(b)) };
}

/** Refused items as findings: one for each source and reason. */
function auditRefusals(suite: Suite): Finding[] {
  const groups = new Map<string, Refusal[]>();
  for (const refusal of suite.refusals) {
    const key = `${refusal.reason} ${refusal.source}`;
    groups.set(key, [...(groups.get(key) ?? []), refusal]);
  }
  return [...groups.values()].map((group) => {
    const { reason, source } = group[0]!;
    const code = reason === "gold-outside-options" ? reason : "refused";
    return finding(code, source, group, reason);
  });
}
