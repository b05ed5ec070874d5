import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createRandom, UserError } from "../core/index.ts";
import { openSafetensors, writeSafetensors } from "./safetensors.ts";

const folder = await mkdtemp(join(tmpdir(), "apollo-safetensors-"));
after(() => rm(folder, { recursive: true }));
const path = join(folder, "a.safetensors");

/** A file from a header (an object, or text as it is) and data. */
function file(header: unknown, data: Uint8Array = new Uint8Array(0), length?: bigint): Buffer {
  const text = Buffer.from(typeof header === "string" ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([size, text, data]);
}

/** Everything in the file, by name. */
async function readAll(bytes: Uint8Array): Promise<Map<string, Float32Array>> {
  await writeFile(path, bytes);
  const opened = await openSafetensors(path);
  try {
    const values = new Map<string, Float32Array>();
    for (const name of opened.tensors.keys()) values.set(name, await opened.read(name));
    return values;
  } finally {
    await opened.close();
  }
}

const refused = (bytes: Uint8Array, line: RegExp): Promise<void> =>
  assert.rejects(readAll(bytes), (error) => {
    assert.ok(error instanceof UserError, String(error));
    assert.equal(error.code, "bad-safetensors");
    assert.match(error.line, line);
    assert.ok(error.line.includes(path));
    return true;
  });

test("what is written is read again, in any order, with odd names and empty shapes", async () => {
  const tensors = [
    { name: "z", shape: [2, 3], data: Float32Array.of(1, -2, 3.5, -0, 1e-45, Infinity) },
    { name: "a.b", shape: [], data: Float32Array.of(42) },
    { name: 'weights "ж" 中', shape: [0, 4], data: new Float32Array(0) },
    { name: "later", shape: [2], data: async () => Float32Array.of(7, 8) },
  ];
  await writeSafetensors(path, tensors, { format: "pt", note: "é" });
  const opened = await openSafetensors(path);
  assert.deepEqual({ ...opened.metadata }, { format: "pt", note: "é" });
  assert.deepEqual([...opened.tensors.keys()].sort(), tensors.map(({ name }) => name).sort());
  for (const { name, shape, data } of tensors) {
    assert.deepEqual(opened.tensors.get(name)?.shape, shape);
    assert.deepEqual(await opened.read(name), typeof data === "function" ? await data() : data);
  }
  await assert.rejects(opened.read("y"), { name: "UserError", code: "missing-tensor" });
  await opened.close();
  const bytes = await readFile(path);
  assert.equal((8 + Number(bytes.readBigUInt64LE())) % 8, 0, "tensors are aligned");
  await writeSafetensors(path, [...tensors].reverse(), { format: "pt", note: "é" });
  assert.deepEqual(await readFile(path), bytes, "the order of writing does not matter");
});

test("a writer that fails leaves nothing", async () => {
  const out = join(folder, "failed", "b.safetensors");
  const data = (): never => {
    throw new Error("no data");
  };
  await assert.rejects(writeSafetensors(out, [{ name: "x", shape: [1], data }]), /no data/);
  assert.deepEqual(await readdir(join(folder, "failed")), []);
});

test("narrow types are widened exactly, wherever in the file they lie", async () => {
  const values = Float32Array.of(1.5, -2, 0.333251953125);
  const header = {
    odd: { dtype: "F16", shape: [3], data_offsets: [0, 6] },
    brain: { dtype: "BF16", shape: [2], data_offsets: [6, 10] },
    double: { dtype: "F64", shape: [1], data_offsets: [10, 18] },
  };
  const data = Buffer.concat([
    Buffer.from(Uint16Array.of(0x3e00, 0xc000, 0x3555).buffer),
    Buffer.from(Uint16Array.of(0x3fc0, 0xc000).buffer),
    Buffer.from(Float64Array.of(Math.PI).buffer),
  ]);
  const read = await readAll(file(header, data));
  assert.deepEqual(read.get("odd"), values);
  assert.deepEqual(read.get("brain"), values.subarray(0, 2));
  assert.deepEqual(read.get("double"), Float32Array.of(Math.PI));
});

test("a link is followed", async () => {
  await writeSafetensors(path, [{ name: "x", shape: [1], data: Float32Array.of(3) }]);
  await symlink("a.safetensors", join(folder, "link.safetensors"));
  const opened = await openSafetensors(join(folder, "link.safetensors"));
  assert.deepEqual(await opened.read("x"), Float32Array.of(3));
  await opened.close();
});

test("what is no safetensors file is one clear line", async () => {
  const entry = (data_offsets: unknown, dtype: unknown = "F32", shape: unknown = [1]) => ({
    dtype,
    shape,
    data_offsets,
  });
  const four = new Uint8Array(4);
  const eight = new Uint8Array(8);
  for (const [bytes, line] of [
    [new Uint8Array(0), /only 0 bytes/],
    [new Uint8Array(7), /only 7 bytes/],
    [file({}, new Uint8Array(0), 1n << 63n), /not a safetensors file \(header length 9223372036854775808\)/],
    [file({}, new Uint8Array(0), 99_000_000n), /cut off in its header/],
    [Buffer.from("GGUF\u0003\0\0\0 and more"), /cut off in its header|not a safetensors file/],
    [file("not json"), /header is not JSON/],
    [file(""), /header is not JSON/],
    [file("null"), /not a JSON object/],
    [file("[]"), /not a JSON object/],
    [Buffer.concat([file("", undefined, 4n), Buffer.of(0x22, 0xff, 0xfe, 0x22)]), /not UTF-8/],
    [file({ __metadata__: 3 }), /__metadata__: expected an object of texts/],
    [file({ __metadata__: { a: 1 } }), /__metadata__: expected an object of texts/],
    [file({ x: null }), /x: its header entry is incomplete/],
    [file({ x: 3 }), /x: its header entry is incomplete/],
    [file({ x: { dtype: "F32" } }), /x: its header entry is incomplete/],
    [file({ x: entry(undefined) }, four), /x: its header entry is incomplete/],
    [file({ x: entry([0]) }, four), /x: shape \[1\] of F32 needs 4 bytes/],
    [file({ x: entry([0, 4, 4]) }, four), /x: shape/],
    [file({ x: entry(["0", "4"]) }, four), /x: its header entry is incomplete/],
    [file({ x: entry([0, 4.5]) }, four), /x: its header entry is incomplete/],
    [file({ x: entry([0, 4], "F32", [-1, -1]) }, four), /x: its header entry is incomplete/],
    [file({ x: entry([0, 4], "F32", ["1"]) }, four), /x: its header entry is incomplete/],
    [file({ x: entry([0, 4], "F32", 1) }, four), /x: its header entry is incomplete/],
    [file({ x: entry([0, 4], "F33") }, four), /unknown type \(F33\)/],
    [file({ x: entry([0, 4], "constructor") }, four), /unknown type \(constructor\)/],
    [file({ x: entry([0, 4], null) }, four), /unknown type/],
    [file({ x: entry([0, 8]) }, eight), /needs 4 bytes, found 8/],
    [file({ x: entry([4, 0]) }, four), /needs 4 bytes, found -4/],
    [file({ x: entry([4, 8]) }, eight), /x: data at byte/],
    [file({ x: entry([0, 4]), y: entry([0, 4]) }, four), /y: data at byte/],
    [file({ x: entry([0, 8], "F32", [2]), y: entry([4, 8]) }, eight), /y: data at byte/],
    [file({ x: entry([0, 4]) }, eight), /cut off or overlong/],
    [file({ x: entry([0, 4]) }, new Uint8Array(3)), /cut off or overlong: \d+ bytes, its header promises/],
    [file({ x: entry([0, 4], "I32") }, four), /tensor "x" is I32, weights must be F32/],
    [file({ x: entry([0, 1], "BOOL") }, new Uint8Array(1)), /is BOOL/],
  ] as const) {
    await refused(bytes, line);
  }
  await assert.rejects(openSafetensors(join(folder, "absent")), {
    name: "UserError",
    code: "file-not-found",
  });
  await assert.rejects(openSafetensors(folder), { name: "UserError", code: "not-a-file" });
});

test("two tensors of one name are refused, also when they look alike; __proto__ is a name like any other", async () => {
  const x = `{"dtype":"F32","shape":[1],"data_offsets":[0,4]}`;
  const empty = `{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`;
  const data = Buffer.from(Float32Array.of(5).buffer);
  await refused(file(`{"x":${x},"x":${x}}`, data), /1 names stand in its header more than once/);
  await refused(file(`{"y":${empty},"x":${x},"y":${empty}}`, data), /more than once/);
  await refused(file(`{"__metadata__":{},"__metadata__":{},"x":${x}}`, data), /more than once/);
  const odd = await readAll(file(`{"a\\":{\\"b":${empty}, "__proto__" :${x},"c:d":${empty}}`, data));
  assert.deepEqual([...odd.keys()], ['a":{"b', "__proto__", "c:d"]);
  assert.deepEqual(odd.get("__proto__"), Float32Array.of(5));
  assert.equal(({} as { dtype?: unknown }).dtype, undefined);
});

test("whatever byte is changed and wherever the file is cut: a clear refusal or a sound reading", async () => {
  const random = createRandom("mutations");
  const tensors = ["a", "model.layers.0.mlp.weight", "z"].map((name, i) => ({
    name,
    shape: [i + 1, 3],
    data: Float32Array.from({ length: 3 * (i + 1) }, () => random.normal()),
  }));
  await writeSafetensors(path, tensors);
  const good = await readFile(path);
  const headerEnd = 8 + Number(good.readBigUInt64LE());
  let refusals = 0;
  const outcomes = { read: 0, refused: 0 };
  const attempt = async (bytes: Buffer): Promise<void> => {
    try {
      for (const [name, values] of await readAll(bytes)) assert.ok(values instanceof Float32Array, name);
      outcomes.read++;
    } catch (error) {
      if (!(error instanceof UserError)) throw new Error(`on ${bytes.toString("latin1")}`, { cause: error });
      assert.ok(!error.line.includes("\n"));
      outcomes.refused++;
    }
  };
  for (let i = 0; i < 600; i++) {
    const bytes = Buffer.from(good);
    // Nine of ten into the header, where the sense lies.
    const at = i % 10 === 0 ? random.integer(good.length) : random.integer(headerEnd);
    bytes[at] = i % 3 === 0 ? bytes[at]! ^ (1 << random.integer(8)) : random.integer(256);
    await attempt(bytes);
  }
  assert.ok(outcomes.read > 50 && outcomes.refused > 200, JSON.stringify(outcomes));
  for (let length = 0; length < good.length; length += 1 + random.integer(4)) {
    await refused(good.subarray(0, length), /./);
    refusals++;
  }
  assert.ok(refusals > 100);
});
