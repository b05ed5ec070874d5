import assert from "node:assert/strict";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openTasks, runTasks, taskFolder } from "./executor.ts";
import { exists, readJson } from "./files.ts";
import { createLocalExecutor } from "./local-executor.ts";
import { listNumbersTasks, type NumbersTask, TASK_PROGRAM, timesBegun } from "./numbers-tasks.test.helper.ts";
import { runTask } from "./run-task.ts";
import { readTaskLine } from "./task-lines.ts";
import { prepareTaskList, readTask, TASK_LIST_FILES, type TaskList } from "./task-list.ts";

const LIST_FILES = [...TASK_LIST_FILES].sort();
const root = await mkdtemp(join(tmpdir(), "apollo-tasks-"));
after(() => rm(root, { recursive: true }));

const listOf = (name: string, tasks: readonly NumbersTask[]): Promise<TaskList> =>
  listNumbersTasks(root, name, tasks);
/** A file that never is there. */
const NEVER = join(root, "never");

test("tasks are done once each, by as many processes as are allowed, and give their results in order", async () => {
  const list = await listOf("plain", [{ numbers: [1, 2] }, { numbers: [] }, { numbers: [5] }]);
  const told: string[] = [];
  const executor = createLocalExecutor({ program: TASK_PROGRAM, processes: 2 });
  const progress = (label: string, total: number) => ({
    update: (done: number) => told.push(`${label} ${done}/${total}`),
    finish: () => {},
  });
  assert.deepEqual(await runTasks(list, executor, { progress }), [3, 0, 5]);
  assert.equal(told.at(-1), "sum 3/3");
  assert.ok(told.includes("sum 0.5/3"), `half of the first task is shown: ${told}`);
  assert.equal(await readFile(join(taskFolder(list, 2), "sum"), "utf8"), "5");
  // All is there: nothing is begun again.
  assert.deepEqual(await runTasks(list, executor), [3, 0, 5]);
  assert.deepEqual(await timesBegun(list), [1, 1, 1]);
  assert.deepEqual((await readdir(list.folder)).sort(), [
    "task-00000",
    "task-00001",
    "task-00002",
    ...LIST_FILES,
  ]);
});

test("a task that is lost is done again and costs only itself; one that is lost each time is given up", async () => {
  const list = await listOf("lost", [{ numbers: [1] }, { numbers: [2], dies: "once" }, { numbers: [3] }]);
  const executor = createLocalExecutor({ program: TASK_PROGRAM, processes: 1 });
  assert.deepEqual(await runTasks(list, executor), [1, 2, 3]);
  assert.deepEqual(await timesBegun(list), [1, 2, 1]);
  // What the killed process had begun is gone.
  assert.deepEqual(
    (await readdir(list.folder)).filter((name) => name.endsWith(".part")),
    [],
  );
  const hopeless = await listOf("hopeless", [{ numbers: [], dies: "always" }]);
  await assert.rejects(runTasks(hopeless, executor), {
    name: "UserError",
    code: "task-lost",
    message: "task 0 of sum ended by SIGKILL, 4 times",
  });
});

test("a task that fails by its own fault ends the run with its error, and the others", async () => {
  const list = await listOf("failing", [
    { numbers: [], gate: NEVER },
    { numbers: [], fails: true },
    { numbers: [4] },
  ]);
  const executor = createLocalExecutor({ program: TASK_PROGRAM, processes: 2 });
  await assert.rejects(runTasks(list, executor), {
    name: "UserError",
    code: "bad-number",
    line: "numbers.txt: line 3: no number. Mend it.",
  });
  assert.equal((await timesBegun(list))[1], 1);
  assert.deepEqual(await openTasks(list), [0, 1, 2]);
});

test("cancelled, a run ends its tasks; what was done is not done again", async () => {
  const list = await listOf("cancelled", [{ numbers: [1] }, { numbers: [2], gate: NEVER }]);
  const executor = createLocalExecutor({ program: TASK_PROGRAM, processes: 1 });
  const controller = new AbortController();
  const running = runTasks(list, executor, { signal: controller.signal });
  while ((await timesBegun(list))[1] === 0) await sleep(5);
  controller.abort(new Error("enough"));
  await assert.rejects(running, { message: "enough" });
  assert.deepEqual(await openTasks(list), [1]);
});

