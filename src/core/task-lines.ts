// What a running task says, line by line, wherever its output ends up (a pipe, a log of Ray, a file of Slurm), and how it is read there.
import { UserError } from "./errors.ts";

/** A line of `apollo task FOLDER --index I --json`. */
export type TaskLine =
  /** How far the task is, 0 to 1, and a word about it. */
  | { readonly kind: "progress"; readonly task: number; readonly done: number; readonly note?: string }
  /** The task cannot be done, by its own fault: doing it again would end the same. */
  | { readonly kind: "failed"; readonly error: UserError }
  /** A fault of the program. */
  | { readonly kind: "broken"; readonly message: string };

/** The line that tells how far task `task` is. */
export function progressLine(task: number, done: number, note = ""): Record<string, unknown> {
  return { task, done: Math.round(1000 * done) / 1000, ...(note === "" ? {} : { note }) };
}

/** Reads a line of a task's output; `undefined` for anything else that stands there. */
export function readTaskLine(line: string): TaskLine | undefined {
  if (!line.startsWith("{")) return undefined;
  let value: Record<string, unknown>;
  try {
    value = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { task, done, note, error } = value;
  if (typeof error === "object" && error !== null) {
    const { code, message, file, at, remedy } = error as Record<string, unknown>;
    const text = (part: unknown): string | undefined => (typeof part === "string" ? part : undefined);
    if (typeof code !== "string") return undefined;
    if (code === "internal") return { kind: "broken", message: text(message) ?? "" };
    const place = { file: text(file), at: text(at), remedy: text(remedy) };
    return { kind: "failed", error: new UserError(code, text(message) ?? "", place) };
  }
  if (typeof task !== "number" || typeof done !== "number") return undefined;
  return { kind: "progress", task, done, ...(typeof note === "string" ? { note } : {}) };
}
