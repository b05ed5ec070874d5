import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../core/index.ts";
import { checkRepositoryPath, HUB_SHORTCUTS, parseHubSpec } from "./spec.ts";

const fails = (action: () => unknown, code: string): void => {
  assert.throws(
    action,
    (error) => error instanceof UserError && error.code === code && !error.line.includes("\n"),
  );
};

test("a spec names type, repository, revision and file", () => {
  const cases: [string, string, string, string | undefined, string | undefined][] = [
    ["o/n", "model", "o/n", undefined, undefined],
    ["o/n:a.gguf", "model", "o/n", undefined, "a.gguf"],
    ["o/n:sub/a.gguf", "model", "o/n", undefined, "sub/a.gguf"],
    ["datasets/o/n", "dataset", "o/n", undefined, undefined],
    ["datasets/o/n:x/y.json", "dataset", "o/n", undefined, "x/y.json"],
    ["o/n@v1", "model", "o/n", "v1", undefined],
    ["o/n@refs/pr/1:a", "model", "o/n", "refs/pr/1", "a"],
    ["o/n:a@v1", "model", "o/n", "v1", "a"],
    ["o/n@main:a@b.gguf", "model", "o/n", "main", "a@b.gguf"],
    ["Qwen/Qwen2.5-0.5B_x", "model", "Qwen/Qwen2.5-0.5B_x", undefined, undefined],
  ];
  for (const [text, type, id, revision, file] of cases) {
    assert.deepEqual(parseHubSpec(text), { type, id, revision, file, exclude: [] }, text);
  }
});

test("short names stand for the published family, in any case, with file and revision", () => {
  assert.equal(parseHubSpec("apollo-7b").id, "FreedomIntelligence/Apollo-7B");
  assert.equal(parseHubSpec("Apollo-0.5B@v1").revision, "v1");
  assert.deepEqual(parseHubSpec("xmedbench:test.json"), {
    type: "dataset",
    id: "FreedomIntelligence/XMedbench",
    revision: undefined,
    file: "test.json",
    exclude: [],
  });
  assert.equal(Object.keys(HUB_SHORTCUTS).length, 7);
});

test("what does not name a repository is refused in one line", () => {
  for (const text of [
    "",
    "model",
    "a/b/c",
    "datasets/x",
    "spaces/o/n",
    "../etc",
    "o/..",
    "o/n--m",
    "o/-n",
    "o /n",
    "https://huggingface.co/o/n",
    `o/${"n".repeat(100)}`,
  ]) {
    fails(() => parseHubSpec(text), "bad-hub-spec");
  }
});

test("paths and revisions that could leave the cache are refused", () => {
  for (const path of [
    "",
    "/etc/passwd",
    "../x",
    "a/../../x",
    "a//b",
    "./a",
    "a/.",
    "C:/x",
    "C:x",
    "a\\b",
    "a\nb",
    "a/",
  ]) {
    fails(() => checkRepositoryPath(path), "unsafe-path");
    fails(() => parseHubSpec(`o/n:${path}`), "unsafe-path");
  }
  checkRepositoryPath("a..b/...c/.gitattributes");
  for (const revision of ["", "..", "a/../b", "/a", "a b", "a\\b", "~x"]) {
    fails(() => parseHubSpec(`o/n@${revision}`), "bad-revision");
  }
});
