// A program that does tasks as Apollo does, for tests on real clusters: each marks that it began, waits for a file if it is told to, adds up.
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { APOLLO_VERSION, exists, progressLine, readTask, runTask, UserError } from "../core/index.ts";

/** What a task gets. */
export interface GateTask {
  readonly numbers: readonly number[];
  /** Waits until this file is there. */
  readonly gate?: string;
  /** Fails by its own fault. */
  readonly fails?: boolean;
}

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
    const { numbers, gate, fails } = call.task as GateTask;
    await appendFile(join(marks, String(number)), "begun\n");
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
