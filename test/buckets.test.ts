// The corpus's stages on S3-compatible storage: whatever is in the bucket, the bytes are those of folders, and so they are when tasks see nothing but it.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "./load.test.helper.ts";

const { startS3Server } = await load<typeof import("../src/cluster/s3-server.test.helper.ts")>(
  "cluster/s3-server.test.helper.js",
);
const { createS3Storage, createTaskBucket, parseBucketUrl, runBucketTask } =
  await load<typeof import("../src/cluster/index.ts")>("cluster/index.js");
const { exists, openTasks } = await load<typeof import("../src/core/index.ts")>("core/index.js");
const { cleanCorpus, decontaminateCorpus, dedupCorpus, importCorpus, packCorpus } =
  await load<typeof import("../src/corpus/index.ts")>("corpus/index.js");
const { loadTokenizer, saveTokenizer, trainByteLevelBpe } =
  await load<typeof import("../src/tokenizer/index.ts")>("tokenizer/index.js");
const { runCli, runHere } = await load<typeof import("../src/cli/run-cli.test.helper.ts")>(
  "cli/run-cli.test.helper.js",
);
const { TASK_STAGES } = await load<typeof import("../src/cli/task-stages.ts")>("cli/task-stages.js");

type TaskOptions = import("../src/core/index.ts").TaskOptions;

const SAMPLES = fileURLToPath(new URL("../samples", import.meta.url));
let server: Awaited<ReturnType<typeof startS3Server>>;
let root: string;
/** What tasks read: out of their sight while they run. */
let inputs: string;
before(async () => {
  server = await startS3Server();
  root = await mkdtemp(join(tmpdir(), "apollo-buckets-"));
  inputs = join(root, "inputs");
  await mkdir(join(inputs, "raw"), { recursive: true });
  for (const name of (await readdir(join(SAMPLES, "corpus"))).filter((name) => /_zh[_.]/u.test(name)))
    await writeFile(join(inputs, "raw", name), await readFile(join(SAMPLES, "corpus", name)));
  const leaflets = Array.from(
    { length: 60 },
    (_, i) => `Leaflet ${i % 50}. ${"Take it with water. ".repeat(i % 9)}`,
  );
  await writeFile(join(inputs, "raw", "medicalWeb_en_text.json"), JSON.stringify(leaflets));
  await writeFile(join(inputs, "exam.json"), await readFile(join(SAMPLES, "exam", "held-out.json")));
  const learnt = trainByteLevelBpe(leaflets, { vocabularySize: 300, specialTokens: ["<|endoftext|>"] });
  await saveTokenizer(learnt, join(inputs, "tokenizer"), { eosToken: "<|endoftext|>" });
});
beforeEach(() => {
  server.fault = () => undefined;
});
after(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

async function contentsOf(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[file.slice(folder.length + 1)] = await readFile(file, "latin1");
  }
  return files;
}

/** Of a place in the bucket. */
function objectsOf(place: string): Record<string, string> {
  const own = [...server.objects].filter(([name]) => name.startsWith(`bucket/${place}/`));
  return Object.fromEntries(
    own.map(([name, bytes]) => [name.slice(`bucket/${place}/`.length), bytes.toString("latin1")]),
  );
}

test("tasks that see nothing but the bucket, which is busy and cut off now and then, give the bytes of one process", async () => {
  const storage = createS3Storage(server.account);
  let requests = 0;
  server.fault = () =>
    [undefined, "slow-down", undefined, "cut", undefined, "hang-up"][requests++ % 30] as never;
  const lists: string[] = [];
  const through = (out: string, bucket: ReturnType<typeof createTaskBucket>): TaskOptions["executor"] => ({
    name: "bucket",
    async run(list) {
      const url = await bucket.send(list);
      lists.push(list.stage);
      // Nothing that stands here may be read but through the bucket.
      const hidden = [inputs, `${out}.tasks`];
      for (const path of hidden) await rename(path, `${path}.hidden`);
      try {
        for (const index of list.tasks.keys())
          await runBucketTask(storage, url, index, (stage) => TASK_STAGES[stage]!);
      } finally {
        for (const path of hidden) await rename(`${path}.hidden`, path);
      }
      await bucket.bring(list);
      assert.deepEqual(await openTasks(list), []);
    },
  });
  const tokenizerPath = join(inputs, "tokenizer");
  const tokenizer = await loadTokenizer(tokenizerPath);
  const corpus = join(inputs, "corpus");
  const stages: Record<string, (out: string, tasks?: TaskOptions) => Promise<unknown>> = {
    corpus: (out, tasks) => importCorpus([join(inputs, "raw")], out, tasks && { tasks }),
    cleaned: (out, tasks) => cleanCorpus(corpus, out, tasks && { tasks }),
    unique: (out, tasks) => dedupCorpus(corpus, out, tasks && { tasks }),
    decontaminated: (out, tasks) =>
      decontaminateCorpus(corpus, [join(inputs, "exam.json")], out, tasks && { tasks }),
    packed: (out, tasks) =>
      packCorpus(corpus, { tokenizer, tokenizerPath, length: 128, out, ...(tasks && { tasks }) }),
  };
  for (const [name, stage] of Object.entries(stages)) {
    const [one, divided] = [join(inputs, name), join(root, "divided", name)];
    await mkdir(join(root, "divided"), { recursive: true });
    const result = await stage(one);
    const bucket = createTaskBucket(storage, parseBucketUrl(`s3://bucket/${name}.tasks`));
    const again = await stage(divided, {
      executor: through(divided, bucket),
      count: name === "cleaned" ? 8 : 3,
    });
    assert.deepEqual(JSON.parse(JSON.stringify(again).replaceAll(divided, one)), result, name);
    assert.deepEqual(await contentsOf(divided), await contentsOf(one), name);
    await bucket.clear();
  }
  assert.deepEqual(
    [...new Set(lists)],
    Object.keys(TASK_STAGES).filter((stage) => !/index|qa/u.test(stage)),
  );
  assert.equal(server.objects.size, 0);
});

