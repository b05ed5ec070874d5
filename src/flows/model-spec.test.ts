import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UserError } from "../core/index.ts";
import { modelName, parseModelSpec } from "./model-spec.ts";
import { modelIdentity } from "./open-model.ts";

const folder = mkdtempSync(join(tmpdir(), "apollo-spec-"));
after(() => rmSync(folder, { recursive: true }));
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

test("a proxy spec's options follow alpha, and its base may be on a server", () => {
  const small = { expert: { kind: "gguf", path: tuned }, anti: { kind: "gguf", path: plain } };
  const spec = `proxy:http://127.0.0.1/v1#m-1+${tuned}-${plain}@0.5`;
  const base = { kind: "remote", url: "http://127.0.0.1/v1", model: "m-1" };
  assert.deepEqual(parseModelSpec(`${spec}?schedule=linear:8&topk=50&chat=base&candidates=100`), {
    kind: "proxy",
    base,
    ...small,
    alpha: 0.5,
    schedule: { kind: "linear", tokens: 8 },
    topK: 50,
    chat: "base",
    candidates: 100,
  });
  assert.deepEqual(parseModelSpec(spec), { kind: "proxy", base, ...small, alpha: 0.5 });
  for (const [options, code] of [
    ["top_k=5", "unknown-model-spec"],
    ["topk=0", "unknown-model-spec"],
    ["chat=expert", "unknown-model-spec"],
    ["schedule=never", "bad-schedule"],
  ] as const)
    assert.throws(() => parseModelSpec(`${spec}?${options}`), { name: "UserError", code });
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

test("several servers are named by their addresses, by a file, or by Ray Serve", async () => {
  const list = file("servers.txt");
  const both = parseModelSpec("http://a:1/v1/,https://b/v1#qwen");
  assert.deepEqual(both, {
    kind: "endpoints",
    source: { kind: "urls", urls: ["http://a:1/v1", "https://b/v1"] },
    model: "qwen",
  });
  assert.equal(modelName(both), "qwen");
  // A comma alone does not part addresses.
  assert.equal(parseModelSpec("http://a/x,y/v1#m").kind, "remote");
  assert.deepEqual(parseModelSpec(`endpoints:${list}#m`), {
    kind: "endpoints",
    source: { kind: "file", path: list },
    model: "m",
  });
  assert.deepEqual(parseModelSpec("ray-serve:http://head:8265/llm#m"), {
    kind: "endpoints",
    source: { kind: "ray-serve", dashboard: "http://head:8265", application: "llm" },
    model: "m",
  });
  assert.throws(() => parseModelSpec("endpoints:nowhere.txt#m"), { code: "file-not-found" });
  for (const text of [
    "http://a/v1,http://b/v1",
    `endpoints:${list}`,
    "ray-serve:http://head:8265",
    "ray-serve:head#m",
  ])
    assert.throws(() => parseModelSpec(text), { code: "unknown-model-spec" }, text);
  // A run goes on with other servers of the model: they do not tell it from another.
  assert.deepEqual(
    await modelIdentity("http://a/v1,http://b/v1#m"),
    await modelIdentity("ray-serve:http://head:8265#m"),
  );
});
