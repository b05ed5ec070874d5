// samples.jsonl while a run goes on: one line a sample, in the order of the plan.
import { type AppendLog, openAppendLog, UserError } from "../core/index.ts";
import type { Sample } from "./sample.ts";

/**
 * Opens the log of a run whose items are `ids`, in order. `UserError` when a line is not JSON or not the sample that stands at
 * its place.
 */
export function openSampleLog(path: string, ids: readonly string[]): Promise<AppendLog<Sample>> {
  return openAppendLog(path, (line, number) => parseSample(line, ids[number - 1], path, number));
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
