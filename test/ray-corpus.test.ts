// The corpus's commands on a real Ray cluster of this machine, as a user starts them: the bytes are those of one process, through a folder and a bucket.
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "./load.test.helper.ts";
import {
  assertSame,
  contentsOf,
  lacking,
  type RayBench,
  SAMPLES,
  startRayBench,
} from "./ray-bench.test.helper.ts";

const { runCli } = await load<typeof import("../src/cli/run-cli.test.helper.ts")>(
  "cli/run-cli.test.helper.js",
);
const EXAM = fileURLToPath(new URL("../samples/exam/held-out.json", import.meta.url));

describe("on a Ray cluster", { skip: lacking }, () => {
  let bench: RayBench;
  before(async () => {
    bench = await startRayBench();
  });
  after(() => bench.close());

  test("a corpus made by 8 tasks is the bytes of one process here, stage by stage", async () => {
    const { root, imported, apollo, onCluster } = bench;
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
    const { root, apart, imported, storage, environment, apollo, onCluster } = bench;
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
    const { code, json } = await runCli([...doctor, "--json"], environment);
    storage.fault = () => undefined;
    assert.equal(code, 2);
    const codes = (json as { checks: { code?: string }[] }).checks.map((check) => check.code ?? "fit");
    assert.deepEqual(codes.sort(), ["fit", "fit", "fit", "storage-not-writable", "storage-not-writable"]);
  });
});
