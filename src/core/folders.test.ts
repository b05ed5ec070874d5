import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { createAtomicFolder } from "./folders.ts";
import { matchingManifest, writeManifest } from "./manifest.ts";

const root = await mkdtemp(join(tmpdir(), "apollo-folders-"));
let folder = root;
beforeEach(async () => {
  folder = await mkdtemp(join(root, "test-"));
});
after(() => rm(root, { recursive: true }));

test("a folder appears whole and replaces an older one of ours", async () => {
  const path = join(folder, "deep", "artifact");
  for (const text of ["first", "second"]) {
    const making = await createAtomicFolder(path);
    await writeFile(join(making.path, text), text);
    await writeManifest(making.path, "test", text, {});
    const before = await readdir(join(folder, "deep"));
    assert.equal(before.includes("artifact"), text === "second");
    await making.commit();
    assert.deepEqual(await readdir(join(folder, "deep")), ["artifact"]);
    assert.deepEqual((await readdir(path)).sort(), [text, "manifest.json"].sort());
  }
});

test("an aborted folder leaves the old one; what a killed run left is swept up by the next", async () => {
  const path = join(folder, "artifact");
  const first = await createAtomicFolder(path);
  await writeManifest(first.path, "test", 1, {});
  await first.commit();
  const aborted = await createAtomicFolder(path);
  await writeFile(join(aborted.path, "half"), "");
  await aborted.abort();
  assert.deepEqual(await readdir(folder), ["artifact"]);
  assert.deepEqual(await readdir(path), ["manifest.json"]);

  const { pid } = spawnSync(process.execPath, ["--version"]);
  for (const name of ["0", "1"]) {
    await mkdir(`${path}.${hostname()}.${pid}-${name}.part`);
    await writeFile(`${path}.${hostname()}.${pid}-${name}.part/half`, "");
  }
  const next = await createAtomicFolder(path);
  assert.deepEqual(await readdir(next.path), []);
  await next.commit();
  assert.deepEqual(await readdir(folder), ["artifact"]);
});

test("two that make one folder do not meet: the last to end stays", async () => {
  const path = join(folder, "artifact");
  const [one, other] = [await createAtomicFolder(path), await createAtomicFolder(path)];
  await writeManifest(one.path, "test", 1, {});
  await writeManifest(other.path, "test", 2, {});
  await one.commit();
  await other.commit();
  assert.deepEqual(await readdir(folder), ["artifact"]);
  assert.ok(await matchingManifest(path, "test", 2));
});

test("an empty folder may be used; a file, or a folder with files of other origin, may not", async () => {
  await mkdir(join(folder, "empty"));
  await (await createAtomicFolder(`${folder}/empty/`)).commit();
  await writeFile(join(folder, "file"), "");
  await assert.rejects(createAtomicFolder(join(folder, "file")), { code: "not-a-folder" });
  await mkdir(join(folder, "photos"));
  await writeFile(join(folder, "photos", "me.jpg"), "irreplaceable");
  await assert.rejects(createAtomicFolder(join(folder, "photos")), {
    name: "UserError",
    code: "folder-not-empty",
    file: join(folder, "photos"),
  });
  assert.equal(await readFile(join(folder, "photos", "me.jpg"), "utf8"), "irreplaceable");
});
