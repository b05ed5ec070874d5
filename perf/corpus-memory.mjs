// The most memory of each corpus stage (what the kernel says, VmHWM) by the size of the corpus: every stage, a process of its own, reads
// the same made corpus (vary-corpus.mjs), so that stages can be measured apart; at two sizes, so that growth shows.
// node perf/corpus-memory.mjs TOKENIZER SUITE.json MEGABYTES[,MEGABYTES...] INPUT... [--texts INPUT...] [--short] [--keep FOLDER]
//   [--stages import,clean,dedup,decontaminate,pack,stats]; --short takes documents under 250 characters alone, which makes the most of them;
//   --keep leaves the made corpora in FOLDER and starts from what is there; --follow SECONDS tells memory, processor time and gigabytes read while a
//   stage runs; --stop SECONDS ends each stage by then and tells the most memory up to there. Linux only. Bar: 1,000 MB at 4,000 MB of corpus.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
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
    follow: { type: "string" },
    stop: { type: "string" },
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

/** What a process has taken up to now; `undefined` when it has ended. */
function lookAt(pid) {
  try {
    const [status, io, stat] = ["status", "io", "stat"].map((name) =>
      readFileSync(`/proc/${pid}/${name}`, "utf8"),
    );
    const megabytes = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024);
    // Behind the name in brackets: state, then user and system time as numbers 12 and 13, in hundredths of a second.
    const times = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return {
      resident: megabytes("VmRSS"),
      most: megabytes("VmHWM"),
      seconds: (Number(times[11]) + Number(times[12])) / 100,
      read: Number(/rchar: (\d+)/.exec(io)[1]),
    };
  } catch {
    return undefined;
  }
}

/** Runs a program to its end, or until `--stop`: its last line, or what it had taken when last looked at. */
async function run(text) {
  const child = spawn(process.execPath, ["--input-type=module", "-e", text]);
  let [said, errors, seen, told] = ["", "", undefined, 0];
  child.stdout.on("data", (data) => {
    said += data;
  });
  child.stderr.on("data", (data) => {
    errors = (errors + data).slice(-2000);
  });
  const started = performance.now();
  const watch = setInterval(() => {
    seen = lookAt(child.pid) ?? seen;
    const passed = (performance.now() - started) / 1000;
    if (seen !== undefined && values.follow !== undefined && passed >= told + Number(values.follow)) {
      told = passed;
      console.log(
        `${passed.toFixed(0).padStart(12)} s: ${seen.resident} MB resident, ${seen.most} at most, ${seen.seconds.toFixed(0)} CPU-s, ${(seen.read / 1e9).toFixed(2)} GB read`,
      );
    }
    if (values.stop !== undefined && passed >= Number(values.stop)) child.kill("SIGKILL");
  }, 1000);
  const [status, signal] = await new Promise((resolve) => child.on("close", (...how) => resolve(how)));
  clearInterval(watch);
  if (status === 0) return { result: JSON.parse(said.trim().split("\n").at(-1)) };
  if (signal === "SIGKILL" && values.stop !== undefined && seen !== undefined) return { seen };
  throw new Error(errors);
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
      const { result, seen } = await run(program(stage, raw, out));
      const { megabytes, seconds } = result ?? { megabytes: seen.most, seconds: seen.seconds };
      const what =
        seen !== undefined
          ? `stopped after ${(seen.read / 1e9).toFixed(2)} GB read`
          : result.documents === undefined
            ? `${result.rows} rows`
            : `${result.documents} documents`;
      console.log(
        `${size.padStart(6)} MB  ${stage.padEnd(13)} ${String(megabytes).padStart(5)} MB resident (bar ${BAR})  ${seconds.toFixed(1).padStart(7)} CPU-s  ${what}`,
      );
      rmSync(out, { recursive: true, force: true });
    }
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}
