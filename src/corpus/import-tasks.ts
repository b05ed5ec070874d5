// Import divided into tasks: each reads its part of the inputs and leaves what a thread would hand over; one process takes it in order, because
// what is a duplicate depends on everything before it.
import { open } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readJsonLines, type TaskCall, type TaskList } from "../core/index.ts";
import { divideFiles } from "./divide-files.ts";
import type { FileLayout } from "./file-index.ts";
import { openContent } from "./input-content.ts";
import type { InputFile } from "./input-files.ts";
import { openPart, openRecords } from "./open-records.ts";
import type { Batch } from "./prepare-records.ts";
import { createRangeWorkers } from "./range-workers.ts";
import type { FilePart } from "./read-documents.ts";
import type { Columns } from "./record-shapes.ts";
import { fillFolder } from "./stage-folder.ts";
import { indexFiles, runStageTasks, type StageTasks, tasksFolder } from "./stage-tasks.ts";
import { brokenIn, importError } from "./take-records.ts";

/** Names of the folders in which tasks of an import live. */
export const IMPORT_TASK_FOLDERS = ["index", "import"] as const;

/** The stage of the tasks. */
export const IMPORT_PART_STAGE = "corpus import";

/** What a task needs beside its part. JSON. */
interface ImportSetting {
  readonly columns: Columns;
  readonly keepGoing: boolean;
}

/** A part of an input. JSON. */
interface InputPart {
  /** Number of the input. */
  readonly input: number;
  /** Absolute. */
  readonly path: string;
  readonly entry?: string;
  readonly range?: { readonly start: number; readonly end: number };
  /** What people call it. */
  readonly name: string;
  readonly encoding: string;
  readonly format: InputFile["format"];
  readonly hint: InputFile["hint"];
  /** Absent: the whole. */
  readonly part?: FilePart & { readonly bytes: number };
}

/** Inputs cut into parts. */
export interface DividedInputs {
  /** SHA-256 by the files' names. */
  readonly hashes: ReadonlyMap<string, string>;
  readonly tasks: readonly (readonly InputPart[])[];
}

/** Cuts inputs into parts for `tasks.count` tasks; only plain JSON and JSON Lines can be cut within a file. */
export async function divideInputs(
  files: readonly InputFile[],
  out: string,
  tasks: StageTasks,
): Promise<DividedInputs> {
  const layoutOf = ({ content, format }: InputFile): FileLayout =>
    content.plain && (format === "json" || format === "jsonl") ? format : "none";
  const inputs = new Map<string, InputFile[]>();
  for (const file of files) inputs.set(file.content.file, [...(inputs.get(file.content.file) ?? []), file]);
  const names = [...inputs.keys()];
  const indices = await indexFiles(
    names.map((name) => ({ path: resolve(name), layout: layoutOf(inputs.get(name)![0]!) })),
    out,
    tasks,
  );
  const byName = new Map(names.map((name, i) => [name, indices[i]!]));
  const shares = files.map(({ content }) => {
    const { bytes, borders, hasLedger } = byName.get(content.file)!;
    // Entries of a zip file share its bytes.
    return { bytes: bytes / inputs.get(content.file)!.length, borders, hasLedger };
  });
  return {
    hashes: new Map(names.map((name, i) => [name, indices[i]!.sha256])),
    tasks: divideFiles(shares, tasks.count).map((parts) =>
      parts.map(({ file: input, from, to, bytes }): InputPart => {
        const { content, format, hint } = files[input]!;
        const { file, entry, range, name, encoding } = content;
        return {
          input,
          path: resolve(file),
          ...(entry === undefined ? {} : { entry }),
          ...(range === undefined ? {} : { range }),
          name,
          encoding,
          format,
          hint,
          ...(layoutOf(files[input]!) === "none"
            ? {}
            : { part: { from, ...(to === undefined ? {} : { to }), bytes } }),
        };
      }),
    ),
  };
}

const BATCHES_FILE = "batches.jsonl";
const ELEMENTS_FILE = "elements.scratch";

/** A line of the batches file: a batch without its bytes, which stand in the elements file in the same order. */
interface BatchLine {
  readonly input: number;
  readonly records: Batch["records"];
  readonly bytes: number;
}

/** Has tasks read the inputs; yields their records in the order of the inputs. */
export async function* readInTasks(
  { hashes, tasks: parts }: DividedInputs,
  setting: ImportSetting,
  out: string,
  tasks: StageTasks,
): AsyncGenerator<{ readonly batch: Batch; readonly input: number }> {
  const list: TaskList = {
    folder: tasksFolder(out, "import"),
    stage: IMPORT_PART_STAGE,
    common: { ...setting, inputs: [...hashes] },
    tasks: parts,
    reads: [...hashes.keys()].map((name) => resolve(name)),
  };
  const { folders } = await runStageTasks(list, tasks);
  for (const folder of folders) {
    const elements = await open(join(folder, ELEMENTS_FILE));
    try {
      for await (const { value } of readJsonLines(join(folder, BATCHES_FILE))) {
        const { input, records, bytes: size } = value as BatchLine;
        const bytes = new Uint8Array(size);
        for (let done = 0; done < size; ) {
          const { bytesRead } = await elements.read(bytes, done, size - done);
          if (bytesRead === 0) throw new Error(`${folder} became shorter while it was read`);
          done += bytesRead;
        }
        yield { batch: { records, bytes }, input };
      }
    } finally {
      await elements.close();
    }
  }
}

/** Reads the inputs of a part. `UserError` at the first fault, unless the import keeps going. */
export async function importTask({ common, task, at, folder, progress, signal }: TaskCall): Promise<unknown> {
  const { columns, keepGoing } = common as ImportSetting;
  const parts = task as readonly InputPart[];
  const bar = progress("import", parts.length, "parts");
  const workers = createRangeWorkers(1);
  return fillFolder(folder, async (target) => {
    const lines = await target.lines(BATCHES_FILE);
    const elements = await target.file(ELEMENTS_FILE);
    let records = 0;
    for (const [i, { input, path, entry, range, name, encoding, format, hint, part }] of parts.entries()) {
      const place = {
        file: await at(path, part && { from: part.from, to: part.from + part.bytes }),
        ...(entry === undefined ? {} : { entry }),
        ...(range === undefined ? {} : { range }),
      };
      const file: InputFile = { content: { ...(await openContent(place, encoding)), name }, format, hint };
      const batches =
        part === undefined ? openRecords(file, columns, workers) : openPart(file, columns, part);
      for await (const batch of batches) {
        signal?.throwIfAborted();
        if (!keepGoing)
          for (const record of batch.records) {
            const problem = brokenIn(record);
            if (problem !== undefined) throw await importError(file, problem, record.start);
          }
        await lines.write({ input, records: batch.records, bytes: batch.bytes.length } satisfies BatchLine);
        await elements.write(batch.bytes);
        records += batch.records.length;
      }
      bar.update(i + 1);
    }
    bar.finish();
    return { records };
  });
}
