// Runs a flow in a process of its own that is killed (-9) in one stage after another, and at last left to end.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../core/index.ts";

/**
 * Calls the export `flow` of this room with `options`, killing it at most `milliseconds` after each of `stages` began (drawn with
 * a fixed seed), and once more to its end. Gives its result.
 */
export async function killBetweenStages<T>(
  flow: string,
  options: object,
  { stages, milliseconds }: { stages: readonly string[]; milliseconds: number },
): Promise<T | undefined> {
  const random = createRandom("kills");
  let last: T | undefined;
  for (const stage of [...stages, undefined]) {
    const program = `
      import { ${flow} } from ${JSON.stringify(new URL("./index.js", import.meta.url).href)};
      const result = await ${flow}({
        ...${JSON.stringify(options)},
        onStage: (stage) => console.log(JSON.stringify({ stage })),
      });
      console.log(JSON.stringify({ result }));`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const value: { stage?: string; result?: T } = JSON.parse(line);
      if (value.result !== undefined) last = value.result;
      if (value.stage === undefined || value.stage !== stage) continue;
      await sleep(random.next() * milliseconds);
      child.kill("SIGKILL");
    }
  }
  return last;
}