test("the same task done twice at once gives one whole folder", async () => {
  const list = await listOf("twins", [{ numbers: [1] }]);
  await prepareTaskList(list);
  let waiting = 0;
  let go = (): void => {};
  const both = new Promise<void>((resolve) => {
    go = resolve;
  });
  const work = async ({ folder }: { folder: string }): Promise<number> => {
    if (++waiting === 2) go();
    await both;
    await writeFile(join(folder, "sum"), "1");
    return 1;
  };
  const entry = await readTask(list.folder, 0);
  assert.deepEqual(await Promise.all([runTask(entry, work), runTask(entry, work)]), [1, 1]);
  assert.deepEqual((await readdir(list.folder)).sort(), ["task-00000", ...LIST_FILES]);
  assert.deepEqual((await readdir(taskFolder(list, 0))).sort(), ["manifest.json", "sum"]);
  await assert.rejects(readTask(list.folder, 1), { code: "no-such-task" });
});

test("another list in the same folder begins anew; a torn or foreign list is told", async () => {
  const list = await listOf("changed", [{ numbers: [1] }]);
  const executor = createLocalExecutor({ program: TASK_PROGRAM });
  assert.deepEqual(await runTasks(list, executor), [1]);
  const other = { ...list, tasks: [{ numbers: [7] }] };
  assert.deepEqual(await openTasks(other), [0]);
  assert.deepEqual(await runTasks(other, executor), [7]);
  const path = join(list.folder, "tasks.json");
  await writeFile(path, JSON.stringify({ ...((await readJson(path)) as object), apollo: "0.0.0" }));
  await assert.rejects(readTask(list.folder, 0), { name: "UserError", code: "version-mismatch" });
  await appendFile(path, "{");
  await assert.rejects(readTask(list.folder, 0), { name: "UserError", code: "bad-task-list" });
  assert.deepEqual(await runTasks(list, executor), [1]);
  assert.ok(await exists(join(taskFolder(list, 0), "manifest.json")));
  assert.throws(() => createLocalExecutor({ program: TASK_PROGRAM, processes: 0 }), { code: "bad-option" });
});

test("a task reads its own line and no other one; a list that was half written is written again", async () => {
  const tasks = Array.from({ length: 50 }, (_, i) => ({ numbers: [i], name: "é".repeat(i) }));
  const list: TaskList = { folder: join(root, "lines"), stage: "sum", common: {}, tasks };
  await prepareTaskList(list);
  for (const index of [0, 31, 49]) assert.deepEqual((await readTask(list.folder, index)).task, tasks[index]);
  const path = join(list.folder, "tasks.jsonl");
  const lines = (await readFile(path, "latin1")).split("\n");
  const torn = lines.map((line, i) => (i === 31 ? line : "?".repeat(line.length)));
  await writeFile(path, torn.join("\n"), "latin1");
  const asked: string[] = [];
  const read = async (name: string, range?: { from: number; to?: number | undefined }): Promise<Buffer> => {
    asked.push(name);
    return (await readFile(join(list.folder, name))).subarray(range?.from, range?.to);
  };
  assert.deepEqual((await readTask(list.folder, 31, read)).task, tasks[31]);
  assert.deepEqual(asked, ["tasks.json", "tasks.offsets", "tasks.jsonl"]);
  await rm(join(list.folder, "tasks.json"));
  await prepareTaskList(list);
  assert.deepEqual((await readTask(list.folder, 0)).task, tasks[0]);
  await rm(join(list.folder, "tasks.json"));
  await writeFile(join(list.folder, "letter.txt"), "mine");
  await assert.rejects(prepareTaskList(list), { code: "folder-not-empty" });
});

test("lines of a task are read wherever they stand; anything else is passed over", () => {
  assert.deepEqual(readTaskLine('{"task":2,"done":0.25}'), { kind: "progress", task: 2, done: 0.25 });
  assert.equal(readTaskLine("(raylet) hello"), undefined);
  assert.equal(readTaskLine('{"documents":3}'), undefined);
  assert.equal(readTaskLine('{"task":2,'), undefined);
  assert.deepEqual(readTaskLine('{"error":{"code":"internal","message":"oops"}}'), {
    kind: "broken",
    message: "oops",
  });
});
