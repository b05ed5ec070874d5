// The corpus pipeline killed (SIGKILL) at random moments and started again gives the bytes of a run that nobody disturbed.
// APOLLO_KILLS=N kills each stage N times (default: the whole chain a few times); APOLLO_KILL_CORPUS=DIR takes files of your own.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hashBytes } from "../core/index.ts";
import { saveTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";

const STAGES = ["import", "clean", "dedup", "decontaminate", "pack"] as const;
type Stage = (typeof STAGES)[number];

const kills = process.env.APOLLO_KILLS === undefined ? undefined : Number(process.env.APOLLO_KILLS);
const DOCUMENTS = 600;

let folder: string;
let raw: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-kill-"));
  raw = process.env.APOLLO_KILL_CORPUS ?? join(folder, "raw");
  const sentence = (n: number, i: number): string =>
    `Patient ${(n * 7919 + i * 104729) % 9973} took ${n % 90} mg of substance ${(n * i * 31) % 997} for ${i + 2} days.`;
  const documents = Array.from({ length: DOCUMENTS }, (_, n) => [
    `What happened in case ${n % (DOCUMENTS - 50)}?`,
    Array.from({ length: 6 }, (_, i) => sentence(n % (DOCUMENTS - 50), i)).join("\n"),
  ]);
  await mkdir(join(folder, "raw"));
  await writeFile(join(folder, "raw", "medicalExam_en.json"), JSON.stringify(documents));
  const item = { question: sentence(77, 3), options: ["(A) yes", "(B) no"], answer: "(A)", source: "x" };
  await writeFile(join(folder, "suite.json"), JSON.stringify([item]));
  const tokenizer = trainByteLevelBpe(documents.slice(0, 50).flat(), {
    vocabularySize: 400,
    specialTokens: ["<|endoftext|>"],
  });
  await saveTokenizer(tokenizer, join(folder, "tokenizer"), { eosToken: "<|endoftext|>" });
});
after(() => rm(folder, { recursive: true }));

/** A program that runs stages of the pipeline into `out`, each from the one before. */
function program(out: string, stages: readonly Stage[]): string {
  const at = (name: string): string => JSON.stringify(join(out, name));
  const suite = JSON.stringify(join(folder, "suite.json"));
  const calls: Readonly<Record<Stage, string>> = {
    import: `corpus.importCorpus([${JSON.stringify(raw)}], ${at("import")}, { workers: 2, keepGoing: true })`,
    clean: `corpus.cleanCorpus(${at("import")}, ${at("clean")})`,
    dedup: `corpus.dedupCorpus(${at("clean")}, ${at("dedup")})`,
    decontaminate: `corpus.decontaminateCorpus(${at("dedup")}, [${suite}], ${at("decontaminate")})`,
    pack: `corpus.packCorpus(${at("decontaminate")}, { tokenizer: await loadTokenizer(${JSON.stringify(join(folder, "tokenizer"))}), length: 256, out: ${at("pack")} })`,
  };
  return `import * as corpus from ${JSON.stringify(new URL("./index.js", import.meta.url).href)};
import { loadTokenizer } from ${JSON.stringify(new URL("../tokenizer/index.js", import.meta.url).href)};
process.stdout.write("begun\\n");
${stages.map((stage) => `await ${calls[stage]};`).join("\n")}`;
}

/** Runs stages in a process, which is killed `killAfter` milliseconds after it began its work; gives how long it worked, or `undefined` when killed. */
function run(out: string, stages: readonly Stage[], killAfter?: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--input-type=module", "-e", program(out, stages)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let begun = 0;
    let errors = "";
    let timer: NodeJS.Timeout | undefined;
    child.stderr.on("data", (data: Buffer) => {
      errors += data;
    });
    child.stdout.once("data", () => {
      begun = performance.now();
      if (killAfter !== undefined) timer = setTimeout(() => child.kill("SIGKILL"), killAfter);
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (signal === "SIGKILL") resolve(undefined);
      else if (code === 0) resolve(performance.now() - begun);
      else reject(new Error(errors));
    });
  });
}

/** Hashes of all files under a folder by their paths in it. */
async function contentsOf(path: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[file.slice(path.length + 1)] = hashBytes(await readFile(file));
  }
  return files;
}

/** Kills at a random moment of the time that the work takes, `times` times, then lets it end. */
async function disturb(out: string, stages: readonly Stage[], times: number, usual: number): Promise<number> {
  let killed = 0;
  for (let k = 0; k < times; k++)
    // Each in its own part of the time, so that early and late moments both come.
    if ((await run(out, stages, ((k + Math.random()) / times) * usual)) === undefined) killed++;
  await run(out, stages);
  return killed;
}

test("killed and started again, the pipeline gives the bytes of an undisturbed run", async (t) => {
  const calm = join(folder, "calm");
  const out = join(folder, "out");
  let killed = 0;
  if (kills === undefined) {
    const usual = await run(calm, STAGES);
    killed = await disturb(out, STAGES, 2, usual!);
  } else {
    for (const stage of STAGES) {
      const usual = await run(calm, [stage]);
      const times = await disturb(out, [stage], kills, usual!);
      t.diagnostic(`${stage}: ${Math.round(usual!)} ms, killed ${times} times`);
      killed += times;
    }
  }
  assert.ok(killed > 0, "no kill came in time");
  const [expected, found] = [await contentsOf(calm), await contentsOf(out)];
  assert.ok(Object.keys(expected).includes(join("pack", "packed.parquet")));
  assert.deepEqual(found, expected);
});
