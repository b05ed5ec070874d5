// A program that does tasks as `apollo task FOLDER --index I` does: each adds numbers, or ends as its part says.
import { existsSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "./errors.ts";
import { exists } from "./files.ts";
import { APOLLO_VERSION } from "./manifest.ts";
import type { NumbersTask } from "./numbers-tasks.test.helper.ts";
import { runTask } from "./run-task.ts";
import { progressLine } from "./task-lines.ts";
import { readTask } from "./task-list.ts";

const [, , word = "", folder = "", , index = ""] = process.argv;
const number = Number(index);

async function main(): Promise<void> {
  if (word === "--version") {
    process.stdout.write(`${APOLLO_VERSION}\n`);
    return;
  }
  if (process.argv.includes("--attached")) process.stdin.on("end", () => process.exit(1)).resume();
  const entry = await readTask(folder, number);
  process.stdout.write(`${JSON.stringify(progressLine(number, 0.5, "half"))}\n`);
  await runTask(entry, async (call) => {
    const { marks } = call.common as { marks: string };
    const { numbers, gate, dies, fails } = call.task as NumbersTask;
    const mark = join(marks, String(number));
    const first = !existsSync(mark);
    writeFileSync(mark, "begun\n", { flag: "a" });
    if (dies === "always" || (dies === "once" && first)) {
      await writeFile(join(call.folder, "sum"), "torn");
      process.kill(process.pid, "SIGKILL");
    }
    while (gate !== undefined && !(await exists(gate))) await sleep(50);
    if (fails)
      throw new UserError("bad-number", "no number", {
        file: "numbers.txt",
        at: "line 3",
        remedy: "Mend it.",
      });
    const sum = numbers.reduce((a, b) => a + b, 0);
    await writeFile(join(call.folder, "sum"), String(sum));
    return sum;
  });
}

try {
  await main();
  process.exit(0);
} catch (error) {
  const { code = "internal", message, file, at, remedy } = error as UserError;
  process.stdout.write(`${JSON.stringify({ error: { code, message, file, at, remedy } })}\n`);
  process.exit(2);
}
