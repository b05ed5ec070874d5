// samples.jsonl while a run goes on: whole lines appended in the order of the plan. After a kill the complete lines are kept,
// a torn last line is cut off, and the run goes on behind them.
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { asFileError, UserError } from "../core/index.ts";
import type { Sample } from "./sample.ts";

/** The log of a run. */
export interface SampleLog {
  /** Samples that were already there. */
  readonly done: readonly Sample[];
  /** Appends whole lines; they survive the process. */
  append(samples: readonly Sample[]): Promise<void>;
  /** Flushes to the disk and closes. */
  close(): Promise<void>;
}

/**
 * Opens the log of a run whose items are `ids`, in order. `UserError` when a line is not JSON or not the sample that stands at
 * its place.
 */
export async function openSampleLog(path: string, ids: readonly string[]): Promise<SampleLog> {
  let handle: FileHandle;
  try {
    await mkdir(dirname(path), { recursive: true });
    handle = await open(path, "a+");
  } catch (error) {
    throw asFileError(error, path);
  }
  try {
    const bytes = await handle.readFile();
    const whole = bytes.lastIndexOf(10) + 1;
    if (whole < bytes.length) await handle.truncate(whole);
    const lines = bytes.toString("utf8", 0, whole).split("\n").slice(0, -1);
    const done = lines.map((line, i) => parseSample(line, ids[i], path, i + 1));
    return {
      done,
      async append(samples) {
        await handle.appendFile(samples.map((sample) => `${JSON.stringify(sample)}\n`).join(""));
      },
      async close() {
        await handle.sync();
        await handle.close();
      },
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Reads the samples of a finished run. */
export function parseSamples(text: string, path: string): Sample[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line, i) => parseSample(line, undefined, path, i + 1));
}

function parseSample(line: string, id: string | undefined, file: string, number: number): Sample {
  const place = { file, at: `line ${number}`, remedy: "The run folder was changed: score into a new one." };
  let sample: Sample;
  try {
    sample = JSON.parse(line) as Sample;
  } catch (error) {
    throw new UserError("bad-json", `not valid JSON (${(error as Error).message})`, {
      ...place,
      cause: error,
    });
  }
  if (typeof sample?.id !== "string") throw new UserError("bad-sample", "not a sample of a run", place);
  if (id !== undefined && sample.id !== id) {
    throw new UserError("run-mismatch", `holds item ${sample.id} where ${id} was expected`, place);
  }
  return sample;
}
