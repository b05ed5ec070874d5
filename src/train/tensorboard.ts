// Event files that TensorBoard reads: TFRecords of Event messages.
// Formats: https://www.tensorflow.org/tutorials/load_data/tfrecord and tensorflow/core/util/event.proto.
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { crc32c, ProtobufMessage } from "../core/index.ts";
import { mergeLosses } from "./loss-by-source.ts";
import type { EvaluationEntry, RunLog, StepEntry } from "./run-log.ts";

/** Folder of the event file in a run's folder. */
const TENSORBOARD_FOLDER = "tensorboard";
/** TensorBoard takes every file whose name has `tfevents` in it. */
const FILE = "events.out.tfevents.0.apollo";

// Fields of Event, Summary and Summary.Value.
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY_VALUE = 1;
const VALUE = { tag: 1, simpleValue: 2 } as const;

/** An open event file. */
export interface Tensorboard {
  step(entry: StepEntry): Promise<void>;
  evaluation(entry: EvaluationEntry): Promise<void>;
  close(): Promise<void>;
}

/** Writes the event file of a run anew from its log, so that nothing of a killed run is in it twice, and goes on from there. */
export async function openTensorboard(
  out: string,
  log: Pick<RunLog, "steps" | "evaluations">,
): Promise<Tensorboard> {
  await mkdir(join(out, TENSORBOARD_FOLDER), { recursive: true });
  const file = await open(join(out, TENSORBOARD_FOLDER, FILE), "w");
  const board: Tensorboard = {
    async step(entry) {
      await file.appendFile(encodeRecord(encodeEvent(entry.time, entry.step, stepScalars(entry))));
    },
    async evaluation(entry) {
      await file.appendFile(encodeRecord(encodeEvent(entry.time, entry.step, evaluationScalars(entry))));
    },
    close: () => file.close(),
  };
  await file.appendFile(
    encodeRecord(
      new ProtobufMessage().double(EVENT.wallTime, 0).bytes(EVENT.fileVersion, "brain.Event:2").encode(),
    ),
  );
  for (const entry of log.steps) await board.step(entry);
  for (const entry of log.evaluations) await board.evaluation(entry);
  return board;
}

type Scalars = Readonly<Record<string, number>>;

function stepScalars(entry: StepEntry): Scalars {
  const split = (by: "language" | "category"): Scalars =>
    Object.fromEntries(
      Object.entries(mergeLosses(entry.sources ?? {}, by)).map(([name, { loss }]) => [
        `loss by ${by}/${name}`,
        loss,
      ]),
    );
  return {
    "train/loss": entry.loss,
    "train/learning rate": entry.learning_rate,
    "train/gradient norm": entry.grad_norm,
    ...(entry.tokens_per_second === undefined ? {} : { "train/tokens per second": entry.tokens_per_second }),
    ...split("language"),
    ...split("category"),
  };
}

function evaluationScalars({ held_out, exam }: EvaluationEntry): Scalars {
  return {
    ...(held_out === undefined ? {} : { "evaluation/held-out loss": held_out.loss }),
    ...(exam === undefined ? {} : { "evaluation/accuracy": exam.accuracy }),
    ...Object.fromEntries((exam?.sources ?? []).map((s) => [`accuracy/${s.source}`, s.accuracy])),
  };
}

function encodeEvent(time: string | undefined, step: number, scalars: Scalars): Uint8Array {
  const summary = new ProtobufMessage();
  for (const [tag, value] of Object.entries(scalars))
    summary.bytes(SUMMARY_VALUE, new ProtobufMessage().bytes(VALUE.tag, tag).float(VALUE.simpleValue, value));
  return new ProtobufMessage()
    .double(EVENT.wallTime, time === undefined ? 0 : Date.parse(time) / 1000)
    .integer(EVENT.step, step)
    .bytes(EVENT.summary, summary)
    .encode();
}

/** length (8 bytes), its checksum, the data, its checksum. */
function encodeRecord(data: Uint8Array): Buffer {
  const record = Buffer.alloc(16 + data.length);
  record.writeBigUInt64LE(BigInt(data.length), 0);
  record.writeUInt32LE(masked(crc32c(record.subarray(0, 8))), 8);
  record.set(data, 12);
  record.writeUInt32LE(masked(crc32c(data)), 12 + data.length);
  return record;
}

/** TFRecord's mask: rotated right by 15 bits, plus a constant. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}
