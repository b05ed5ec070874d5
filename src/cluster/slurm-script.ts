// The scripts that Slurm runs: an array whose elements are the open tasks of a stage.
import type { TaskList } from "../core/index.ts";

/** What tasks ask of Slurm; what is absent is the site's default. */
export interface SlurmResources {
  /** Options of `sbatch` by their long names: `{partition: "long", time: "2:00:00"}`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Cores of a task. Default 1. */
  readonly cpus?: number | undefined;
  /** Megabytes of memory of a task. */
  readonly megabytes?: number | undefined;
  /** Tasks at once. */
  readonly atOnce?: number | undefined;
}

/** Where a task's output goes: `FOLDER/logs/task-00003.out` and `.err`. */
export const LOG_FOLDER = "logs";

/**
 * A script for `sbatch` that does the tasks `indexes` of `list`, one an element of the array. The indexes stand in the script: a site may
 * allow small array numbers only, and what is open is seldom contiguous. `commands` are tried in order on the node.
 */
export function slurmScript(
  list: TaskList,
  indexes: readonly number[],
  commands: readonly (readonly string[])[],
  resources: SlurmResources = {},
): string {
  const { options = {}, cpus = 1, megabytes, atOnce } = resources;
  const directives = {
    "job-name": `apollo-${list.stage.replaceAll(/[^\w.-]+/gu, "-")}`,
    array: `0-${indexes.length - 1}${atOnce === undefined ? "" : `%${atOnce}`}`,
    "cpus-per-task": cpus,
    ...(megabytes === undefined ? {} : { mem: `${megabytes}M` }),
    ...options,
    // The task itself says where its output goes: a path with blanks would end a directive.
    output: "/dev/null",
  };
  const tries = commands.map((words) => {
    const files = words.slice(1).filter((word) => word.startsWith("/"));
    const there = [
      `command -v ${quote(words[0] ?? "")} >/dev/null`,
      ...files.map((file) => `[ -e ${quote(file)} ]`),
    ];
    return `if ${there.join(" && ")}; then apollo=(${words.map(quote).join(" ")})`;
  });
  return `#!/bin/bash
# ${indexes.length} of ${list.tasks.length} tasks of "${list.stage}". Each may be lost, repeated or run twice without harm.
${Object.entries(directives)
  .map(([name, value]) => `#SBATCH --${name}=${value}`)
  .join("\n")}
#SBATCH --requeue

folder=${quote(list.folder)}
indexes=(${indexes.join(" ")})
index=\${indexes[$SLURM_ARRAY_TASK_ID]}
log=$(printf '%s/${LOG_FOLDER}/task-%05d' "$folder" "$index")
mkdir -p "$folder/${LOG_FOLDER}" && exec >"$log.out" 2>"$log.err" || exit 70
${tries.join("\nel")}
else
  echo "{\\"error\\": {\\"code\\": \\"worker-without-apollo\\", \\"message\\": \\"node $(hostname) has no Node and Apollo\\", \\"remedy\\": \\"Install them there, or name the command with --worker-command.\\"}}"
  exit 2
fi
export NO_COLOR=1
exec "\${apollo[@]}" task "$folder" --index "$index" --json
`;
}

/** A word as a shell reads it. */
function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
