// What a task costs beside its work, and what more tasks gain: this machine's processes beside a real Ray cluster on it (head and two workers).
// APOLLO_PYTHON=python node perf/cluster-tasks.mjs [MEGABYTES] [ROUNDS]
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../dist/cli/run-cli.test.helper.js";
import { createRayExecutor } from "../dist/cluster/index.js";
import { createRayCluster, findRayPython, TOKEN } from "../dist/cluster/ray-cluster.test.helper.js";
import { createLocalExecutor, runTasks } from "../dist/core/index.js";
import { TASK_PROGRAM as program } from "../dist/core/numbers-tasks.test.helper.js";

const [megabytes = 20, rounds = 2] = process.argv.slice(2).map(Number);
const EMPTY_TASKS = [1, 33];
const TASKS = [1, 2, 4, 8];
const found = findRayPython();
if (found.missing) throw new Error(found.missing);
const root = await mkdtemp(join(tmpdir(), "apollo-perf-"));

/** Seconds by the clock: processor time cannot be summed up, for Ray's workers end unseen by whoever started them. */
async function measure(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const columns = (...cells) => console.log(cells.map((cell) => String(cell).padStart(16)).join(""));

const cluster = await createRayCluster(found.python);
try {
  await cluster.startHead();
  await cluster.startWorkers({}, {});
  const executors = {
    local: createLocalExecutor({ program, processes: 2 }),
    ray: createRayExecutor({ api: cluster.api, commands: [program], atOnce: 2 }),
  };
  let made = 0;
  const empty = async (executor, count) => {
    const folder = join(root, "lists", String(made++));
    await mkdir(`${folder}-marks`, { recursive: true });
    const tasks = Array.from({ length: count }, (_, i) => ({ numbers: [i] }));
    return measure(() =>
      runTasks({ folder, stage: "sum", common: { marks: `${folder}-marks` }, tasks }, executor),
    );
  };
  // The nodes are asked once for all lists of a folder.
  const first = await empty(executors.ray, 1);
  const second = await empty(executors.ray, 1);
  console.log(`load ${loadavg()[0].toFixed(1)}; asking the nodes: ${(first - second).toFixed(1)} s`);
  const results = Object.fromEntries(
    Object.keys(executors).map((name) => [name, Object.fromEntries(EMPTY_TASKS.map((count) => [count, []]))]),
  );
  for (let round = 0; round < rounds; round++)
    for (const name of Object.keys(executors))
      for (const count of EMPTY_TASKS) results[name][count].push(await empty(executors[name], count));
  columns("empty tasks", "a run, s", "a task more, s");
  for (const [name, by] of Object.entries(results)) {
    const [few, many] = EMPTY_TASKS;
    const slope = (median(by[many]) - median(by[few])) / (many - few);
    columns(name, median(by[few]).toFixed(2), slope.toFixed(3));
  }

  const sample = new URL("../samples/corpus/medicalGuideline_en_qa.json", import.meta.url);
  const texts = JSON.parse(await readFile(sample, "utf8")).flat();
  const corpus = join(root, "corpus");
  await mkdir(corpus);
  const many = [];
  for (let bytes = 0, i = 0; bytes < megabytes * 1e6; i++) {
    const text = `${i}. ${texts[i % texts.length]}`;
    many.push(text);
    bytes += text.length;
  }
  await writeFile(join(corpus, "perf_en_text.json"), JSON.stringify(many));
  console.log(`\ncorpus clean of ${megabytes} MB; load ${loadavg()[0].toFixed(1)}`);
  columns("tasks", "local, s", "ray, s");
  const clean = (words) =>
    measure(async () => {
      const out = join(root, `clean-${made++}`);
      const { code, stderr } = await runCli(["corpus", "clean", corpus, "--out", out, ...words], {
        RAY_AUTH_TOKEN: TOKEN,
      });
      if (code !== 0) throw new Error(stderr);
    });
  const alone = await clean([]);
  columns("undivided", alone.toFixed(1));
  for (const count of TASKS) {
    const local = [];
    const ray = [];
    for (let round = 0; round < rounds; round++) {
      local.push(await clean(["--tasks", count, "--processes", 2].map(String)));
      ray.push(
        await clean(
          ["--tasks", count, "--processes", 2, "--engine", "ray", "--address", cluster.address].map(String),
        ),
      );
    }
    columns(count, median(local).toFixed(1), median(ray).toFixed(1));
  }
  console.log(`load ${loadavg()[0].toFixed(1)}`);
} finally {
  await cluster.close();
  await rm(root, { recursive: true });
}
