// A program that does tasks as `apollo task FOLDER --index I` does: each adds numbers, or ends as its part says.
import { existsSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "./errors.ts";
import { runTask } from "./run-task.ts";
import { progressLine } from "./task-lines.ts";
import { readTask } from "./task-list.ts";

/** What a task gets. */
export interface NumbersTask {
  readonly numbers: readonly number[];
  /** Dies by SIGKILL as long as the file `marks`/N is not there, which it makes before; `"always"`: every time. */
  readonly dies?: "once" | "always";
  /** Fails by its own fault. */
  readonly fails?: boolean;
  /** Does not end by itself. */
  readonly hangs?: boolean;
}

const [, , , folder = "", , index = ""] = process.argv;
const number = Number(index);
try {
  const entry = await readTask(folder, number);
  process.stdout.write(`${JSON.stringify(progressLine(number, 0.5, "half"))}\n`);
  await runTask(entry, async (call) => {
    const { marks } = call.common as { marks: string };
    const { numbers, dies, fails, hangs } = call.task as NumbersTask;
    const mark = join(marks, String(number));
    const first = !existsSync(mark);
    writeFileSync(mark, "begun\n", { flag: "a" });
    if (dies === "always" || (dies === "once" && first)) {
      await writeFile(join(call.folder, "sum"), "torn");
      process.kill(process.pid, "SIGKILL");
    }
    if (hangs) await sleep(60_000);
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
} catch (error) {
  const { code, message, file, at, remedy } = error as UserError;
  process.stdout.write(
    `${JSON.stringify({ error: { code: code ?? "internal", message, file, at, remedy } })}\n`,
  );
  process.exitCode = 2;
}
