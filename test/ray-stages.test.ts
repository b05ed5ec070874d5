// Whole commands on a real Ray cluster of this machine, as a user starts them: what comes back is what one process makes here.
import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const load = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href);
const {
  canSeparate,
  createRayCluster,
  findRayPython,
  TOKEN,
}: typeof import("../src/cluster/ray-cluster.test.helper.ts") = await load(
  "cluster/ray-cluster.test.helper.js",
);
const { startS3Server }: typeof import("../src/cluster/s3-server.test.helper.ts") = await load(
  "cluster/s3-server.test.helper.js",
);
const { medicineText, startQaServer, TEST_PROMPTS }: typeof import("../src/corpus/qa-server.test.helper.ts") =
  await load("corpus/qa-server.test.helper.js");
const { runCli, startCli }: typeof import("../src/cli/run-cli.test.helper.ts") = await load(
  "cli/run-cli.test.helper.js",
);
const { probePython }: typeof import("../src/train/torch/launcher.ts") =
  await load("train/torch/launcher.js");
const { exists }: typeof import("../src/core/index.ts") = await load("core/index.js");

const SAMPLES = fileURLToPath(new URL("../samples/corpus", import.meta.url));
const EXAM = fileURLToPath(new URL("../samples/exam/held-out.json", import.meta.url));
const found = findRayPython();

/** Files of a folder by their paths in it. */
async function contentsOf(folder: string): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(folder.length + 1)] = await readFile(path);
  }
  return files;
}

function assertSame(
  found: Readonly<Record<string, Buffer>>,
  expected: Readonly<Record<string, Buffer>>,
  what: string,
): void {
  assert.ok(Object.keys(expected).length > 1, what);
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort(), what);
  for (const [name, content] of Object.entries(expected))
    assert.ok(found[name]?.equals(content), `${what}: ${name}`);
}

