import assert from "node:assert/strict";
import { totalmem } from "node:os";
import { test } from "node:test";
import type { GgufHeader, GgufValue } from "../core/index.ts";
import { availableMemory, ggufMemory, requireMemory } from "./memory.ts";

const header = (metadata: Record<string, GgufValue>): GgufHeader => ({
  version: 3,
  metadata: new Map(Object.entries({ "general.architecture": "a", ...metadata })),
  tensors: [100, 28].map((bytes, i) => ({
    name: `t${i}`,
    shape: [bytes / 4],
    type: "F32",
    offset: 0,
    bytes,
  })),
  dataStart: 0,
  fileBytes: 128,
});

test("weights and cache follow from the header", () => {
  const shape = { "a.block_count": 24, "a.attention.head_count": 16, "a.embedding_length": 1024 };
  // 24 layers x 16 heads x (64 + 64) values x 4 bytes.
  assert.deepEqual(ggufMemory(header(shape)), { weights: 128, cachePerToken: 196_608 });
  assert.equal(ggufMemory(header({ ...shape, "a.attention.head_count_kv": 2 })).cachePerToken, 24_576);
  assert.equal(
    ggufMemory(header({ ...shape, "a.attention.head_count_kv": [1, 3], "a.attention.key_length": 128 }))
      .cachePerToken,
    4 * 4 * (128 + 64),
  );
  assert.equal(ggufMemory(header({})).cachePerToken, 0);
});

test("what cannot be had is told in gibibytes, with what to do", () => {
  assert(availableMemory() > 0 && availableMemory() <= totalmem());
  requireMemory(1, "the model", "m.gguf", "Buy more.");
  assert.throws(() => requireMemory(1e15, "the model", "m.gguf", "Buy more."), {
    code: "not-enough-memory",
    file: "m.gguf",
    remedy: "Buy more.",
    message: /^the model would take 931322\.6 GiB, of which [\d.]+ GiB are free$/u,
  });
});
