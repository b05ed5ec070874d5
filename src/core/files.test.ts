import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import {
  createAtomicFile,
  exists,
  isFolder,
  makeFolder,
  readJson,
  readText,
  writeFileAtomic,
  writeJson,
} from "./files.ts";

const root = await mkdtemp(join(tmpdir(), "apollo-files-"));
let folder = root;
beforeEach(async () => {
  folder = await mkdtemp(join(root, "test-"));
});
after(() => rm(root, { recursive: true }));

test("a file is there when it is complete, and not before", async () => {
  const path = join(folder, "new", "folders", "text");
  const file = await createAtomicFile(path);
  await file.write("grüße ");
  await file.write(Uint8Array.of(1, 2, 3));
  assert.equal(file.bytes, 11);
  assert.equal(await exists(path), false);
  await file.commit();
  assert.deepEqual(await readFile(path), Buffer.concat([Buffer.from("grüße "), Buffer.from([1, 2, 3])]));
  assert.deepEqual(await readdir(join(folder, "new", "folders")), ["text"]);
});

test("folders are made where they are missing; one that cannot be is said, and never waited for", async () => {
  const path = join(folder, "new", "folders");
  await Promise.all([makeFolder(join(path, "a")), makeFolder(join(path, "b")), makeFolder(path)]);
  await makeFolder(path);
  assert.deepEqual(await readdir(path), ["a", "b"]);
  await writeFile(join(folder, "file"), "");
  await assert.rejects(makeFolder(join(folder, "file", "below")), { code: "not-a-folder" });
  // Linux says of every new name there that it does not exist, for ever.
  if (process.platform === "linux")
    await assert.rejects(makeFolder("/proc/apollo/out"), { name: "UserError", file: "/proc/apollo" });
});

test("an aborted file leaves nothing, and an old one as it was", async () => {
  for (const old of [undefined, "old"]) {
    const path = join(folder, "text");
    if (old !== undefined) await writeFile(path, old);
    const file = await createAtomicFile(path);
    await file.write("half");
    await file.abort();
    assert.deepEqual(await readdir(folder), old === undefined ? [] : ["text"]);
    if (old !== undefined) assert.equal(await readText(path), old);
  }
});

test("a file that goes to the disk while it is written is the same, and aborting in the midst leaves nothing", async () => {
  const path = join(folder, "large");
  // Two parts of this size start two flushes.
  const parts = [1, 2].map((value) => Buffer.alloc(33 * 2 ** 20, value));
  for (const end of ["abort", "commit"] as const) {
    const file = await createAtomicFile(path);
    for (const part of parts) await file.write(part);
    await file[end]();
    assert.deepEqual(await readdir(folder), end === "abort" ? [] : ["large"]);
  }
  assert.equal(Buffer.compare(await readFile(path), Buffer.concat(parts)), 0);
});

test("of writers at the same time the last to finish wins, whole", async () => {
  const path = join(folder, "text");
  const texts = ["a", "b", "c", "d"].map((letter) => letter.repeat(100_000));
  await Promise.all(texts.map((text) => writeFileAtomic(path, text)));
  assert.ok(texts.includes(await readText(path)));

  const [first, second] = [await createAtomicFile(path), await createAtomicFile(path)];
  await first.write("fir");
  await second.write("second");
  await second.commit();
  assert.equal(await readText(path), "second");
  await first.write("st");
  await first.commit();
  assert.equal(await readText(path), "first");
  assert.deepEqual(await readdir(folder), ["text"]);
});

test("what a killed writer left is swept up by the next; that of a living one is not", async () => {
  const path = join(folder, "text");
  const { pid } = spawnSync(process.execPath, ["--version"]);
  const living = await createAtomicFile(path);
  const own = `${hostname()}.${pid}`;
  // Of another machine that shares the folder: its processes cannot be seen here.
  const stays = [`other.${own}-0.part`, `text.${own}-x.part`, `text.else${own}-0.part`, `text.${pid}-0.part`];
  for (const name of [`text.${own}-0.part`, ...stays]) await writeFile(join(folder, name), "half");
  await mkdir(join(folder, `text.${own}-7.part`, "inner"), { recursive: true });
  await writeFileAtomic(path, "whole");
  await living.commit();
  assert.deepEqual((await readdir(folder)).sort(), ["text", ...stays].sort());
  for (const name of stays) await rm(join(folder, name));
});

test("a write that fails leaves nothing and says where", async () => {
  await mkdir(join(folder, "taken"));
  const words = { name: "UserError", code: "not-a-file", file: join(folder, "taken") };
  await assert.rejects(writeFileAtomic(join(folder, "taken"), "x"), words);
  // A folder that comes in between is found at the end.
  const late = await createAtomicFile(join(folder, "late"));
  await late.write("x");
  await mkdir(join(folder, "late", "inner"), { recursive: true });
  await assert.rejects(late.commit(), { name: "UserError", code: "not-a-file" });
  await late.abort();
  assert.deepEqual((await readdir(folder)).sort(), ["late", "taken"]);
  await writeFile(join(folder, "file"), "");
  await assert.rejects(writeFileAtomic(join(folder, "file", "below"), "x"), {
    name: "UserError",
    code: "not-a-folder",
    file: join(folder, "file"),
  });
});

test("a folder that may not be written is one clear line", {
  skip: process.getuid?.() === 0 && "root may write everywhere",
}, async () => {
  await chmod(folder, 0o500);
  await assert.rejects(writeFileAtomic(join(folder, "x"), "x"), { code: "permission-denied" });
  await chmod(folder, 0o700);
});

test("JSON goes out readable and comes back the same", async () => {
  const path = join(folder, "value.json");
  const value = { name: "हिन्दी", list: [1, 2.5, null], nested: { yes: true } };
  await writeJson(path, value);
  assert.equal(await readText(path), `${JSON.stringify(value, null, 2)}\n`);
  assert.deepEqual(await readJson(path), value);
  await writeFile(path, `\uFEFF{"a": 1}`);
  assert.deepEqual(await readJson(path), { a: 1 }, "a byte order mark is no part of the text");
});

test("what cannot be read says why", async () => {
  const path = join(folder, "value.json");
  await assert.rejects(readJson(path), { name: "UserError", code: "file-not-found", file: path });
  await assert.rejects(readText(folder), { name: "UserError", code: "not-a-file" });
  for (const text of ["", "{", `{"a": 1`, "nonsense", `{"a": 1} 2`]) {
    await writeFile(path, text);
    await assert.rejects(readJson(path), { name: "UserError", code: "bad-json", file: path }, text);
  }
});

test("folders, files, links and nothing are told apart", async () => {
  await writeFile(join(folder, "file"), "");
  await symlink(folder, join(folder, "link"));
  await symlink("nowhere", join(folder, "broken"));
  const seen = async (name: string) => [await exists(join(folder, name)), await isFolder(join(folder, name))];
  assert.deepEqual(await seen(""), [true, true]);
  assert.deepEqual(await seen("file"), [true, false]);
  assert.deepEqual(await seen("link"), [true, true]);
  assert.deepEqual(await seen("broken"), [false, false]);
  assert.deepEqual(await seen("file/below"), [false, false]);
  assert.ok((await stat(folder)).isDirectory());
});
