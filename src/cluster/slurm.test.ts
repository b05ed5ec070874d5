// Tasks as Slurm arrays: the script by a shell, everything else on a real one-node cluster, skipped where Slurm is not installed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { openTasks, prepareTaskList, runTasks, type TaskList, taskFolder, UserError } from "../core/index.ts";
import {
  listNumbersTasks,
  type NumbersTask,
  TASK_PROGRAM,
  timesBegun,
} from "../core/numbers-tasks.test.helper.ts";
import { until } from "../core/until.test.helper.ts";
import { type SlurmCluster, slurmMissing, startSlurm } from "./slurm-cluster.test.helper.ts";
import { callSlurm, queuedElements } from "./slurm-commands.ts";
import { createSlurmExecutor } from "./slurm-executor.ts";
import { checkSlurm } from "./slurm-preflight.ts";
import { slurmScript } from "./slurm-script.ts";

const COMMANDS = [["/none/node", "/none/main.js"], TASK_PROGRAM];
const root = await mkdtemp(join(tmpdir(), "apollo-slurm-"));
after(() => rm(root, { recursive: true }));

const listOf = (name: string, tasks: readonly NumbersTask[]): Promise<TaskList> =>
  listNumbersTasks(root, name, tasks);

/** Runs one element of a script as Slurm would. */
function runElement(script: string, element: number): { status: number | null } {
  return spawnSync("bash", ["-c", script], { env: { ...process.env, SLURM_ARRAY_TASK_ID: String(element) } });
}

