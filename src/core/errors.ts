// Two kinds of failure: a `UserError` carries what its reader needs to put things right; anything else is our own mistake.
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** Where a user's mistake sits and how to mend it. */
export interface ErrorPlace {
  /** The file that is wrong. */
  readonly file?: string | undefined;
  /** The place in it: a line, byte, row or field. */
  readonly at?: string | undefined;
  /** What to do about it. */
  readonly remedy?: string | undefined;
  readonly cause?: unknown;
}

/**
 * A mistake of the user's: bad input, a missing file, a port in use. The CLI prints it as one line and exits with 2.
 * `code` is a stable kebab-case name for scripts; `message` says what was found and what was expected.
 */
export class UserError extends Error {
  readonly code: string;
  readonly file: string | undefined;
  readonly at: string | undefined;
  readonly remedy: string | undefined;

  constructor(code: string, message: string, place: ErrorPlace = {}) {
    super(message, place.cause === undefined ? undefined : { cause: place.cause });
    this.name = "UserError";
    this.code = code;
    this.file = place.file;
    this.at = place.at;
    this.remedy = place.remedy;
  }

  /** The whole error as one line: place, message, remedy. Line breaks, which a foreign library's message may hold, are spaces in it. */
  get line(): string {
    const place = [this.file, this.at].filter((part) => part !== undefined && part !== "").join(": ");
    const text = place === "" ? this.message : `${place}: ${this.message}`;
    const whole = this.remedy === undefined ? text : `${text.replace(/[.\s]+$/u, "")}. ${this.remedy}`;
    return whole.replace(/\s*[\r\n]+\s*/gu, " ");
  }
}

/** Turns the system's "no such file" and its kin into a `UserError`; any other error is returned as it is. */
export function asFileError(error: unknown, file: string, remedy = "Check the path."): unknown {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  if (code === "ENOENT") return new UserError("file-not-found", "no such file or folder", { file, remedy });
  if (code === "EISDIR")
    return new UserError("not-a-file", "is a folder, a file was expected", { file, remedy });
  // EEXIST: a folder was to be made where a file is.
  if (code === "ENOTDIR" || code === "EEXIST")
    return new UserError("not-a-folder", "is a file, a folder was expected", {
      file: fileInTheWay(file),
      remedy,
    });
  if (code === "EACCES" || code === "EPERM") {
    return new UserError("permission-denied", "permission denied", {
      file,
      remedy: "Check who may read or write it.",
    });
  }
  if (code === "EROFS") {
    return new UserError("read-only", "lies on a file system that cannot be written to", {
      file,
      remedy: "Write somewhere else.",
    });
  }
  if (code === "ENOSPC" || code === "EDQUOT")
    return new UserError("disk-full", "no space left on the device", { file, remedy: "Free some space." });
  return error;
}

/** The part of a path that is a file though something is to lie below it; the path itself where that cannot be seen. */
function fileInTheWay(path: string): string {
  let part = path;
  while (!existsSync(part) && dirname(part) !== part) part = dirname(part);
  return existsSync(part) && statSync(part).isFile() ? part : path;
}
