// apollo doctor
import pc from "picocolors";
import { doctor } from "../flows/index.ts";
import { type Command, defineCommand } from "./command.ts";
import { printTable } from "./table.ts";

const GIBIBYTE = 2 ** 30;

const doctorCommand = defineCommand({
  name: "doctor",
  summary: "try every part on this machine, say what is missing and which models it can run",
  options: {},
  examples: ["apollo doctor", "apollo doctor --json"],
  async run({ io }) {
    const { checks, models } = await doctor(process.cwd());
    for (const { name, ok, detail, remedy } of checks) {
      io.print(
        `${ok ? pc.green("ok ") : pc.red("not")} ${name.padEnd(24)} ${detail}${remedy === undefined ? "" : `. ${remedy}`}`,
      );
    }
    io.print("");
    const quantisations = [...new Set(models.map(({ quantisation }) => quantisation))];
    const rows = [...new Set(models.map(({ model }) => model))].map((model) => [
      model,
      ...models
        .filter((one) => one.model === model)
        .map(({ bytes, fits, tokensPerSecond }) => {
          const memory = `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
          return fits ? `${memory}, ~${tokensPerSecond.toPrecision(2)} tokens/s` : `${memory}: does not fit`;
        }),
    ]);
    printTable(io, ["model", ...quantisations], rows);
    io.print(
      "Memory with 4,096 tokens of context. Speed: one stream, from what one thread reads of memory; a rough guide.",
    );
    if (checks.some((check) => !check.ok)) process.exitCode = 2;
    return { checks, models };
  },
});

/** Commands about the machine. */
export const doctorCommands: readonly Command[] = [doctorCommand];
