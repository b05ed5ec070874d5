// `apollo bench`: the list of its commands, each in a file of its own.
import { auditCommand } from "./bench-audit.ts";
import { compareCommand } from "./bench-compare.ts";
import { gradeCommand } from "./bench-grade.ts";
import { importCommand } from "./bench-import.ts";
import { reportCommand } from "./bench-report.ts";
import { runCommand } from "./bench-run.ts";
import type { Command } from "./command.ts";

/** The commands of the bench room. */
export const benchCommands: readonly Command[] = [
  importCommand,
  auditCommand,
  runCommand,
  gradeCommand,
  compareCommand,
  reportCommand,
];
