// Writes packed rows as Parquet: five columns of int32 lists, one value a position.
//
// Our own writer, as narrow as its task, because DuckDB's cannot do it: @duckdb/node-api 1.5.2 corrupts memory when lists are
// appended in chunks, and fixed-size arrays of 4,096 need more than a gigabyte, as DuckDB handles 2,048 rows at a time.
// Format: https://parquet.apache.org/docs/file-format/ (ids below are parquet.thrift's)
import { createAtomicFile } from "../core/index.ts";
import { encodeDeltaBinary } from "./delta-binary.ts";
import { encodeThrift, type ThriftStruct, type ThriftValue, writeVarint } from "./thrift-compact.ts";

/** One row: each column has one value a position. */
export interface PackedColumns {
  readonly input_ids: Int32Array;
  /** -100 where nothing is learnt. */
  readonly labels: Int32Array;
  readonly position_ids: Int32Array;
  readonly segment_ids: Int32Array;
  readonly doc_ids: Int32Array;
}

/** Rows being written; the file appears with `commit`. */
export interface PackedWriter {
  write(row: PackedColumns): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** The columns, in the order of the file. */
const COLUMNS = ["input_ids", "labels", "position_ids", "segment_ids", "doc_ids"] as const;

/** Values of a column in one row group: 1 MiB of them, so that a reader can start near any row. */
const GROUP_VALUES = 1 << 18;

const MAGIC = "PAR1";
const INT32 = 1;
const OPTIONAL = 1;
const REPEATED = 2;
const CONVERTED_LIST = 3;
const RLE = 3;
const DELTA_BINARY_PACKED = 5;
const UNCOMPRESSED = 0;
const DATA_PAGE = 0;
/** Definition level of a value that is there: in an optional list, repeated, an optional element. */
const DEFINED = 3;

/** Starts a Parquet file of rows of `length`. Memory: one row group. */
export async function createPackedWriter(path: string, length: number): Promise<PackedWriter> {
  const file = await createAtomicFile(path);
  await file.write(MAGIC);
  const groupRows = Math.max(1, Math.floor(GROUP_VALUES / length));
  const groups: ThriftValue[] = [];
  let rows = 0;
  let group: PackedColumns[] = [];
  const flush = async (): Promise<void> => {
    if (group.length === 0) return;
    const chunks: ThriftValue[] = [];
    let size = 0;
    for (const name of COLUMNS) {
      const page = encodePage(group, name, length);
      chunks.push(columnChunk(name, file.bytes, page.length, group.length * length));
      size += page.length;
      await file.write(page);
    }
    groups.push({ struct: { 1: { list: chunks }, 2: { i64: size }, 3: { i64: group.length } } });
    rows += group.length;
    group = [];
  };
  return {
    async write(row) {
      group.push(row);
      if (group.length >= groupRows) await flush();
    },
    async commit() {
      await flush();
      const footer = encodeThrift({
        1: { i32: 1 },
        2: { list: schema() },
        3: { i64: rows },
        4: { list: groups },
        6: { text: "apollo" },
      });
      const end = Buffer.alloc(8);
      end.writeUInt32LE(footer.length);
      end.write(MAGIC, 4);
      await file.write(footer);
      await file.write(end);
      await file.commit();
    },
    abort: () => file.abort(),
  };
}

/** A column of a row group as one page, header first. */
function encodePage(group: readonly PackedColumns[], name: (typeof COLUMNS)[number], length: number): Buffer {
  const values = new Int32Array(group.length * length);
  group.forEach((row, i) => {
    values.set(row[name], i * length);
  });
  // Repetition level 0 begins a row, 1 goes on with it.
  const repetition = group.flatMap((): Run[] => [
    [1, 0],
    [length - 1, 1],
  ]);
  const body = Buffer.concat([
    encodeLevels(repetition),
    encodeLevels([[values.length, DEFINED]]),
    encodeDeltaBinary(values),
  ]);
  const header = encodeThrift({
    1: { i32: DATA_PAGE },
    2: { i32: body.length },
    3: { i32: body.length },
    5: {
      struct: {
        1: { i32: values.length },
        2: { i32: DELTA_BINARY_PACKED },
        3: { i32: RLE },
        4: { i32: RLE },
      },
    },
  });
  return Buffer.concat([header, body]);
}

type Run = readonly [count: number, level: number];

/** Levels as run lengths, with their size in front. */
function encodeLevels(runs: readonly Run[]): Buffer {
  const bytes: number[] = [];
  for (const [count, level] of runs) {
    if (count === 0) continue;
    writeVarint(bytes, count << 1);
    bytes.push(level);
  }
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  return Buffer.concat([size, Buffer.from(bytes)]);
}

function columnChunk(name: string, offset: number, size: number, values: number): ThriftValue {
  const metadata: ThriftStruct = {
    1: { i32: INT32 },
    2: { list: [{ i32: RLE }, { i32: DELTA_BINARY_PACKED }] },
    3: { list: [{ text: name }, { text: "list" }, { text: "element" }] },
    4: { i32: UNCOMPRESSED },
    5: { i64: values },
    6: { i64: size },
    7: { i64: size },
    9: { i64: offset },
  };
  return { struct: { 2: { i64: offset }, 3: { struct: metadata } } };
}

/** The tree of columns, parents first: each an optional list of optional int32, as most writers have it. */
function schema(): ThriftValue[] {
  const element = (fields: ThriftStruct): ThriftValue => ({ struct: fields });
  return [
    element({ 4: { text: "rows" }, 5: { i32: COLUMNS.length } }),
    ...COLUMNS.flatMap((name) => [
      element({ 3: { i32: OPTIONAL }, 4: { text: name }, 5: { i32: 1 }, 6: { i32: CONVERTED_LIST } }),
      element({ 3: { i32: REPEATED }, 4: { text: "list" }, 5: { i32: 1 } }),
      element({ 1: { i32: INT32 }, 3: { i32: OPTIONAL }, 4: { text: "element" } }),
    ]),
  ];
}
