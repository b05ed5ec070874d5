// A corpus too large to try: how many tasks, how long on how many nodes, what must travel for deduplication, what each stage holds in memory. From rates
// measured on one core, so an extrapolation over as many as six orders of magnitude; every rate is told with the plan.
import { UserError } from "../core/index.ts";
import { BANDS } from "./minhash.ts";

/** A stage on one node count. */
export interface StageTime {
  readonly nodes: number;
  readonly hours: number;
  /** What it waits for. */
  readonly bound: "cores" | "storage" | "one machine";
}

/** One stage of the corpus. */
export interface StagePlan {
  readonly stage: string;
  readonly tasks: number;
  /** Core-hours of all tasks. */
  readonly coreHours: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Resident bytes of one task. */
  readonly memory: number;
  /** Of the process that joins what tasks made: no node takes it off it. */
  readonly aloneHours: number;
  readonly times: readonly StageTime[];
}

/** What a corpus would take. */
export interface CorpusPlan {
  readonly bytes: number;
  readonly documents: number;
  readonly tokens: number;
  readonly stages: readonly StagePlan[];
  readonly totals: readonly { readonly nodes: number; readonly hours: number; readonly nodeHours: number }[];
  readonly dedup: {
    /** Band keys that go to the machine of their partition. */
    readonly shuffleBytes: number;
    readonly partitions: number;
    readonly partitionBytes: number;
    /** Of the one process that makes groups of the pairs found. */
    readonly groupMemory: number;
  };
  /** Bytes of all stages' results and of dedup's scratch. */
  readonly diskBytes: number;
  /** What stands in the way at this size. */
  readonly limits: readonly string[];
  readonly assumptions: readonly string[];
}

/** What to plan for. */
export interface CorpusPlanOptions {
  readonly bytes: number;
  readonly nodes: readonly number[];
  /** Of each node. Default 32. */
  readonly coresPerNode?: number | undefined;
  /** Input bytes of a task. Default 10^9. */
  readonly taskBytes?: number | undefined;
  /** Bytes that a document has on average. Default 1335, as in the measured corpus of questions and texts. */
  readonly documentBytes?: number | undefined;
  /** Bytes a second that the shared storage gives all nodes together. Default 10^9 for each node. */
  readonly storage?: number | undefined;
}

/**
 * perf/corpus-pipeline.mjs of 2026-11-22 (perf/README.md): 205 MB, 153,492 documents, 45.8 million tokens of Qwen's vocabulary, one core: CPU seconds and
 * resident megabytes. `joined`: bytes that the process which starts a divided stage goes through in a core second, alone, when tasks are done (`perf/corpus-joins.mjs`,
 * the slope between 15 and 45 MB). `pack` is of perf/corpus-memory.mjs of that day, after it was made faster: the same size, at a higher load.
 */
const MEASURED = { megabytes: 205, documents: 153_492, tokens: 45.8e6 };
const STAGES = [
  { stage: "import", seconds: 10.7, memory: 341e6, joined: 65e6 },
  { stage: "clean", seconds: 32.0, memory: 433e6, joined: 200e6 },
  { stage: "dedup", seconds: 21.0, memory: 438e6, joined: 32e6 },
  { stage: "decontaminate", seconds: 22.0, memory: 472e6, joined: 200e6 },
  { stage: "pack", seconds: 45.1, memory: 475e6, joined: 17e6 },
] as const;

const DEFAULTS = {
  cores: 32,
  taskBytes: 1e9,
  documentBytes: (MEASURED.megabytes * 1e6) / MEASURED.documents,
  storagePerNode: 1e9,
};
/** Start of a process and its end, CPU seconds. */
const TASK_SECONDS = 2;
/** `clean` reads its input twice, to count common lines first; `dedup` to sign and to decide. */
const READS: Readonly<Record<string, number>> = { clean: 2, dedup: 2 };
/** Rows with their documents' places: 5.8 bytes a position were seen (five columns of int32 in Parquet). */
const PACKED_BYTES = 6;
/** A document's place, and its key in each band, once in order and once by partition with its number (sign-documents). */
const PLACE_BYTES = 16;
const KEY_BYTES = 4;
const ENTRY_BYTES = 8;
/** A band's keys are cut into 2^8 partitions at most. */
const MOST_PARTITIONS = BANDS << 8;
const PARTITION_BYTES = 2 ** 25;
/** Documents are numbered in 31 bits. */
const MOST_DOCUMENTS = 2 ** 31;
/** What grouping holds of a document. */
const GROUP_BYTES = 4;
/** Joining that takes longer than this is told. */
const JOIN_HOURS = 24;
/** Documents that one process groups in a second, core seconds: a pass over one array. */
const GROUPED_A_SECOND = 2e6;

