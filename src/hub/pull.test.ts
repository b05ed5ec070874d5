import assert from "node:assert/strict";
import { lstat, readdir, readFile, readlink, rm, unlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { listFiles } from "@huggingface/hub";
import { CONFIG, MODEL, sendStatus, startFixture, WEIGHTS } from "./hub-fixture.test.helper.ts";
import { planPull } from "./pull.ts";

const WANTED = ["additional_chat_templates/tool.jinja", "config.json", "model.safetensors", "tokenizer.json"];

test("a model lands in the standard cache: blobs by hash, relative links, a ref without newline, a list", async (t) => {
  const { pull, hub, home, blobs } = await startFixture(t, [MODEL], { pageSize: 3 });
  const result = await pull("owner/model");
  const commit = hub.commitOf("owner/model");
  const repository = join(home, "hub", "models--owner--model");
  assert.deepEqual(result, {
    folder: join(repository, "snapshots", commit),
    files: WANTED,
    commit,
    skipped: { "not needed to run": 2, "the same weights in another format": 2 },
  });
  assert.deepEqual(await readFile(join(result.folder, "model.safetensors")), WEIGHTS);
  assert.equal(await readFile(join(result.folder, "config.json"), "utf8"), CONFIG);
  assert.equal((await readFile(join(result.folder, "additional_chat_templates/tool.jinja"))).length, 0);
  const links = await Promise.all(WANTED.map((path) => readlink(join(result.folder, path))));
  assert.deepEqual(
    links.map((link) => link.replace(/[0-9a-f]+$/u, "")),
    ["../../../blobs/", "../../blobs/", "../../blobs/", "../../blobs/"],
  );
  assert.deepEqual(
    (await blobs()).map((name) => name.length).sort(),
    [40, 40, 40, 64],
    "git's SHA-1 for plain files, SHA-256 for large ones, and no partial files",
  );
  assert.equal(
    links[1],
    "../../blobs/479e18224e7827e7909c8a78f287e3306c1de8bb",
    "what `git hash-object` says",
  );
  assert.equal(await readFile(join(repository, "refs", "main"), "utf8"), commit);
  assert.match(
    await readFile(join(home, "hub", "CACHEDIR.TAG"), "utf8"),
    /^Signature: 8a477f597d28d172789f06886806bc55\n/u,
  );
  const list = JSON.parse(await readFile(join(repository, "trees", `${commit}.json`), "utf8"));
  assert.equal(list.format_version, 1);
  assert.equal(list.files["model.safetensors"].lfs_size, WEIGHTS.length);
});

test("a plan says what would come, and brings nothing", async (t) => {
  const { pull, hub, variables, downloads } = await startFixture(t);
  const plan = await planPull("owner/model", { variables });
  assert.deepEqual(
    plan.files.map(({ path }) => path),
    WANTED,
  );
  assert.equal(plan.commit, hub.commitOf("owner/model"));
  assert.equal(plan.files.find(({ path }) => path === "model.safetensors")?.size, WEIGHTS.length);
  assert.equal(
    plan.bytes,
    plan.files.reduce((sum, { size }) => sum + size, 0),
  );
  assert.equal(plan.toCome, plan.bytes);
  assert.deepEqual(downloads(), []);
  await pull("owner/model");
  assert.equal((await planPull("owner/model", { variables })).toCome, 0);
  await assert.rejects(planPull("owner/model", { variables, offline: true }), { code: "offline" });
});

test("a second pull asks once for the branch; a pinned commit asks nothing", async (t) => {
  const { pull, hub } = await startFixture(t);
  const { commit } = await pull("owner/model");
  const before = hub.requests.length;
  await pull("owner/model");
  assert.equal(hub.requests.length, before + 1);
  await pull(`owner/model@${commit}`);
  await pull("owner/model:config.json", { revision: commit });
  assert.equal(hub.requests.length, before + 1);
});

test("what is gone from a snapshot is fetched again, and only that", async (t) => {
  const { pull, downloads } = await startFixture(t);
  const { folder } = await pull("owner/model");
  const before = downloads().length;
  await unlink(join(folder, "config.json"));
  await pull("owner/model");
  assert.equal(downloads().length, before, "the blob is still there");
  await rm(join(folder, await readlink(join(folder, "tokenizer.json"))));
  await pull("owner/model");
  assert.equal(downloads().length, before + 1);
});

test("one file, data sets, revisions with slashes, patterns", async (t) => {
  const data = {
    type: "dataset",
    id: "owner/data",
    files: { "a b/é.json": "[]", "c.parquet": "PAR1" },
  } as const;
  const { pull, home, downloads } = await startFixture(t, [MODEL, data]);
  assert.deepEqual((await pull("owner/model:onnx/model.onnx")).files, ["onnx/model.onnx"]);
  assert.equal(downloads().length, 2, "the hub and its storage, for one large file");
  const result = await pull("datasets/owner/data");
  assert.deepEqual(result.files, ["a b/é.json", "c.parquet"]);
  assert.equal(await readFile(join(result.folder, "a b/é.json"), "utf8"), "[]");
  assert.ok(result.folder.includes("datasets--owner--data"));
  await pull("owner/model@refs/pr/1:config.json");
  await readFile(join(home, "hub/models--owner--model/refs/refs/pr/1"), "utf8");
  const { files, skipped } = await pull("owner/model", { include: ["*.json"], exclude: ["tok*"] });
  assert.deepEqual(files, ["config.json"]);
  assert.deepEqual(skipped, { "excluded by tok*": 1, "not included": 6 });
  await assert.rejects(pull("owner/model@v1", { revision: "main" }), { code: "two-revisions" });
  await assert.rejects(pull("owner/model", { revision: "../x" }), { code: "bad-revision" });
  await assert.rejects(pull("owner/model", { revision: "v1:config.json" }), { code: "bad-revision" });
});

test("the token goes to the hub, also after a redirect there, and never to its storage", async (t) => {
  const { pull, hub } = await startFixture(t, [MODEL], {
    intercept: ({ url }, response) =>
      url.includes("/old/name/") &&
      sendStatus(response, 307, { location: url.replace("/old/name", "/owner/model") }),
  });
  await pull("owner/model", { env: { HF_TOKEN: "hf_secret" } });
  const { files } = await pull("old/name:config.json", { env: { HF_TOKEN: "hf_secret" } });
  assert.deepEqual(files, ["config.json"]);
  const tokens = (server: string): Set<string | undefined> =>
    new Set(hub.requests.filter((r) => r.server === server).map((r) => r.headers.authorization));
  assert.deepEqual(tokens("hub"), new Set(["Bearer hf_secret"]));
  assert.deepEqual(tokens("storage"), new Set([undefined]));
});

test("offline: the cache answers, whole or not at all, without a request", async (t) => {
  const { pull, hub } = await startFixture(t);
  const offline = { env: { HF_HUB_OFFLINE: "1" } };
  await assert.rejects(pull("owner/model", offline), { code: "not-in-cache", message: /not in the cache/u });
  await pull("owner/model:config.json");
  const before = hub.requests.length;
  assert.deepEqual((await pull("owner/model:config.json", offline)).files, ["config.json"]);
  await assert.rejects(pull("owner/model", offline), {
    code: "not-in-cache",
    message: /model\.safetensors and 2 more missing/u,
  });
  await assert.rejects(pull("owner/model:no.json", offline), { code: "entry-not-found" });
  assert.equal(hub.requests.length, before);
  const online = await pull("owner/model");
  assert.deepEqual(await pull("owner/model", { offline: true }), online);
  await rm(join(online.folder, "..", "..", "trees"), { recursive: true });
  const { files } = await pull("owner/model", offline);
  assert.deepEqual(files, WANTED, "also in a cache that an older tool wrote, without a list");
});

test("an unreachable hub: the cache stands in with a warning, else one clear error", async (t) => {
  const { pull, hub, warnings } = await startFixture(t);
  const online = await pull("owner/model");
  await hub.close();
  assert.deepEqual(await pull("owner/model"), online);
  assert.match(warnings.join(), /ECONNREFUSED.*using the copy in the cache/u);
  await assert.rejects(pull("owner/other"), {
    code: "hub-unreachable",
    message: /127\.0\.0\.1.*ECONNREFUSED/u,
  });
});

test("a port that fetch never speaks to is not tried again", async (t) => {
  const { pull } = await startFixture(t);
  const endless = { attempts: 5, wait: 1e9, longestWait: 1e10 };
  await assert.rejects(
    pull("owner/other", { env: { HF_ENDPOINT: "http://127.0.0.1:6667" }, retry: endless }),
    { code: "hub-unreachable", message: /bad port/u },
  );
});

test("without links the snapshot holds the files themselves", async (t) => {
  const { pull } = await startFixture(t);
  const { folder } = await pull("owner/model", { env: { HF_HUB_DISABLE_SYMLINKS: "1" } });
  assert.ok((await lstat(join(folder, "model.safetensors"))).isFile());
  assert.deepEqual(await readFile(join(folder, "model.safetensors")), WEIGHTS);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.endsWith(".part")),
    [],
  );
});

test("progress counts every byte once", async (t) => {
  const { pull } = await startFixture(t);
  const seen: [string, number, string, number][] = [];
  await pull("owner/model", {
    progress: (label, total, unit) => ({
      update: (done) => seen.push([label, total, unit, done]),
      finish() {},
    }),
  });
  assert.deepEqual(seen.at(-1), ["pull owner/model", 1, "MB", 1]);
});

test("the local hub is one to the official client too", async (t) => {
  const { hub } = await startFixture(t, [MODEL], { pageSize: 2 });
  const paths: string[] = [];
  for await (const { type, path } of listFiles({
    repo: "owner/model",
    recursive: true,
    hubUrl: hub.endpoint,
  })) {
    if (type === "file") paths.push(path);
  }
  assert.deepEqual(paths.sort(), Object.keys(MODEL.files).sort());
});