test("commands take inputs from a bucket and put what they make there, whole; what is there is not made again", async () => {
  Object.assign(process.env, server.environment, { APOLLO_BUCKETS: join(root, "mirror") });
  const run = async (...words: string[]) => {
    const done = await runHere([...words, "--json"]);
    assert.equal(done.code, 0, done.stderr);
    return done.json as Record<string, unknown>;
  };
  server.objects.clear();
  for (const [name, content] of Object.entries(await contentsOf(join(inputs, "raw"))))
    server.objects.set(`bucket/data/raw/${name}`, Buffer.from(content, "latin1"));

  const imported = await run("corpus", "import", "s3://bucket/data/raw", "--out", "s3://bucket/data/corpus");
  const here = join(root, "here");
  assert.deepEqual(
    imported,
    await run("corpus", "import", join(inputs, "raw"), "--out", join(here, "corpus")),
  );
  // The corpus is the same but for where its documents came from.
  const names = Object.entries(await contentsOf(join(here, "corpus"))).filter(
    ([name]) => name !== "manifest.json",
  );
  const there = objectsOf("data/corpus");
  assert.deepEqual(Object.keys(there).length, names.length + 1);
  for (const [name, content] of names)
    assert.equal(there[name], content.replaceAll(join(inputs, "raw"), "s3://bucket/data/raw"), name);

  const copy = join(here, "copy");
  for (const [name, content] of Object.entries(there)) {
    await mkdir(copy, { recursive: true });
    await writeFile(join(copy, name), content, "latin1");
  }
  const cleaning = ["corpus", "clean", "s3://bucket/data/corpus", "--out", "s3://bucket/data/cleaned"];
  const cleaned = await run(...cleaning);
  assert.deepEqual(cleaned, await run("corpus", "clean", copy, "--out", join(here, "cleaned")));
  assert.deepEqual(objectsOf("data/cleaned"), await contentsOf(join(here, "cleaned")));

  // On another machine, whose mirror is empty: the work is done, and nothing is put.
  server.requests.length = 0;
  process.env.APOLLO_BUCKETS = join(root, "another");
  assert.deepEqual(await run(...cleaning), cleaned);
  assert.deepEqual(
    server.requests.filter((request) => !request.startsWith("GET")),
    [],
  );
  const deduped = await run(
    "corpus",
    "dedup",
    "s3://bucket/data/cleaned",
    "--out",
    "s3://bucket/data/unique",
  );
  assert.equal(deduped.clusters, "s3://bucket/data/unique/clusters.jsonl");
  assert.ok("clusters.jsonl" in objectsOf("data/unique"));
});

test("what cannot be read or written is named, by its name in the bucket, before any work", async () => {
  const environment = { ...server.environment, APOLLO_BUCKETS: join(root, "faults") };
  const fail = async (words: string[], more: Record<string, string> = {}) => {
    Object.assign(process.env, environment, more);
    const { code, json } = await runHere([...words, "--json"]);
    assert.equal(code, 2);
    return (json as { error: { code: string; file?: string } }).error;
  };
  const clean = ["corpus", "clean", "s3://bucket/none", "--out", join(root, "x")];
  assert.equal((await fail(clean)).code, "file-not-found");
  assert.equal((await fail(clean, { AWS_SECRET_ACCESS_KEY: "wrong" })).code, "bucket-refused");
  assert.equal((await fail(clean, { AWS_ACCESS_KEY_ID: "" })).code, "bucket-no-keys");
  assert.equal((await fail(["corpus", "clean", "s3://other/x", "--out", join(root, "x")])).code, "no-bucket");
  server.objects.set("bucket/broken/medicalWeb_en_text.json", Buffer.from('["one", oops]'));
  server.objects.set("bucket/mine/letter.txt", Buffer.from("dear"));
  const broken = ["corpus", "clean", "s3://bucket/broken", "--out", "s3://bucket/new"];
  assert.deepEqual(
    { ...(await fail(broken)), remedy: undefined, message: undefined, at: undefined },
    {
      code: "bad-json",
      file: "s3://bucket/broken/medicalWeb_en_text.json",
      remedy: undefined,
      message: undefined,
      at: undefined,
    },
  );
  assert.deepEqual(objectsOf("new"), {});
  assert.equal((await fail([...broken.slice(0, 4), "s3://bucket/mine"])).code, "folder-not-empty");
  assert.equal((await fail([...broken.slice(0, 4), "s3://bucket"])).code, "bad-option");
  const slurm = [...broken, "--tasks", "2", "--engine", "slurm"];
  assert.equal((await fail(slurm)).code, "needs-shared-folder");
  assert.equal(await exists(join(root, "x")), false);

  const doctor = await runCli(["doctor", "--folder", "s3://bucket/mine", "--json"], environment);
  const [check] = (doctor.json as { checks: { ok: boolean; objects: number }[] }).checks;
  assert.equal(doctor.code, 0);
  assert.deepEqual([check?.ok, check?.objects], [true, 1]);
  server.fault = (request) => (request.startsWith("PUT") ? "refused" : undefined);
  const frozen = await runCli(["doctor", "--folder", "s3://bucket/mine", "--json"], environment);
  assert.equal(frozen.code, 2);
  assert.match(JSON.stringify(frozen.json), /"code":"bucket-refused"/u);
});