/** Plans the corpus stages. `UserError` for numbers that cannot be. */
export function planCorpus(options: CorpusPlanOptions): CorpusPlan {
  const { bytes, nodes } = options;
  const {
    coresPerNode = DEFAULTS.cores,
    taskBytes = DEFAULTS.taskBytes,
    documentBytes = DEFAULTS.documentBytes,
  } = options;
  for (const [name, value] of Object.entries({
    bytes,
    coresPerNode,
    taskBytes,
    documentBytes,
    nodes: Math.min(...nodes),
  }))
    if (!(value > 0) || !Number.isFinite(value))
      throw new UserError("bad-option", `${name} must be above zero, found ${value}`);
  const documents = Math.ceil(bytes / documentBytes);
  const tokens = Math.round((bytes * MEASURED.tokens) / (MEASURED.megabytes * 1e6));
  const tasks = Math.ceil(bytes / taskBytes);
  const storage = (count: number): number => options.storage ?? DEFAULTS.storagePerNode * count;
  const shuffleBytes = documents * BANDS * ENTRY_BYTES;
  const signed = documents * (PLACE_BYTES + BANDS * KEY_BYTES) + shuffleBytes;
  const partitions = Math.min(
    MOST_PARTITIONS,
    BANDS * 2 ** Math.max(0, Math.ceil(Math.log2(shuffleBytes / BANDS / PARTITION_BYTES))),
  );
  const partitionBytes = Math.ceil(shuffleBytes / partitions);
  const groupMemory = documents * GROUP_BYTES;
  const groupHours = documents / GROUPED_A_SECOND / 3600;

  const stages = STAGES.map(({ stage, seconds, memory, joined }): StagePlan => {
    const readBytes = bytes * (READS[stage] ?? 1) + (stage === "dedup" ? signed : 0);
    const writtenBytes =
      (stage === "pack" ? tokens * PACKED_BYTES : bytes) + (stage === "dedup" ? signed : 0);
    const perTask = (seconds / (MEASURED.megabytes * 1e6)) * Math.min(taskBytes, bytes) + TASK_SECONDS;
    // What is a duplicate, and which row comes next, depends on everything before it; and a result is one file of each kind.
    const alone = (stage === "dedup" ? groupHours : 0) + bytes / joined / 3600;
    return {
      stage,
      tasks,
      coreHours: (bytes * (seconds / (MEASURED.megabytes * 1e6)) + tasks * TASK_SECONDS) / 3600 + alone,
      readBytes,
      writtenBytes,
      memory: stage === "dedup" ? Math.max(memory, 2 * partitionBytes) : memory,
      aloneHours: alone,
      times: nodes.map((count) => {
        const computing = (Math.ceil(tasks / (count * coresPerNode)) * perTask) / 3600;
        const moving = (readBytes + writtenBytes) / storage(count) / 3600;
        const hours = Math.max(computing, moving) + alone;
        return {
          nodes: count,
          hours,
          bound: alone > hours / 2 ? "one machine" : moving > computing ? "storage" : "cores",
        };
      }),
    };
  });
  const aloneHours = stages.reduce((sum, { aloneHours }) => sum + aloneHours, 0);
  const limits = [
    ...(documents >= MOST_DOCUMENTS
      ? [
          `dedup numbers documents in 31 bits: ${documents.toLocaleString("en")} are too many for one run; deduplicate by language or source, at most ${Math.floor((MOST_DOCUMENTS * documentBytes) / 1e9).toLocaleString("en")} GB of such documents at once`,
        ]
      : []),
    ...(groupMemory > 64e9
      ? [`one process groups all documents and holds ${(groupMemory / 1e9).toFixed(0)} GB`]
      : []),
    ...(aloneHours > JOIN_HOURS
      ? [
          `one process joins what tasks made, ${aloneHours.toFixed(0)} hours in all, however many nodes there are: languages and sources that are corpora of their own are joined side by side`,
        ]
      : []),
    ...(partitionBytes > 2 ** 30
      ? [
          `a partition of band keys has ${(partitionBytes / 1e9).toFixed(1)} GB, all of which the task that joins it holds`,
        ]
      : []),
    ...(tasks > 100_000 ? [`${tasks.toLocaleString("en")} tasks: take larger ones (--task-size)`] : []),
  ];
  return {
    bytes,
    documents,
    tokens,
    stages,
    totals: nodes.map((count, i) => {
      const hours = stages.reduce((sum, { times }) => sum + times[i]!.hours, 0);
      return { nodes: count, hours, nodeHours: hours * count };
    }),
    dedup: { shuffleBytes, partitions, partitionBytes, groupMemory },
    diskBytes: 4 * bytes + tokens * PACKED_BYTES + signed,
    limits,
    assumptions: [
      `rates of one core, measured on ${MEASURED.megabytes} MB (perf/README.md): ${STAGES.map(({ stage, seconds }) => `${stage} ${(MEASURED.megabytes / seconds).toFixed(1)} MB/s`).join(", ")}; linear in bytes`,
      `what tasks made is joined by one process: ${STAGES.map(({ stage, joined }) => `${stage} ${joined / 1e6} MB/s`).join(", ")}`,
      `${coresPerNode} cores a node, tasks of ${taskBytes / 1e9} GB on one core each, ${TASK_SECONDS} s to start and end one`,
      `documents of ${Math.round(documentBytes).toLocaleString("en")} bytes, ${(bytes / tokens).toFixed(2)} bytes a token`,
      `storage that all nodes share: ${options.storage === undefined ? "1 GB/s for each node" : `${(options.storage / 1e9).toFixed(1)} GB/s together`}`,
      "nothing is dropped on the way, so every stage's result is as large as its input",
    ],
  };
}

/** `100TB`, `2.5 GB`, `1e12`; `UserError` for anything else. */
export function parseBytes(text: string): number {
  const UNITS: Readonly<Record<string, number>> = {
    "": 1,
    B: 1,
    KB: 1e3,
    MB: 1e6,
    GB: 1e9,
    TB: 1e12,
    PB: 1e15,
  };
  const [, number = "", unit = ""] = /^([\d.]+(?:e\d+)?)\s*([kmgtp]?b?)$/iu.exec(text.trim()) ?? [];
  const name = unit.toUpperCase();
  const factor = UNITS[name] ?? UNITS[`${name}B`];
  const bytes = Number(number) * (factor ?? Number.NaN);
  if (number !== "" && bytes > 0) return bytes;
  throw new UserError("bad-option", `"${text}" is no amount of data`, {
    remedy: "Write it as 100TB or 2.5GB.",
  });
}
