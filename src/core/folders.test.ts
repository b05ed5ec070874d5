import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { createAtomicFolder } from "./folders.ts";
import { writeManifest } from "./manifest.ts";

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

  const killed = await createAtomicFolder(path);
  await writeFile(join(killed.path, "half"), "");
  await mkdir(`${path}.old`);
  const next = await createAtomicFolder(path);
  assert.deepEqual(await readdir(next.path), []);
  await next.commit();
  assert.deepEqual(await readdir(folder), ["artifact"]);
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