test("a script does the open tasks of a folder with a blank and a quote in its name, and says so when Apollo is not there", async () => {
  const list = await listOf("it's a folder", [{ numbers: [1] }, { numbers: [2, 3] }, { numbers: [4] }]);
  await prepareTaskList(list);
  const resources = { options: { partition: "long", time: "2:00:00" }, cpus: 3, megabytes: 500, atOnce: 2 };
  const script = slurmScript(list, [0, 2], COMMANDS, resources);
  const directives = script.split("\n").filter((line) => line.startsWith("#SBATCH"));
  assert.deepEqual(directives, [
    "#SBATCH --job-name=apollo-sum",
    "#SBATCH --array=0-1%2",
    "#SBATCH --cpus-per-task=3",
    "#SBATCH --mem=500M",
    "#SBATCH --partition=long",
    "#SBATCH --time=2:00:00",
    "#SBATCH --output=/dev/null",
    "#SBATCH --requeue",
  ]);
  assert.equal(runElement(script, 1).status, 0);
  assert.deepEqual(await openTasks(list), [0, 1]);
  assert.equal(await readFile(join(taskFolder(list, 2), "sum"), "utf8"), "4");
  const without = slurmScript(list, [1], [["/none/node", "/none/main.js"]]);
  assert.equal(runElement(without, 0).status, 2);
  assert.match(
    await readFile(join(list.folder, "logs", "task-00001.out"), "utf8"),
    /^\{"error": \{"code": "worker-without-apollo"/u,
  );
});

test("scripts are printed for who submits by hand; afterwards the same call finds the tasks done", async () => {
  const list = await listOf("by-hand", [{ numbers: [1] }, { numbers: [2] }]);
  const lines: string[] = [];
  const executor = createSlurmExecutor({ commands: COMMANDS, print: (line) => lines.push(line) });
  await assert.rejects(runTasks(list, executor), { code: "tasks-open", file: list.folder });
  const [script = "", submit, ...more] = lines;
  assert.equal(submit, `sbatch ${join(list.folder, "slurm-0.sh")}`);
  assert.deepEqual(more, []);
  for (const element of [0, 1]) assert.equal(runElement(script, element).status, 0);
  assert.deepEqual(await runTasks(list, executor), [1, 2]);
});

test("a machine without Slurm is named", async () => {
  const { PATH } = process.env;
  process.env.PATH = root;
  try {
    const [check] = await checkSlurm(root);
    assert.equal(check?.error?.code, "no-slurm");
  } finally {
    process.env.PATH = PATH;
  }
});

describe("on a cluster", { skip: slurmMissing() ?? false }, () => {
  let cluster: SlurmCluster;
  const warnings: string[] = [];
  const executor = createSlurmExecutor({
    commands: COMMANDS,
    lookMilliseconds: 200,
    warn: (line) => warnings.push(line),
  });

  before(async () => {
    cluster = await startSlurm();
    process.env.SLURM_CONF = cluster.conf;
  });
  after(() => cluster.close());

  test("more tasks than an array may have are several arrays; the site is described", async () => {
    const checks = await checkSlurm(root);
    assert.deepEqual(
      checks.map(({ error }) => error),
      [undefined, undefined],
    );
    assert.match(checks[0]?.detail ?? "", /1 nodes idle in main\*; arrays of up to 4/u);
    const list = await listOf(
      "many",
      Array.from({ length: 6 }, (_, i) => ({ numbers: [i, i] })),
    );
    const shown: number[] = [];
    const progress = () => ({ update: (done: number) => shown.push(done), finish: () => {} });
    assert.deepEqual(await runTasks(list, executor, { progress }), [0, 2, 4, 6, 8, 10]);
    assert.equal(shown.at(-1), 6);
    assert.deepEqual(await timesBegun(list), [1, 1, 1, 1, 1, 1]);
    assert.ok((await readdir(list.folder)).includes("slurm-1.sh"));
  });

  test("a task that is lost is submitted again, alone", async () => {
    const gate = join(root, "gate-lost");
    const list = await listOf("lost", [{ numbers: [1] }, { numbers: [2], gate }]);
    warnings.length = 0;
    const run = runTasks(list, executor);
    await until(
      "the second task alone",
      async () => (await timesBegun(list))[1] === 1 && (await openTasks(list)).length === 1,
    );
    // One line an element; the other one may still be ending.
    const running = await callSlurm("squeue", ["--noheader", "--format=%F", "--state=RUNNING"]);
    const job = running.trim().split("\n")[0];
    await callSlurm("scancel", ["--signal=KILL", "--full", `${job}_1`]);
    // Opened before, the gate could let the first one through: the signal takes its time.
    await until("the second task once more", async () => (await timesBegun(list))[1] === 2);
    await writeFile(gate, "");
    assert.deepEqual(await run, [1, 2]);
    assert.deepEqual(await timesBegun(list), [1, 2]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? "", /task 1 was lost \(\w+, exit code 0:\d+, on/u);
  });

  test("a task's own failure arrives as it was said and ends the others; an abort cancels the array", async () => {
    const never = join(root, "never");
    const failing = await listOf("failing", [
      { numbers: [], gate: never },
      { numbers: [], fails: true },
    ]);
    await assert.rejects(runTasks(failing, executor), (error: UserError) => {
      assert.equal(error.line, "numbers.txt: line 3: no number. Mend it.");
      return true;
    });
    const list = await listOf("abort", [{ numbers: [1], gate: never }]);
    const controller = new AbortController();
    const run = runTasks(list, executor, { signal: controller.signal });
    await until("the task to begin", async () => (await timesBegun(list))[0] === 1);
    controller.abort(new UserError("interrupted", "interrupted"));
    await assert.rejects(run, { code: "interrupted" });
    // Cancelled elements complete for a moment.
    await until("an empty queue", async () => (await callSlurm("squeue", ["--noheader"])).trim() === "");
    assert.deepEqual(await queuedElements("99999"), []);
  });

  test("an option that Slurm refuses is told in its own words", async () => {
    const list = await listOf("refused", [{ numbers: [1] }]);
    const odd = createSlurmExecutor({ commands: COMMANDS, resources: { options: { partition: "none" } } });
    await assert.rejects(runTasks(list, odd), (error: UserError) => {
      assert.equal(error.code, "slurm-refused");
      assert.match(error.message, /invalid partition/iu);
      return true;
    });
  });
});
