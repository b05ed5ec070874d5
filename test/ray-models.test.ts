// Questions and training on a real Ray cluster of this machine, as a user starts them.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { load } from "./load.test.helper.ts";
import { assertSame, contentsOf, lacking, type RayBench, startRayBench } from "./ray-bench.test.helper.ts";

const { medicineText, startQaServer, TEST_PROMPTS } = await load<
  typeof import("../src/corpus/qa-server.test.helper.ts")
>("corpus/qa-server.test.helper.js");
const { startCli } = await load<typeof import("../src/cli/run-cli.test.helper.ts")>(
  "cli/run-cli.test.helper.js",
);
const { probePython } =
  await load<typeof import("../src/train/torch/launcher.ts")>("train/torch/launcher.js");
const { exists } = await load<typeof import("../src/core/index.ts")>("core/index.js");

describe("on a Ray cluster", { skip: lacking }, () => {
  let bench: RayBench;
  before(async () => {
    bench = await startRayBench();
  });
  after(() => bench.close());

  test("questions over two servers: asked by tasks, followed again after a kill, each asked for once", async () => {
    const { root, environment, apollo, onCluster } = bench;
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
      const first = startCli(divided, environment);
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
    const { root, imported, apollo, onCluster } = bench;
    const python = await probePython(bench.python);
    const lacking = (["torch", "transformers", "accelerate", "pyarrow"] as const).filter(
      (name) => python[name] === null,
    );
    if (lacking.length > 0) return context.skip(`${bench.python} lacks ${lacking.join(", ")}`);
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
    const shapes = await Promise.all(
      ["trained-here", "trained-there"].map((out) => apollo("inspect", join(root, out))),
    );
    assert.deepEqual(
      [shapes[1]!.architecture, shapes[1]!.parameters, shapes[1]!.problems],
      [shapes[0]!.architecture, shapes[0]!.parameters, shapes[0]!.problems],
    );
  });
});
