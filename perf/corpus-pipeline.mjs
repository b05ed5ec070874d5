// The whole corpus pipeline, import -> clean -> dedup -> decontaminate -> pack, each stage a process of its own: processor seconds,
// most memory (what the kernel says, VmHWM) and documents of each, and what 2.5 billion tokens would take at this rate (bar 2 core-hours).
// The corpus is made by vary-corpus.mjs from real files of the formats that import takes, which repeat no more than real text does.
// node perf/corpus-pipeline.mjs TOKENIZER SUITE.json MEGABYTES INPUT... [--texts INPUT...] [--keep FOLDER] [--stages import,clean,...]
//   inputs behind --texts are imported as one text a record (translation memories); --keep leaves everything in FOLDER and starts from what is there;
//   --from raw lets every stage read the made corpus itself, so that they can be measured apart.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readExamItems } from "../dist/corpus/exam-suite.js";
import { APOLLO_MIXTURE, weightOf } from "../dist/corpus/mixture.js";
import { readReal } from "./real-documents.mjs";
import { varyCorpus } from "./vary-corpus.mjs";

const TOKENS = 2.5e9;
const CORE_HOURS = 2;
const STAGES = ["import", "clean", "dedup", "decontaminate", "pack"];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    texts: { type: "string", multiple: true, default: [] },
    keep: { type: "string" },
    stages: { type: "string", default: STAGES.join(",") },
    profile: { type: "string" },
    workers: { type: "string", default: "1" },
    from: { type: "string" },
  },
});
const [tokenizer, suite, megabytes, ...inputs] = positionals;
if (inputs.length === 0)
  throw new Error("node perf/corpus-pipeline.mjs TOKENIZER SUITE.json MEGABYTES INPUT...");
const main = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
const folder = values.keep ?? mkdtempSync(join(tmpdir(), "apollo-perf-pipeline-"));
const at = (name) => join(folder, name);
const bytesOf = (path) => readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);

if (!existsSync(at("raw"))) {
  const documents = await readReal(inputs, values.texts, folder);
  varyCorpus(documents, await readExamItems([suite]), at("raw"), Number(megabytes));
}
const raw = bytesOf(at("raw"));

/** Where a stage reads: what the one before wrote, or what was asked for. */
const source = (stage) => at(values.from ?? stage);
const words = {
  import: [at("raw"), "--workers", values.workers],
  clean: [source("import")],
  dedup: [source("clean")],
  decontaminate: [source("dedup"), "--against", suite],
  pack: [source("decontaminate"), "--tokenizer", tokenizer, "--length", "4096"],
};
try {
  let all = 0;
  for (const stage of values.stages.split(",")) {
    rmSync(at(stage), { recursive: true, force: true });
    // The child tells its own resources when it ends.
    const program = `import { readFileSync } from "node:fs"; process.on("exit", () => { const u = process.resourceUsage(); const peak = /VmHWM:\\s+(\\d+)/.exec(existsStatus())?.[1] ?? u.maxRSS; console.error("#" + JSON.stringify([u.userCPUTime + u.systemCPUTime, Number(peak)])); }); function existsStatus() { try { return readFileSync("/proc/self/status", "utf8"); } catch { return ""; } } process.argv.splice(1, 0, "apollo"); await import(${JSON.stringify(main)});`;
    const profile =
      values.profile === undefined
        ? []
        : ["--cpu-prof", "--cpu-prof-dir", values.profile, "--cpu-prof-name", `${stage}.cpuprofile`];
    const child = spawnSync(
      process.execPath,
      [
        ...profile,
        "--input-type=module",
        "-e",
        program,
        "--",
        "corpus",
        stage,
        ...words[stage],
        "--out",
        at(stage),
        "--json",
      ],
      {
        encoding: "utf8",
        maxBuffer: 1 << 30,
      },
    );
    if (child.status !== 0) throw new Error(`${stage}: ${child.stdout}${child.stderr.slice(-2000)}`);
    const [cpu, kilobytes] = JSON.parse(child.stderr.split("#").at(-1));
    all += cpu / 1e6;
    const { byLanguage: _, ...result } = JSON.parse(child.stdout.trim().split("\n").at(-1));
    const said = JSON.stringify(result);
    console.log(
      `${stage.padEnd(13)} ${(cpu / 1e6).toFixed(1).padStart(7)} CPU-s  ${(raw / cpu).toFixed(1).padStart(6)} MB/CPU-s  ${(kilobytes / 1024).toFixed(0).padStart(5)} MB resident  ${said.slice(0, 300)}`,
    );
  }
  console.log(`all           ${all.toFixed(1).padStart(7)} CPU-s for ${(raw / 1e6).toFixed(0)} MB of input`);
  // A rate for all five; anything less would flatter.
  if (values.stages === STAGES.join(",")) {
    const { result } = JSON.parse(readFileSync(join(at("pack"), "manifest.json"), "utf8"));
    // Each token counts once, however many epochs it is packed for.
    let tokens = 0;
    for (const [name, n] of Object.entries(result.tokensBySource)) {
      const [category, language] = name.split("_");
      tokens += n / weightOf({ category, language, stage: "pretrain" }, APOLLO_MIXTURE).epochs;
    }
    console.log(
      `${result.documents} documents, ${tokens} tokens; packed ${result.tokens} with epochs, ${(100 * result.utilisation).toFixed(2)} % of positions`,
    );
    const hours = (all / 3600) * (TOKENS / tokens);
    console.log(`${TOKENS / 1e9} billion tokens: ${hours.toFixed(2)} core-hours (bar ${CORE_HOURS})`);
  }
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true });
}
