import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ProtobufMessage } from "./protobuf.ts";

interface Field {
  readonly field: number;
  readonly value: bigint | number | Uint8Array;
}

/** A plain reader of the wire format (protobuf.dev/programming-guides/encoding), to check the writer with. */
function decode(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = BigInt(bytes[at++]!);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    switch (tag & 7) {
      case 0:
        fields.push({ field, value: varint() });
        break;
      case 2: {
        const length = Number(varint());
        fields.push({ field, value: bytes.slice(at, at + length) });
        at += length;
        break;
      }
      case 5:
        fields.push({ field, value: new DataView(bytes.buffer, bytes.byteOffset + at).getFloat32(0, true) });
        at += 4;
        break;
      default:
        assert.fail(`wire type ${tag & 7}`);
    }
  }
  assert.equal(at, bytes.length);
  return fields;
}

test("the examples of the format's own description", () => {
  assert.deepEqual([...new ProtobufMessage().integer(1, 150).encode()], [0x08, 0x96, 0x01]);
  assert.deepEqual(
    [...new ProtobufMessage().bytes(2, "testing").encode()],
    [0x12, 0x07, ...Buffer.from("testing")],
  );
  const inner = new ProtobufMessage().integer(1, 150);
  assert.deepEqual([...new ProtobufMessage().bytes(3, inner).encode()], [0x1a, 0x03, 0x08, 0x96, 0x01]);
  assert.deepEqual(
    [...new ProtobufMessage().integer(1, -2).encode()],
    [0x08, 0xfe, ...Array(8).fill(0xff), 0x01],
  );
});

test("every integer that a number holds comes back, negative ones as 64-bit two's complement", () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.integer({ min: 1, max: 2 ** 20 }), (value, field) => {
      const [read] = decode(new ProtobufMessage().integer(field, value).encode());
      assert.equal(read?.field, field);
      assert.equal(BigInt.asIntN(64, read?.value as bigint), BigInt(value));
    }),
    {
      seed: 1,
      examples: [
        [0, 1],
        [127, 1],
        [128, 15],
        [2 ** 31, 16],
        [2 ** 32, 2047],
        [-1, 2048],
        [Number.MIN_SAFE_INTEGER, 1],
      ],
    },
  );
});

test("fields come in the order of the calls, whatever their sizes do to the buffer", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(fc.uint8Array({ maxLength: 700 }), fc.string({ unit: "binary" }), fc.float({ noNaN: true })),
      ),
      (values) => {
        const message = new ProtobufMessage();
        values.forEach((value, i) => {
          if (typeof value === "number") message.float(i + 1, value);
          else message.bytes(i + 1, value);
        });
        assert.deepEqual(
          decode(message.encode()),
          values.map((value, i) => ({
            field: i + 1,
            value: typeof value === "string" ? new Uint8Array(Buffer.from(value)) : value,
          })),
        );
      },
    ),
    { seed: 1 },
  );
});
