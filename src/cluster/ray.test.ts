// Tasks on a real Ray cluster: head and two workers as processes of this machine, token authentication on. Skipped without Ray.
import assert from "node:assert/strict";
import { type ChildProcess, execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type Executor,
  exists,
  openTasks,
  runTasks,
  type TaskList,
  taskFolder,
  UserError,
} from "../core/index.ts";
import type { GateTask } from "./gate-program.test.helper.ts";
import { createRayApi } from "./ray-api.ts";
import { createRayCluster, findRayPython, type RayCluster, TOKEN } from "./ray-cluster.test.helper.ts";
import { createRayExecutor } from "./ray-executor.ts";
import { checkRayCluster } from "./ray-preflight.ts";
import { findRayToken } from "./ray-token.ts";
import { until } from "./until.test.helper.ts";

const GATE_PROGRAM = fileURLToPath(new URL("./gate-program.test.helper.js", import.meta.url));
const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const SAMPLES = fileURLToPath(new URL("../../samples/corpus", import.meta.url));
const root = await mkdtemp(join(tmpdir(), "apollo-ray-"));
after(() => rm(root, { recursive: true }));

async function program(name: string, script: string): Promise<readonly string[]> {
  const file = join(root, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return [file];
}

async function listOf(name: string, tasks: readonly GateTask[]): Promise<TaskList> {
  const marks = join(root, `${name}-marks`);
  await mkdir(marks, { recursive: true });
  return { folder: join(root, "lists", name), stage: "sum", common: { marks }, tasks };
}

/** How often each task was begun. */
async function begun(list: TaskList): Promise<number[]> {
  const { marks } = list.common as { marks: string };
  return Promise.all(
    list.tasks.map(async (_, task) => {
      const text = await readFile(join(marks, String(task)), "utf8").catch(() => "");
      return text.split("\n").length - 1;
    }),
  );
}

test("the token is looked for where Ray's tools look, and a named file must be there", async () => {
  const home = join(root, "home");
  const elsewhere = join(root, "token");
  await mkdir(join(home, ".ray"), { recursive: true });
  await writeFile(join(home, ".ray", "auth_token"), "from home\n");
  await writeFile(elsewhere, "from a file\n");
  assert.equal(await findRayToken({ HOME: home }), "from home");
  assert.equal(await findRayToken({ HOME: home, RAY_AUTH_TOKEN_PATH: elsewhere }), "from a file");
  assert.equal(
    await findRayToken({ HOME: home, RAY_AUTH_TOKEN_PATH: elsewhere, RAY_AUTH_TOKEN: "own" }),
    "own",
  );
  assert.equal(await findRayToken({ HOME: home, RAY_AUTH_MODE: "disabled" }), undefined);
  assert.equal(await findRayToken({ HOME: root }), undefined);
  await assert.rejects(findRayToken({ RAY_AUTH_TOKEN_PATH: join(root, "none") }), { code: "ray-token-file" });
});

test("an address that is none, a port where nobody listens and a server that is no Ray are named", async () => {
  for (const address of ["head:8265", "ray://head:10001", ""])
    assert.throws(() => createRayApi(address), { code: "ray-address" });
  const server = createServer((_, response) => response.end("<html>hello</html>"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const api = createRayApi(`http://127.0.0.1:${port}/`, async () => undefined);
  await assert.rejects(api.version(), { code: "not-ray" });
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(api.version(), (error: UserError) => {
    assert.equal(error.code, "ray-unreachable");
    assert.match(error.line, /ECONNREFUSED.*8265/u);
    return true;
  });
});

const found = findRayPython();

describe("on a cluster", { skip: "missing" in found ? found.missing : false }, () => {
  let cluster: RayCluster;
  let second: ChildProcess;
  let commands: readonly (readonly string[])[];
  /** One for all: the nodes are asked once. */
  let executor: Executor;
  const warnings: string[] = [];
  let gate = "";

  before(async () => {
    assert.ok("python" in found);
    commands = [
      ["/none/node", "/none/main.js"],
      await program("apollo", `exec '${process.execPath}' '${GATE_PROGRAM}' "$@"`),
    ];
    gate = join(root, "gate");
    cluster = await createRayCluster(found.python);
    executor = createRayExecutor({ api: cluster.api, commands, warn: (line) => warnings.push(line) });
    await cluster.startHead();
    await cluster.startWorker();
    second = await cluster.startWorker();
  });
  after(() => cluster.close());

  test("a wrong token and a missing one are told apart, before anything is submitted", async () => {
    for (const [token, code] of [
      ["wrong", "ray-wrong-token"],
      [undefined, "ray-no-token"],
    ] as const) {
      const api = createRayApi(cluster.address, async () => token);
      const [check, ...more] = await checkRayCluster(api, { folder: join(root, "lists"), commands, cpus: 1 });
      assert.equal(check?.error?.code, code);
      assert.deepEqual(more, []);
      assert.ok(!`${check.error.line}`.includes(TOKEN));
    }
    assert.deepEqual(await cluster.api.jobs(), []);
  });

  test("each node is asked: no Apollo, an old Node, another version, a folder that is not shared", async () => {
    const old = await program("node-old", "echo v18.19.0");
    const other = await program("apollo-other", "echo 0.0.1");
    const ask = (own: readonly (readonly string[])[], folder = join(root, "lists")) =>
      checkRayCluster(cluster.api, { folder, commands: own, cpus: 1 });
    const [none, aged, another] = await Promise.all([
      ask([["/none/node", "/none/main.js"]]),
      ask([[...old, GATE_PROGRAM]]),
      ask([other]),
    ]);
    const codes = (checks: Awaited<ReturnType<typeof ask>>) => checks.map(({ error }) => error?.code);
    assert.deepEqual(codes(none), [
      undefined,
      undefined,
      undefined,
      "worker-without-apollo",
      "worker-without-apollo",
    ]);
    assert.match(none[3]?.error?.message ?? "", /\/none\/node/u);
    assert.deepEqual(codes(aged).slice(3), ["worker-old-node", "worker-old-node"]);
    assert.match(aged[3]?.error?.message ?? "", /v18\.19\.0; 20\.19/u);
    assert.deepEqual(codes(another).slice(3), ["worker-version", "worker-version"]);
    const file = join(root, "a-file");
    await writeFile(file, "");
    assert.deepEqual(codes(await ask(commands, file)), [undefined, "not-a-folder"]);
  });

  test("what a task says of its own failure arrives as it was said, and nothing else is begun", async () => {
    const list = await listOf("failing", [
      { numbers: [1] },
      { numbers: [], fails: true },
      { numbers: [], gate: join(root, "never") },
    ]);
    await assert.rejects(runTasks(list, executor), (error: UserError) => {
      assert.equal(error.line, "numbers.txt: line 3: no number. Mend it.");
      assert.equal(error.code, "bad-number");
      return true;
    });
  });

  test("a corpus cleaned by 8 tasks on the cluster is the bytes of one process here", async () => {
    const imported = join(root, "corpus");
    const here = join(root, "here");
    const there = join(root, "there");
    const apollo = (...words: string[]) =>
      promisify(execFile)(process.execPath, [MAIN, "corpus", ...words], {
        env: { ...process.env, RAY_AUTH_TOKEN: TOKEN },
      });
    await apollo("import", SAMPLES, "--out", imported);
    await apollo("clean", imported, "--out", here);
    const words = ["--tasks", "8", "--engine", "ray", "--address", cluster.address];
    // Nobody listens there: named at once, nothing is left behind.
    const wrong = apollo(
      "clean",
      imported,
      "--out",
      there,
      ...words.slice(0, -1),
      "http://127.0.0.1:9",
      "--json",
    );
    await assert.rejects(wrong, ({ stdout, code }) => code === 2 && /"code":"ray-unreachable"/u.test(stdout));
    await apollo("clean", imported, "--out", there, ...words);
    const names = await readdir(here);
    assert.ok(names.length > 20);
    assert.deepEqual(await readdir(there), names);
    for (const name of names)
      assert.ok((await readFile(join(there, name))).equals(await readFile(join(here, name))), name);
  });

  test("a worker that is killed costs only its tasks", async () => {
    const list = await listOf(
      "worker",
      Array.from({ length: 8 }, (_, i) => ({ numbers: [i, 1], gate })),
    );
    warnings.length = 0;
    const shown: number[] = [];
    const progress = () => ({ update: (done: number) => shown.push(done), finish: () => {} });
    const run = runTasks(list, executor, { progress });
    // Two on each worker.
    await until(async () => (await begun(list)).filter((times) => times > 0).length === 4);
    await cluster.kill(second);
    await until(async () => warnings.filter((line) => /was lost/u.test(line)).length === 2);
    await writeFile(gate, "");
    assert.deepEqual(await run, [1, 2, 3, 4, 5, 6, 7, 8]);
    const lost = warnings.map((line) => Number(/task (\d+) was lost/u.exec(line)?.[1])).sort();
    assert.deepEqual(
      await begun(list),
      list.tasks.map((_, task) => (lost.includes(task) ? 2 : 1)),
      `lost: ${warnings}`,
    );
    assert.equal(shown.at(-1), 8);
    assert.deepEqual(
      (await readdir(list.folder)).filter((name) => name.startsWith(".probe")),
      [],
    );
  });

  test("an abort cancels the job on the cluster; the next run does what is open", async () => {
    const own = join(root, "gate-abort");
    const list = await listOf("abort", [{ numbers: [1] }, { numbers: [2], gate: own }]);
    const controller = new AbortController();
    const run = runTasks(list, executor, { signal: controller.signal });
    await until(async () => (await openTasks(list)).length === 1 && (await begun(list))[1] === 1);
    controller.abort(new UserError("interrupted", "interrupted"));
    await assert.rejects(run, { code: "interrupted" });
    assert.deepEqual(
      (await cluster.api.jobs()).filter(({ status }) => status === "RUNNING" || status === "PENDING"),
      [],
    );
    // A second run of the same command follows the job of the first, as one does whose machine went meanwhile.
    const jobs = (await cluster.api.jobs()).length;
    const first = runTasks(list, executor);
    await until(async () => (await begun(list))[1] === 2);
    const second = runTasks(list, executor);
    await until(async () => (await cluster.api.jobs()).some(({ status }) => status === "RUNNING"));
    await writeFile(own, "");
    assert.deepEqual(await Promise.all([first, second]), [
      [1, 2],
      [1, 2],
    ]);
    assert.equal((await cluster.api.jobs()).length, jobs + 1);
    assert.deepEqual(await begun(list), [1, 2]);
  });

  test("a head that is restarted is waited for: the run goes on with what is open", async () => {
    const own = join(root, "gate-head");
    const list = await listOf("head", [
      { numbers: [1] },
      { numbers: [2] },
      { numbers: [3], gate: own },
      { numbers: [4], gate: own },
    ]);
    warnings.length = 0;
    const run = runTasks(list, executor);
    await until(async () => {
      const times = await begun(list);
      return (await openTasks(list)).length === 2 && times[2] === 1 && times[3] === 1;
    });
    await cluster.kill();
    await until(async () => warnings.some((line) => /waiting for it/u.test(line)));
    await writeFile(own, "");
    await cluster.startHead();
    await cluster.startWorker();
    assert.deepEqual(await run, [1, 2, 3, 4]);
    // What was done before is not done again.
    assert.deepEqual((await begun(list)).slice(0, 2), [1, 1]);
    assert.ok(await exists(taskFolder(list, 3)));
    assert.ok(warnings.some((line) => /the head is back/u.test(line)));
  });
});
