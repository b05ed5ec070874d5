import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { UserError } from "../core/index.ts";
import { parseModelSpec } from "./model-spec.ts";

const folder = mkdtempSync(join(tmpdir(), "apollo-spec-"));
const file = (name: string): string => {
  const path = join(folder, name);
  writeFileSync(path, "");
  return path;
};
const large = file("large-model.gguf");
const tuned = file("tuned+v2.gguf");
const plain = file("plain-1.gguf");
const checkpoint = join(folder, "checkpoint");
mkdirSync(checkpoint);

test("simple specs", () => {
  assert.deepEqual(parseModelSpec(large), { kind: "gguf", path: large });
  assert.deepEqual(parseModelSpec(checkpoint), { kind: "checkpoint", path: checkpoint });
  assert.deepEqual(parseModelSpec(`${checkpoint}/`), { kind: "checkpoint", path: `${checkpoint}/` });
  assert.deepEqual(parseModelSpec("hf:owner/name:m.gguf"), { kind: "hub", name: "owner/name:m.gguf" });
  assert.deepEqual(parseModelSpec("http://127.0.0.1:80/v1/#a/b"), {
    kind: "remote",
    url: "http://127.0.0.1:80/v1",
    model: "a/b",
  });
});

test("a proxy spec is cut where three models are, whatever signs their names hold", () => {
  const members = {
    base: { kind: "gguf", path: large },
    expert: { kind: "gguf", path: tuned },
    anti: { kind: "gguf", path: plain },
  };
  assert.deepEqual(parseModelSpec(`proxy:${large}+${tuned}-${plain}@0.5`), {
    kind: "proxy",
    ...members,
    alpha: 0.5,
  });
  assert.deepEqual(parseModelSpec(`proxy:${large}+${tuned}-${plain}`), {
    kind: "proxy",
    ...members,
    alpha: 1,
  });
});

test("what names no model is one clear line", () => {
  for (const [spec, code] of [
    ["nothing", "unknown-model-spec"],
    [join(folder, "absent.gguf"), "file-not-found"],
    ["hf:nobody", "unknown-model-spec"],
    ["http://127.0.0.1/v1", "unknown-model-spec"],
    [`proxy:${large}+${tuned}`, "unknown-model-spec"],
    [`proxy:${large}+absent.gguf-${plain}@1`, "unknown-model-spec"],
  ] as const) {
    assert.throws(
      () => parseModelSpec(spec),
      (error) => error instanceof UserError && error.code === code && !error.line.includes("\n"),
      spec,
    );
  }
});
