// The most memory of each corpus stage (what the kernel says, VmHWM) by the size of the corpus: every stage, a process of its own, reads
// the same made corpus (vary-corpus.mjs), so that stages can be measured apart; at two sizes, so that growth shows.
// node perf/corpus-memory.mjs TOKENIZER SUITE.json MEGABYTES[,MEGABYTES...] INPUT... [--texts INPUT...] [--short] [--keep FOLDER]
//   [--stages import,clean,dedup,decontaminate,pack,stats]; --short takes documents under 250 characters alone, which makes the most of them;
//   --keep leaves the made corpora in FOLDER and starts from what is there. Bar: 1,000 MB at 4,000 MB of corpus.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readExamItems } from "../dist/corpus/exam-suite.js";
import { readReal } from "./real-documents.mjs";
import { varyCorpus } from "./vary-corpus.mjs";

const BAR = 1000;
const SHORT = 250;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    texts: { type: "string", multiple: true, default: [] },
    short: { type: "boolean", default: false },
    keep: { type: "string" },
    stages: { type: "string", default: "import,clean,dedup,decontaminate,pack,stats" },
  },
});
const [tokenizer, suite, sizes, ...inputs] = positionals;
if (inputs.length === 0)
  throw new Error("node perf/corpus-memory.mjs TOKENIZER SUITE.json MEGABYTES[,MEGABYTES...] INPUT...");
const corpus = fileURLToPath(new URL("../dist/corpus/index.js", import.meta.url));
const loader = fileURLToPath(new URL("../dist/tokenizer/index.js", import.meta.url));
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "apollo-perf-memory-"));

/** A program that runs a stage and tells documents, CPU seconds and megabytes. */
function program(stage, raw, out) {
  const quoted = (text) => JSON.stringify(text);
  const call = {
    import: `corpus.importCorpus([${quoted(raw)}], ${quoted(out)}, { workers: 1 })`,
    clean: `corpus.cleanCorpus(${quoted(raw)}, ${quoted(out)})`,
    dedup: `corpus.dedupCorpus(${quoted(raw)}, ${quoted(out)})`,
    decontaminate: `corpus.decontaminateCorpus(${quoted(raw)}, [${quoted(suite)}], ${quoted(out)})`,
    pack: `corpus.packCorpus(${quoted(raw)}, { tokenizer: await loadTokenizer(${quoted(tokenizer)}), length: 4096, out: ${quoted(out)} })`,
    stats: `corpus.corpusStats(${quoted(raw)}, { tokenizer: await loadTokenizer(${quoted(tokenizer)}) })`,
  }[stage];
  return `import { readFileSync } from "node:fs";
import * as corpus from ${quoted(corpus)};
import { loadTokenizer } from ${quoted(loader)};
const result = await ${call};
const { userCPUTime, systemCPUTime } = process.resourceUsage();
const peak = Number(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "utf8"))[1]);
console.log(JSON.stringify({ documents: result.documents, rows: result.rows, seconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: Math.round(peak / 1024) }));`;
}

try {
  const items = await readExamItems([suite]);
  for (const size of sizes.split(",")) {
    const raw = join(folder, `raw-${size}`);
    if (!existsSync(raw)) {
      const all = await readReal(inputs, values.texts, folder);
      const documents = values.short
        ? all.filter(({ text, turns }) => (text ?? turns.join("")).length < SHORT)
        : all;
      varyCorpus(documents, items, raw, Number(size));
    }
    for (const stage of values.stages.split(",")) {
      const out = join(folder, "out");
      rmSync(out, { recursive: true, force: true });
      const words = ["--input-type=module", "-e", program(stage, raw, out)];
      const child = spawnSync(process.execPath, words, { encoding: "utf8", maxBuffer: 1 << 28 });
      if (child.status !== 0) throw new Error(`${stage}: ${child.stderr.slice(-2000)}`);
      const { documents, rows, seconds, megabytes } = JSON.parse(child.stdout.trim().split("\n").at(-1));
      const what = documents === undefined ? `${rows} rows` : `${documents} documents`;
      console.log(
        `${size.padStart(6)} MB  ${stage.padEnd(13)} ${String(megabytes).padStart(5)} MB resident (bar ${BAR})  ${seconds.toFixed(1).padStart(7)} CPU-s  ${what}`,
      );
      rmSync(out, { recursive: true, force: true });
    }
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}
