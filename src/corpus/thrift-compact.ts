// Writes Thrift's compact protocol, in which Parquet keeps its page headers and footer.
// Source: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md

/** A value with its Thrift type. */
export type ThriftValue =
  | { readonly i32: number }
  | { readonly i64: number }
  | { readonly text: string }
  | { readonly list: readonly ThriftValue[] }
  | { readonly struct: ThriftStruct };

/** Fields by id, in ascending order. */
export type ThriftStruct = Readonly<Record<number, ThriftValue>>;

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;
/** Lists up to this long keep their length beside the type. */
const SHORT_LIST = 14;

/** The bytes of a struct. */
export function encodeThrift(struct: ThriftStruct): Uint8Array {
  const bytes: number[] = [];
  writeStruct(bytes, struct);
  return Uint8Array.from(bytes);
}

/** Appends an unsigned integer, seven bits a byte, lowest first. */
export function writeVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** Appends a signed integer: 0, -1, 1, -2 ... become 0, 1, 2, 3 ... */
export function writeZigzag(bytes: number[], value: number): void {
  writeVarint(bytes, value < 0 ? -2 * value - 1 : 2 * value);
}

function writeStruct(bytes: number[], struct: ThriftStruct): void {
  let last = 0;
  for (const [key, value] of Object.entries(struct)) {
    const id = Number(key);
    // Parquet's structs never leave a gap of more than 15 ids.
    bytes.push(((id - last) << 4) | typeOf(value));
    writeValue(bytes, value);
    last = id;
  }
  bytes.push(0);
}

function writeValue(bytes: number[], value: ThriftValue): void {
  if ("i32" in value) writeZigzag(bytes, value.i32);
  else if ("i64" in value) writeZigzag(bytes, value.i64);
  else if ("struct" in value) writeStruct(bytes, value.struct);
  else if ("text" in value) {
    const text = Buffer.from(value.text);
    writeVarint(bytes, text.length);
    bytes.push(...text);
  } else {
    const { list } = value;
    const type = list[0] === undefined ? I32 : typeOf(list[0]);
    if (list.length <= SHORT_LIST) bytes.push((list.length << 4) | type);
    else {
      bytes.push(0xf0 | type);
      writeVarint(bytes, list.length);
    }
    for (const item of list) writeValue(bytes, item);
  }
}

function typeOf(value: ThriftValue): number {
  if ("i32" in value) return I32;
  if ("i64" in value) return I64;
  if ("text" in value) return BINARY;
  return "list" in value ? LIST : STRUCT;
}
