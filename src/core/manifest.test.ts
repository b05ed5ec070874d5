import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { canonicalJson, hashBytes, hashFile, hashValue } from "./hash.ts";
import { MANIFEST_FILE, matchingManifest, writeManifest } from "./manifest.ts";

const folder = await mkdtemp(join(tmpdir(), "apollo-manifest-"));
after(() => rm(folder, { recursive: true }));

test("hashes are SHA-256 of the content", async () => {
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(hashBytes("abc"), abc);
  assert.equal(hashBytes(Buffer.from("abc")), abc);
  await writeFile(join(folder, "abc"), "abc");
  assert.equal(await hashFile(join(folder, "abc")), abc);
  await assert.rejects(hashFile(join(folder, "absent")), { name: "UserError", code: "file-not-found" });
  await assert.rejects(hashFile(folder), { name: "UserError", code: "not-a-file" });
});

test("a value's hash does not depend on the order of its keys, but on everything else", () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: undefined }], a: null }), `{"a":null,"b":[{"d":1}]}`);
  assert.equal(hashValue({ a: 1, b: { c: 2, d: 3 } }), hashValue({ b: { d: 3, c: 2 }, a: 1 }));
  assert.notEqual(hashValue([1, 2]), hashValue([2, 1]));
  assert.notEqual(hashValue({ a: 1 }), hashValue({ a: "1" }));
  assert.notEqual(hashValue({ a: null }), hashValue({}));
});

test("a manifest matches the same stage with the same inputs and no other", async () => {
  assert.equal(await matchingManifest(folder, "pack", { seed: 1 }), undefined);
  await writeManifest(folder, "pack", { seed: 1, files: ["a"] }, { rows: 3 });
  const found = await matchingManifest(folder, "pack", { files: ["a"], seed: 1 });
  assert.deepEqual(found?.result, { rows: 3 });
  assert.equal(found?.versions.node, process.versions.node);
  assert.equal(await matchingManifest(folder, "pack", { files: ["a"], seed: 2 }), undefined);
  assert.equal(await matchingManifest(folder, "import", { files: ["a"], seed: 1 }), undefined);
});

test("a damaged manifest is one clear line, and one of another kind matches nothing", async () => {
  await writeFile(join(folder, MANIFEST_FILE), `{"stage": "pa`);
  await assert.rejects(matchingManifest(folder, "pack", {}), { name: "UserError", code: "bad-json" });
  for (const foreign of ["null", "3", "[]", "{}"]) {
    await writeFile(join(folder, MANIFEST_FILE), foreign);
    assert.equal(await matchingManifest(folder, "pack", {}), undefined);
  }
});
