// Tasks on a real Ray cluster: head and two workers as processes of this machine, token authentication on. Skipped without Ray.
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  type Executor,
  exists,
  openTasks,
  runTasks,
  type TaskList,
  taskFolder,
  UserError,
} from "../core/index.ts";
import {
  listNumbersTasks,
  type NumbersTask,
  TASK_PROGRAM,
  timesBegun,
} from "../core/numbers-tasks.test.helper.ts";
import { until } from "../core/until.test.helper.ts";
import { createRayApi } from "./ray-api.ts";
import {
  canSeparate,
  createRayCluster,
  findRayPython,
  type RayCluster,
  TOKEN,
} from "./ray-cluster.test.helper.ts";
import { createRayExecutor } from "./ray-executor.ts";
import { checkRayCluster } from "./ray-preflight.ts";
import { findRayToken } from "./ray-token.ts";

const [NODE, MAIN] = TASK_PROGRAM;
const root = await mkdtemp(join(tmpdir(), "apollo-ray-"));
after(() => rm(root, { recursive: true }));

async function program(name: string, script: string): Promise<readonly string[]> {
  const file = join(root, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return [file];
}

const listOf = (name: string, tasks: readonly NumbersTask[]): Promise<TaskList> =>
  listNumbersTasks(join(root, "lists"), name, tasks);

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
  const separate = "python" in found && canSeparate();
  /** The second worker has an empty folder of its own at `apart`, and cannot write into `frozen`. */
  const [apart, frozen] = [join(root, "apart"), join(root, "frozen")];
  let cluster: RayCluster;
  let second: ChildProcess;
  let commands: readonly (readonly string[])[];
  /** One for all: the nodes are asked once. */
  let executor: Executor;
  const warnings: string[] = [];
  /** How often the executor looked whether a job of its list is at work already. */
  let looks = 0;

  before(async () => {
    assert.ok("python" in found);
    commands = [["/none/node", "/none/main.js"], await program("apollo", `exec '${NODE}' '${MAIN}' "$@"`)];
    await mkdir(apart);
    await mkdir(frozen);
    cluster = await createRayCluster(found.python);
    const jobs = async () => {
      const found = await cluster.api.jobs();
      looks++;
      return found;
    };
    const api = { ...cluster.api, jobs };
    executor = createRayExecutor({ api, commands, warn: (line) => warnings.push(line) });
    await cluster.startHead();
    const workers = await cluster.startWorkers(
      { environment: { NODE_OF_TEST: "one" } },
      { environment: { NODE_OF_TEST: "two" }, ...(separate ? { hidden: apart, frozen } : {}) },
    );
    second = workers[1]!;
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
    const file = join(root, "a-file");
    await writeFile(file, "");
    const checks = await checkRayCluster(cluster.api, { folder: file, commands, cpus: 1 });
    assert.deepEqual(
      checks.map(({ error }) => error?.code),
      [undefined, "not-a-folder"],
    );
    assert.deepEqual(await cluster.api.jobs(), []);
  });

  test("each node is asked, and what it lacks is named", async (t) => {
    const gate = `'${NODE}' '${MAIN}'`;
    const one = '[ "$NODE_OF_TEST" = one ]';
    const version = await program("apollo-version", `${one} && echo 0.0.1 || exec ${gate} "$@"`);
    const node = await program("node-old", `${one} && echo v18.19.0 || exec '${NODE}' "$@"`);
    // What kills the process that runs tasks; on the second node it is not there, for there the folder is another.
    const deadly = await program(join("apart", "apollo"), `${one} && kill -9 $PPID || exec ${gate} "$@"`);
    const ask = async (folder: string, command: readonly string[], cpus: number) => {
      const checks = await checkRayCluster(cluster.api, { folder, commands: [command], cpus });
      const [head, shared, workers, ...nodes] = checks.map(({ error }) => error?.code);
      assert.deepEqual([head, shared], [undefined, undefined]);
      return { checks, workers, nodes: nodes.map((code) => code ?? "fit").sort() };
    };
    const [versions, old, dead] = await Promise.all([
      ask(apart, version, 64),
      ask(frozen, [...node, MAIN], 1),
      ask(join(root, "lists"), deadly, 1),
    ]);
    const said = ({ checks }: Awaited<ReturnType<typeof ask>>) =>
      checks.map(({ error }) => error?.line ?? "").join("\n");
    assert.deepEqual([versions.workers, old.workers, dead.workers], ["ray-too-small", undefined, undefined]);
    assert.match(said(versions), /no node has the 64 cores a task asks for; the largest has 1/u);
    assert.match(said(versions), /has Apollo 0\.0\.1 /u);
    assert.match(said(old), /v18\.19\.0; 20\.19/u);
    if (!separate) {
      t.diagnostic("folders of one node alone were not tried: processes may not mount here");
      assert.deepEqual(
        [versions.nodes, old.nodes, dead.nodes],
        [
          ["fit", "worker-version"],
          ["fit", "worker-old-node"],
          ["fit", "worker-dead"],
        ],
      );
      return;
    }
    assert.deepEqual(
      [versions.nodes, old.nodes, dead.nodes],
      [
        ["storage-not-shared", "worker-version"],
        ["storage-not-writable", "worker-old-node"],
        ["worker-dead", "worker-without-apollo"],
      ],
    );
    assert.match(said(versions), /does not see our file in .*apart \(No such file or directory\)/u);
    assert.match(said(old), /cannot write into .*frozen \(Read-only file system\)/u);
    // Nothing of ours is left there.
    assert.deepEqual([await readdir(apart), await readdir(frozen)], [["apollo"], []]);
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

  test("a worker that is killed costs only its tasks", async () => {
    const gate = join(root, "gate-worker");
    const list = await listOf(
      "worker",
      Array.from({ length: 4 }, (_, i) => ({ numbers: [i, 1], gate })),
    );
    warnings.length = 0;
    const shown: number[] = [];
    const progress = () => ({ update: (done: number) => shown.push(done), finish: () => {} });
    const run = runTasks(list, executor, { progress });
    await until("a task on each worker", async () => {
      const times = await timesBegun(list);
      return times.filter((count) => count > 0).length === 2;
    });
    await cluster.kill(second);
    await until("the task to be given up", async () => warnings.some((line) => /was lost/u.test(line)));
    await writeFile(gate, "");
    assert.deepEqual(await run, [1, 2, 3, 4]);
    const lost = warnings.map((line) => Number(/task (\d+) was lost/u.exec(line)?.[1]));
    assert.equal(lost.length, 1, `lost: ${warnings}`);
    assert.deepEqual(
      await timesBegun(list),
      list.tasks.map((_, task) => (lost.includes(task) ? 2 : 1)),
      `lost: ${warnings}`,
    );
    assert.equal(shown.at(-1), 4);
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
    await until("the second task alone", async () => {
      return (await openTasks(list)).length === 1 && (await timesBegun(list))[1] === 1;
    });
    controller.abort(new UserError("interrupted", "interrupted"));
    await assert.rejects(run, { code: "interrupted" });
    assert.deepEqual(
      (await cluster.api.jobs()).filter(({ status }) => status === "RUNNING" || status === "PENDING"),
      [],
    );
    // A second run of the same command follows the job of the first, as one does whose machine went meanwhile.
    const jobs = (await cluster.api.jobs()).length;
    const first = runTasks(list, executor);
    await until("the second task again", async () => (await timesBegun(list))[1] === 2);
    const before = looks;
    const second = runTasks(list, executor);
    await until("the second run to look for a job", async () => looks > before);
    await writeFile(own, "");
    assert.deepEqual(await Promise.all([first, second]), [
      [1, 2],
      [1, 2],
    ]);
    assert.equal((await cluster.api.jobs()).length, jobs + 1);
    assert.deepEqual(await timesBegun(list), [1, 2]);
  });

  test("a head that is restarted is waited for: the run goes on with what is open", async () => {
    const own = join(root, "gate-head");
    const list = await listOf("head", [{ numbers: [1] }, { numbers: [2], gate: own }, { numbers: [3] }]);
    warnings.length = 0;
    const run = runTasks(list, executor);
    await until("the second task to begin", async () => (await timesBegun(list))[1] === 1);
    await until("the first task to be done", async () => (await openTasks(list)).length <= 2);
    await cluster.kill();
    await until("the head to be missed", async () => warnings.some((line) => /waiting for it/u.test(line)));
    await writeFile(own, "");
    await cluster.startHead();
    await cluster.startWorkers({});
    assert.deepEqual(await run, [1, 2, 3]);
    // What was done before is not done again.
    assert.equal((await timesBegun(list))[0], 1);
    assert.ok(await exists(taskFolder(list, 2)));
    assert.ok(warnings.some((line) => /the head is back/u.test(line)));
  });
});
