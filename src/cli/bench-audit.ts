// `apollo bench audit`: what is wrong with a suite, before any model is asked.
import { auditSuite, FINDING_CODES, FINDING_MEANINGS, letterBaselines, loadSuite } from "../bench/index.ts";
import { defineCommand } from "./command.ts";
import { percent, printTable } from "./table.ts";

export const auditCommand = defineCommand({
  name: "bench audit",
  summary: "find what makes a suite's scores mean less than they seem to",
  positionals: "SUITE",
  options: {
    against: {
      type: "string",
      value: "FILE",
      help: "suite whose items should not be in it, such as the one for development or worked examples",
    },
  },
  examples: ["apollo bench audit test.json --against dev.json", "apollo bench audit test.json --json"],
  async run({ options, positionals, io }) {
    const [path = ""] = positionals;
    const suite = await loadSuite(path);
    const against = options.against === undefined ? undefined : await loadSuite(options.against);
    const audit = await auditSuite(suite, { against });
    const baselines = letterBaselines(suite.items).map(
      ({ source, language, n, letter, majority, chance }) => [
        source,
        language,
        String(n),
        letter,
        percent(majority),
        percent(chance),
      ],
    );
    printTable(io, ["source", "language", "n", "letter", "majority", "chance"], baselines);
    io.print("");
    for (const code of FINDING_CODES) {
      const found = audit.findings.filter((finding) => finding.code === code);
      if (found.length === 0) continue;
      io.print(`${code}: ${FINDING_MEANINGS[code]}`);
      for (const { source, count, detail } of found)
        io.print(`  ${String(count).padStart(6)}  ${source}: ${detail}`);
    }
    io.print(
      audit.findings.length === 0
        ? `${audit.items} items, nothing found.`
        : `${audit.items} items, ${audit.findings.length} findings; --json lists the items of each.`,
    );
    return audit;
  },
});
