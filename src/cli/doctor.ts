// apollo doctor
import pc from "picocolors";
import { doctor } from "../flows/index.ts";
import { type Command, defineCommand } from "./command.ts";

const doctorCommand = defineCommand({
  name: "doctor",
  summary: "try every part on this machine and say what is missing",
  options: {},
  examples: ["apollo doctor"],
  async run({ io }) {
    const checks = await doctor(process.cwd());
    for (const { name, ok, detail, remedy } of checks) {
      io.print(
        `${ok ? pc.green("ok ") : pc.red("not")} ${name.padEnd(24)} ${detail}${ok ? "" : `. ${remedy}`}`,
      );
    }
    if (checks.some((check) => !check.ok)) process.exitCode = 2;
    return { checks };
  },
});

/** Commands about the machine. */
export const doctorCommands: readonly Command[] = [doctorCommand];
