// Objects of S3-compatible storage, against a server that checks signatures and fails as real ones do.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { freePort, isListening, until } from "../core/until.test.helper.ts";
import { fetchPlace, putArtifact, removePlace } from "./bucket-folders.ts";
import { callS3, readBody, readS3Account } from "./s3-request.ts";
import { type S3Server, startS3Server } from "./s3-server.test.helper.ts";
import { encodeKey, signRequest } from "./s3-signature.ts";
import { createS3Storage, isSameContent, parseBucketUrl, type S3Storage } from "./s3-storage.ts";

let server: S3Server;
let storage: S3Storage;
let folder: string;
before(async () => {
  server = await startS3Server();
  storage = createS3Storage(server.account);
  folder = await mkdtemp(join(tmpdir(), "apollo-s3-"));
});
beforeEach(() => {
  server.objects.clear();
  server.requests.length = 0;
  server.fault = () => undefined;
});
after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

test("requests are signed as Amazon's published examples are", () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  const credentials = {
    accessKeyId: "AKIAIOSFODNN7EXAMPLE",
    secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  };
  const host = "https://examplebucket.s3.amazonaws.com";
  const date = { date: "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY" };
  const put = { method: "PUT", headers: date, body: "Welcome to Amazon S3." };
  for (const [path, request, signature] of [
    [
      "/test.txt",
      { headers: { range: "bytes=0-9" } },
      "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    ],
    [
      `/${encodeKey("test$file.text")}`,
      put,
      "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    ],
    ["/?lifecycle", {}, "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"],
    ["/?max-keys=2&prefix=J", {}, "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"],
  ] as const) {
    const { authorization } = signRequest(
      { method: "GET", ...request, url: new URL(`${host}${path}`) },
      credentials,
      "us-east-1",
      new Date("2013-05-24T00:00:00Z"),
    );
    assert.ok(authorization?.endsWith(`Signature=${signature}`), `${path}: ${authorization}`);
  }
});

test("the account is read from the variables that AWS's own tools read", () => {
  const keys = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b" };
  assert.equal(
    readS3Account({ ...keys, AWS_REGION: "eu-west-3" }).endpoint,
    "https://s3.eu-west-3.amazonaws.com",
  );
  const own = { AWS_ENDPOINT_URL: "http://minio:9000/", AWS_DEFAULT_REGION: "here", AWS_SESSION_TOKEN: "c" };
  assert.deepEqual(readS3Account({ ...keys, ...own }), {
    endpoint: "http://minio:9000",
    region: "here",
    credentials: { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c" },
  });
  assert.throws(() => readS3Account({}), { code: "bucket-no-keys" });
  assert.throws(() => readS3Account({ ...keys, AWS_ENDPOINT_URL: "minio:9000" }), { code: "bad-option" });
  assert.throws(() => parseBucketUrl("s3://"), { code: "bad-option" });
  assert.deepEqual(parseBucketUrl("s3://a/b/c/"), { bucket: "a", key: "b/c" });
});

test("objects are put, listed over many pages, read in stretches and removed, whatever their names", async () => {
  const place = parseBucketUrl("s3://bucket/over here");
  const names = ["a+b.json", "c d/é(1)*'!~.txt", ...Array.from({ length: 12 }, (_, i) => `n${i}`)];
  for (const name of names)
    await storage.put({ bucket: "bucket", key: `over here/${name}` }, `content of ${name}`);
  await storage.put(parseBucketUrl("s3://bucket/over here too"), "another place");
  const listed = await storage.list(place);
  assert.deepEqual(listed.map(({ key }) => key).sort(), names.map((name) => `over here/${name}`).sort());
  assert.deepEqual(
    (await storage.list(parseBucketUrl("s3://bucket/over here too"))).map(({ key, bytes }) => [key, bytes]),
    [["over here too", 13]],
  );
  assert.deepEqual(await storage.list(parseBucketUrl("s3://bucket/over")), []);
  const object = { bucket: "bucket", key: `over here/${names[1]}` };
  assert.equal(String(await storage.read(object, { from: 3, to: 10 })), "tent of");
  assert.equal(await storage.read(parseBucketUrl("s3://bucket/none")), undefined);
  await storage.remove(object);
  assert.equal(await storage.read(object), undefined);
});

test("a file comes back where it was cut off, and a stretch takes only its own bytes", async () => {
  const content = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
  server.objects.set("bucket/large", content);
  const [object] = await storage.list(parseBucketUrl("s3://bucket/large"));
  let cuts = 4;
  server.fault = (request) => (request.startsWith("GET bucket/large") && cuts-- > 0 ? "cut" : undefined);
  const path = join(folder, "large");
  await storage.fetch(object!, path);
  assert.ok((await readFile(path)).equals(content));
  const starts = server.requests.flatMap((request) => /bytes=(\d+)-/u.exec(request)?.[1] ?? []).map(Number);
  assert.equal(starts.length, 5);
  assert.deepEqual(
    starts,
    starts.toSorted((a, b) => a - b),
  );
  assert.ok(starts.at(-1)! > 50_000, "what came before a cut is not asked for again");
  const part = join(folder, "part");
  await storage.fetch(object!, part, { from: 10, to: 20 });
  const filled = Buffer.alloc(content.length);
  content.copy(filled, 10, 10, 20);
  assert.ok((await readFile(part)).equals(filled));
  // It was replaced since it was listed.
  server.objects.set("bucket/large", content.subarray(1));
  await assert.rejects(storage.fetch(object!, part), { code: "changed-input" });
});

test("what may pass is tried again, what may not is named", async () => {
  const place = parseBucketUrl("s3://bucket/x");
  let left = 3;
  server.fault = () => (left-- > 0 ? (["slow-down", "hang-up"] as const)[left % 2] : undefined);
  await storage.put(place, "here");
  assert.equal(server.requests.length, 4);
  server.fault = () => "slow-down";
  await assert.rejects(storage.read(place), {
    code: "bucket-unreachable",
    message: /6 times: 503 SlowDown/u,
  });
  server.fault = () => "refused";
  await assert.rejects(storage.read(place), { code: "bucket-refused", file: "s3://bucket/x" });
  server.fault = () => undefined;
  await assert.rejects(storage.list(parseBucketUrl("s3://other/x")), { code: "no-bucket" });
  const { account } = server;
  const wrong = { ...account, credentials: { ...account.credentials, secretAccessKey: "wrong" } };
  await assert.rejects(createS3Storage(wrong).read(place), { code: "bucket-refused" });
  await assert.rejects(createS3Storage({ ...account, endpoint: "http://127.0.0.1:1" }).read(place), {
    code: "bucket-unreachable",
  });
});

test("a large file goes in parts, and is known again by its tag", async () => {
  const path = join(folder, "in-parts");
  await writeFile(path, Buffer.alloc((1 << 26) + 5, 7));
  const place = parseBucketUrl("s3://bucket/in-parts");
  await storage.putFile(place, path);
  assert.equal(server.objects.get("bucket/in-parts")?.length, (1 << 26) + 5);
  assert.equal(server.requests.filter((request) => request.includes("partNumber")).length, 2);
  const [object] = await storage.list(place);
  assert.match(object!.etag, /-2$/u);
  assert.equal(await isSameContent(object!, path), true);
  await writeFile(path, "x", { flag: "r+" });
  assert.equal(await isSameContent(object!, path), false);
});

test("an artifact is put whole, manifest last; a folder is brought again where it differs", async () => {
  const place = parseBucketUrl("s3://bucket/corpus");
  const own = join(folder, "own");
  const write = async (names: Readonly<Record<string, string>>): Promise<void> => {
    await rm(own, { recursive: true, force: true });
    for (const [name, text] of Object.entries(names)) {
      await mkdir(join(own, name, ".."), { recursive: true });
      await writeFile(join(own, name), text);
    }
  };
  await write({ "a.json": "[1]", "deep/b.json": "[2]", "manifest.json": "{}" });
  await putArtifact(storage, own, place);
  assert.equal(
    server.requests.filter((request) => request.startsWith("PUT")).at(-1),
    "PUT bucket/corpus/manifest.json",
  );
  server.requests.length = 0;
  await putArtifact(storage, own, place);
  assert.deepEqual(
    server.requests.filter((request) => !request.startsWith("GET bucket?")),
    [],
  );

  const other = join(folder, "other");
  assert.equal(await fetchPlace(storage, place, other), 3);
  assert.equal(await readFile(join(other, "deep/b.json"), "utf8"), "[2]");
  const { mtimeMs } = await stat(join(other, "a.json"));
  // Killed while it is put: whoever looks finds no manifest that any stage wrote.
  await write({ "a.json": "[1]", "c.json": "[3]", "manifest.json": "{ }" });
  server.fault = (request) => (request.startsWith("PUT bucket/corpus/c.json") ? "refused" : undefined);
  await assert.rejects(putArtifact(storage, own, place), { code: "bucket-refused" });
  assert.match(String(server.objects.get("bucket/corpus/manifest.json")), /unfinished/u);
  server.fault = () => undefined;
  await putArtifact(storage, own, place);
  assert.deepEqual(
    [...server.objects.keys()].sort(),
    ["a.json", "c.json", "manifest.json"].map((name) => `bucket/corpus/${name}`),
  );
  server.requests.length = 0;
  await fetchPlace(storage, place, other);
  assert.deepEqual(
    server.requests
      .filter((request) => request.startsWith("GET bucket/"))
      .map((request) => request.split(" ")[1])
      .sort(),
    ["bucket/corpus/c.json", "bucket/corpus/manifest.json"],
  );
  assert.equal((await stat(join(other, "a.json"))).mtimeMs, mtimeMs);
  await assert.rejects(stat(join(other, "deep/b.json")));
  // What others put there stays.
  server.objects.set("bucket/mine/letter.txt", Buffer.from("dear"));
  await assert.rejects(putArtifact(storage, own, parseBucketUrl("s3://bucket/mine")), {
    code: "folder-not-empty",
  });
});

const python = process.env.APOLLO_PYTHON;
const lacking =
  python === undefined || spawnSync(python, ["-c", "import moto.server"]).status !== 0
    ? "APOLLO_PYTHON names no Python that has moto: pip install 'moto[server]'"
    : false;

test("a server that others wrote is spoken to in the same way", { skip: lacking }, async () => {
  const port = await freePort();
  const moto = spawn(python!, ["-m", "moto.server", "-p", String(port)], { stdio: "ignore" });
  try {
    await until("moto to listen", () => isListening(port));
    const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
    const account = { endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials };
    const there = createS3Storage(account);
    const place = parseBucketUrl("s3://bucket/a corpus/made of+parts");
    await assert.rejects(there.list(place), { code: "no-bucket" });
    await callS3(account, { method: "PUT", bucket: "bucket" }, readBody);
    const own = join(folder, "for-moto");
    await mkdir(join(own, "deep"), { recursive: true });
    const large = Buffer.alloc((1 << 26) + 70_000, "0123456789");
    await writeFile(join(own, "large.bin"), large);
    await writeFile(join(own, "deep", "é & <b>.json"), "[1]");
    await writeFile(join(own, "manifest.json"), "{}");
    await putArtifact(there, own, place);
    const listed = await there.list(place);
    assert.deepEqual(
      listed.map(({ key, bytes }) => [key.slice(place.key.length + 1), bytes]),
      [
        ["deep/é & <b>.json", 3],
        ["large.bin", large.length],
        ["manifest.json", 2],
      ],
    );
    assert.match(listed[1]!.etag, /-2$/u);
    for (const object of listed)
      assert.equal(await isSameContent(object, join(own, object.key.slice(place.key.length + 1))), true);
    assert.deepEqual(await there.list(listed[0]!), [listed[0]]);
    assert.deepEqual(await there.list(parseBucketUrl("s3://bucket/a corpus/made")), []);
    const stretch = join(folder, "stretch");
    await there.fetch(listed[1]!, stretch, { from: large.length - 7 });
    assert.equal((await readFile(stretch)).subarray(-7).toString(), large.subarray(-7).toString());
    await assert.rejects(there.fetch({ ...listed[1]!, etag: "another" }, stretch), { code: "changed-input" });
    const copy = join(folder, "from-moto");
    assert.equal(await fetchPlace(there, place, copy), 3);
    assert.ok((await readFile(join(copy, "large.bin"))).equals(large));
    await removePlace(there, place);
    assert.deepEqual(await there.list(place), []);
  } finally {
    moto.kill("SIGKILL");
    await once(moto, "exit");
  }
});
