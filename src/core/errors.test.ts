import assert from "node:assert/strict";
import { test } from "node:test";
import { asFileError, UserError } from "./errors.ts";

test("an error is one line: place, message, remedy", () => {
  const line = (message: string, place: ConstructorParameters<typeof UserError>[2] = {}): string =>
    new UserError("code", message, place).line;
  assert.equal(line("found 3"), "found 3");
  assert.equal(line("found 3", { file: "a.json" }), "a.json: found 3");
  assert.equal(line("found 3", { at: "line 7" }), "line 7: found 3");
  assert.equal(line("found 3", { file: "a.json", at: "line 7" }), "a.json: line 7: found 3");
  assert.equal(line("found 3", { remedy: "Write 4." }), "found 3. Write 4.");
  assert.equal(line("found 3. ", { remedy: "Write 4." }), "found 3. Write 4.", "one full stop");
  assert.equal(line("found 3", { file: "a.json", at: "" }), "a.json: found 3", "a place without a name");
  assert.equal(line("first\n  second\r\nthird", { remedy: "Write\n4." }), "first second third. Write 4.");
});

test("an error carries its parts and its cause", () => {
  const cause = new Error("below");
  const error = new UserError("bad-json", "cut off", { file: "a", at: "b", remedy: "c", cause });
  assert.ok(error instanceof Error);
  assert.deepEqual(
    [error.name, error.code, error.message, error.file, error.at, error.remedy, error.cause],
    ["UserError", "bad-json", "cut off", "a", "b", "c", cause],
  );
  assert.equal("cause" in new UserError("x", "y"), false);
});

test("what the system says about a file becomes a user's error, anything else stays as it is", () => {
  for (const [system, code] of [
    ["ENOENT", "file-not-found"],
    ["EISDIR", "not-a-file"],
    ["ENOTDIR", "not-a-folder"],
    ["EEXIST", "not-a-folder"],
    ["EACCES", "permission-denied"],
    ["EPERM", "permission-denied"],
    ["ENOSPC", "disk-full"],
  ]) {
    const error = asFileError(Object.assign(new Error(), { code: system }), "some/file");
    assert.ok(error instanceof UserError);
    assert.deepEqual([error.code, error.file], [code, "some/file"]);
  }
  for (const other of [new Error("ours"), new UserError("a", "b"), null, undefined, "text"]) {
    assert.equal(asFileError(other, "some/file"), other);
  }
});