describe("on a Ray cluster", { skip: "missing" in found ? found.missing : false }, () => {
  let root: string;
  let cluster: Awaited<ReturnType<typeof createRayCluster>>;
  let storage: Awaited<ReturnType<typeof startS3Server>>;
  /** The second node sees an empty folder there. */
  let apart: string;
  let imported: string;
  let onCluster: readonly string[];

  const apollo = async (...words: string[]) => {
    const done = await runCli([...words, "--json"], {
      ...storage.environment,
      APOLLO_BUCKETS: join(root, "buckets"),
      RAY_AUTH_TOKEN: TOKEN,
    });
    assert.equal(done.code, 0, `${words.join(" ")}: ${done.stdout} ${done.stderr}`);
    return done.json as Record<string, unknown>;
  };

  before(async () => {
    assert.ok("python" in found);
    root = await mkdtemp(join(tmpdir(), "apollo-ray-stages-"));
    apart = join(root, "apart");
    imported = join(root, "imported");
    await mkdir(apart);
    storage = await startS3Server();
    cluster = await createRayCluster(found.python);
    await cluster.startHead();
    const environment = storage.environment;
    await cluster.startWorkers({ environment }, { environment, ...(canSeparate() ? { hidden: apart } : {}) });
    onCluster = ["--engine", "ray", "--address", cluster.address];
    await apollo("corpus", "import", SAMPLES, "--out", imported);
  });
  after(async () => {
    await cluster.close();
    await storage.close();
    await rm(root, { recursive: true });
  });

  test("a corpus made by 8 tasks is the bytes of one process here, stage by stage", async () => {
    const [here, there] = [join(root, "here"), join(root, "there")];
    const tokenizer = join(root, "tokenizer");
    await apollo("tokenizer", "train", imported, "--size", "400", "--out", tokenizer);
    const stages: Readonly<Record<string, readonly string[]>> = {
      import: [SAMPLES],
      clean: [imported],
      pack: [imported, "--tokenizer", tokenizer, "--length", "128"],
      dedup: [imported],
      decontaminate: [imported, "--against", EXAM],
    };
    const compare = async (stage: string): Promise<void> => {
      const words = ["corpus", stage, ...stages[stage]!, "--out"];
      await apollo(...words, join(here, stage));
      await apollo(...words, join(there, stage), "--tasks", "8", ...onCluster);
      assertSame(await contentsOf(join(there, stage)), await contentsOf(join(here, stage)), stage);
    };
    // Two at a time: each waits for Ray much of its time.
    const lanes = [
      ["import", "clean", "pack"],
      ["dedup", "decontaminate"],
    ];
    await Promise.all(
      lanes.map(async (lane) => {
        for (const stage of lane) await compare(stage);
      }),
    );
  });

  test("nodes that share no folder work through a bucket, and are asked whether they can", async () => {
    // Not where the second node could read it.
    const corpus = join(apart, "corpus");
    await cp(imported, corpus, { recursive: true });
    const here = join(root, "bucket-here");
    for (const stage of ["clean", "dedup"]) {
      const expected = await apollo("corpus", stage, corpus, "--out", join(here, stage));
      const out = `s3://bucket/${stage}`;
      const result = await apollo("corpus", stage, corpus, "--out", out, "--tasks", "8", ...onCluster);
      assert.deepEqual(JSON.parse(JSON.stringify(result).replaceAll(out, join(here, stage))), expected);
      const objects = [...storage.objects].filter(([name]) => name.startsWith(`bucket/${stage}/`));
      const found = objects.map(
        ([name, content]) => [name.slice(`bucket/${stage}/`.length), content] as const,
      );
      assertSame(Object.fromEntries(found), await contentsOf(join(here, stage)), stage);
    }
    assert.deepEqual(
      [...storage.objects.keys()].filter((name) => name.includes(".tasks")),
      [],
    );
    const doctor = ["doctor", ...onCluster, "--folder", "s3://bucket/anywhere"];
    const { checks } = (await apollo(...doctor)) as { checks: { name: string; ok: boolean }[] };
    assert.equal(checks.filter(({ name, ok }) => name.startsWith("node ") && ok).length, 2);
    // The keys may write here and not there.
    storage.fault = (request) =>
      /^PUT bucket\/anywhere\/.probe-\w+\/.probe-/u.test(request) && nodes++ > 0 ? "refused" : undefined;
    let nodes = 0;
    const { code, json } = await runCli([...doctor, "--json"], {
      ...storage.environment,
      RAY_AUTH_TOKEN: TOKEN,
    });
    storage.fault = () => undefined;
    assert.equal(code, 2);
    const codes = (json as { checks: { code?: string }[] }).checks.map((check) => check.code ?? "fit");
    assert.deepEqual(codes.sort(), ["fit", "fit", "fit", "storage-not-writable", "storage-not-writable"]);
  });

  test("questions over two servers: asked by tasks, followed again after a kill, each asked for once", async () => {
    const texts = join(root, "texts", "medicalWiki_en_text.json");
    const prompts = join(root, "prompts.json");
    await mkdir(join(root, "texts"));
    await writeFile(texts, JSON.stringify(Array.from({ length: 40 }, (_, i) => medicineText(i))));
    await writeFile(prompts, JSON.stringify(TEST_PROMPTS));
    const servers = [await startQaServer({ milliseconds: 60 }), await startQaServer({ milliseconds: 60 })];
    const asked = (): number => servers.reduce((sum, server) => sum + server.requests.length, 0);
    const model = `${servers.map(({ url }) => url).join(",")}#tester`;
    const words = ["corpus", "qa", texts, "--kind", "both", "--prompts", prompts, "--model", model, "--out"];
    const [here, there] = [join(root, "qa-here"), join(root, "qa-there")];
    try {
      const { requests } = await apollo(...words, here);
      assert.equal(asked(), requests);
      const divided = [...words, there, "--tasks", "4", ...onCluster];
      const first = startCli(divided, { RAY_AUTH_TOKEN: TOKEN });
      while (first.child.exitCode === null && asked() < Number(requests) + 10) await sleep(20);
      first.child.kill("SIGKILL");
      await first.ended;
      assert.equal(first.child.signalCode, "SIGKILL");
      await apollo(...divided);
      assertSame(await contentsOf(there), await contentsOf(here), "qa");
      assert.equal(asked(), 2 * Number(requests), "the tasks went on while nobody followed them");
      assert.ok(servers.every((server) => server.requests.length > 0));
      assert.equal(await exists(`${there}.tasks`), false);
    } finally {
      for (const server of servers) server.close();
    }
  });

  test("a model trained in two processes of the cluster follows our own engine's loss", async (context) => {
    assert.ok("python" in found);
    const python = await probePython(found.python);
    const lacking = (["torch", "transformers", "accelerate", "pyarrow"] as const).filter(
      (name) => python[name] === null,
    );
    if (lacking.length > 0) return context.skip(`${found.python} lacks ${lacking.join(", ")}`);
    const tokenizer = join(root, "tokenizer-of-training");
    const packed = join(root, "packed");
    await apollo("tokenizer", "train", imported, "--size", "300", "--out", tokenizer);
    await apollo("corpus", "pack", imported, "--tokenizer", tokenizer, "--length", "64", "--out", packed);
    const recipe = join(root, "recipe.json");
    await writeFile(
      recipe,
      JSON.stringify({
        model: { architecture: "qwen2", hiddenSize: 32, layers: 2, heads: 4, keyValueHeads: 2 },
        batch: 8,
        learningRate: 0.01,
        steps: 12,
        torch: { device: "cpu", processesPerNode: 2 },
      }),
    );
    const losses = async (out: string, ...more: readonly string[]): Promise<number[]> => {
      await apollo("train", "--recipe", recipe, "--data", packed, "--out", join(root, out), ...more);
      const lines = (await readFile(join(root, out, "train.jsonl"), "utf8")).trim().split("\n");
      return lines.flatMap((line) => (JSON.parse(line) as { loss?: number }).loss ?? []);
    };
    const ours = await losses("trained-here");
    const theirs = await losses("trained-there", ...onCluster);
    assert.equal(theirs.length, 12);
    assert.ok(ours[0]! - ours.at(-1)! > 0.3, `something was learnt: ${ours}`);
    const apartBy = Math.max(...ours.map((loss, i) => Math.abs(loss - theirs[i]!)));
    assert.ok(apartBy < 2e-4, `the losses differ by ${apartBy}`);
    context.diagnostic(`the losses of 12 steps differ by at most ${apartBy.toExponential(1)}`);
    assert.deepEqual(
      await readFile(join(root, "trained-there", "config.json"), "utf8"),
      await readFile(join(root, "trained-here", "config.json"), "utf8"),
    );
  });
});
