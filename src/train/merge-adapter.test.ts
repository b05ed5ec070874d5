import assert from "node:assert/strict";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { userError } from "../core/user-error.test.helper.ts";
import { createSession, type TensorValue } from "../graph/index.ts";
import { decoderLogits, openCheckpoint, openSafetensors, writeSafetensors } from "../model/index.ts";
import { loadTokenizer } from "../tokenizer/index.ts";
import { loraTraining } from "./lora.ts";
import { mergeAdapter } from "./merge-adapter.ts";
import { fullTraining, type Method, weightInput } from "./method.ts";
import { VOCABULARY_SIZE, writePackedRows } from "./packed-rows.test.helper.ts";
import { parseRecipe } from "./recipe.ts";
import { train } from "./train.ts";
import { unmergeAdapter } from "./unmerge-adapter.ts";

const LORA = { rank: 3, alpha: 6 };

let folder: string;
let base: string;
let adapter: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-merge-"));
  [base, adapter] = [join(folder, "base"), join(folder, "adapter")];
  const data = await writePackedRows(join(folder, "packed"));
  const common = { steps: 8, batch: 2, learningRate: 0.02 };
  const model = { hiddenSize: 16, layers: 2, heads: 2, keyValueHeads: 1, intermediateSize: 24 };
  await train({ recipe: parseRecipe({ ...common, model }, "test"), data, out: base });
  await train({ recipe: parseRecipe({ ...common, base, lora: LORA }, "test"), data, out: adapter });
});
after(() => rm(folder, { recursive: true }));

/** Logits of some ids, with what is trained fed and what is frozen mapped. */
async function logitsOf(method: Method, trained: Record<string, TensorValue>): Promise<Float32Array> {
  const ids = BigInt64Array.from({ length: 12 }, (_, i) => BigInt((i * 37) % VOCABULARY_SIZE));
  const { graph, weight } = method.declare();
  const input = (name: string) => graph.input(name, [1, 12], "int64");
  const inputs = { tokens: input("tokens"), positions: input("positions") };
  graph.output(decoderLogits(graph, method.config, weight, inputs), "logits");
  const session = await createSession(graph.encode(), { weightFolder: method.frozen?.folder ?? folder });
  const { logits } = await session.run({
    tokens: { data: ids, shape: [1, 12] },
    positions: { data: BigInt64Array.from({ length: 12 }, (_, i) => BigInt(i)), shape: [1, 12] },
    ...trained,
  });
  await session.close();
  return logits!.data as Float32Array;
}

async function readFeeds(path: string): Promise<Record<string, TensorValue>> {
  const file = await openSafetensors(path);
  const feeds: Record<string, TensorValue> = {};
  for (const [name, { shape }] of file.tensors)
    feeds[weightInput(name)] = { data: await file.read(name), shape };
  await file.close();
  return feeds;
}

const distance = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);

test("the merged checkpoint's logits are those of base and adapter", async () => {
  const out = join(folder, "merged");
  const result = await mergeAdapter(adapter, { out });
  assert.deepEqual({ ...result }, { checkpoint: out, base, merged: 14, tensors: 26 });
  const original = await openCheckpoint(base);
  const settings = parseRecipe({ base, lora: LORA, batch: 1, learningRate: 1 }, "test").lora!;
  const beside = await loraTraining(original, base, settings);
  const adapted = await logitsOf(beside, await readFeeds(join(adapter, "adapter_model.safetensors")));
  const full = fullTraining(original.config);
  const merged = await logitsOf(full, await readFeeds(join(out, "model.safetensors")));
  const plain = await logitsOf(full, await readFeeds(join(base, "model.safetensors")));
  await original.close();
  assert.ok(distance(merged, adapted) < 1e-4, `${distance(merged, adapted)}`);
  assert.ok(distance(plain, adapted) > 0.1, "the adapter does something");

  // A checkpoint like any other: configuration, tokenizer, and the tensors without an adapter as they were.
  const checkpoint = await openCheckpoint(out);
  assert.deepEqual(checkpoint.config, full.config);
  await checkpoint.close();
  await loadTokenizer(out);
  const [was, is] = [join(base, "model.safetensors"), join(out, "model.safetensors")];
  const [before, after] = [await readFeeds(was), await readFeeds(is)];
  for (const name of ["model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.bias"])
    assert.deepEqual(after[weightInput(name)], before[weightInput(name)]);
  // The same again is the same folder.
  const names = await readdir(out);
  await mergeAdapter(adapter, { out });
  assert.deepEqual(await readdir(out), names);
});

test("unmerged, every weight is the base's to the bit; a large adapter needs corrections", async () => {
  const large = join(folder, "large");
  await cp(adapter, large, { recursive: true });
  const path = join(large, "adapter_config.json");
  const config = JSON.parse(await readFile(path, "utf8"));
  await writeFile(path, JSON.stringify({ ...config, lora_alpha: 300 }));
  for (const [name, own] of [
    ["small", adapter],
    ["large", large],
  ] as const) {
    const merged = join(folder, `reversible-${name}`);
    await mergeAdapter(own, { out: merged, reversible: true });
    const out = join(folder, `unmerged-${name}`);
    const result = await unmergeAdapter(merged, { adapter: own, out });
    assert.deepEqual([result.restored, result.tensors], [14, 26]);
    assert.ok(result.corrected > 0, "float32 alone does not suffice");
    const [was, is] = [join(base, "model.safetensors"), join(out, "model.safetensors")];
    assert.deepEqual(await readFeeds(is), await readFeeds(was));
    assert.deepEqual(
      await unmergeAdapter(merged, { adapter: own, out }),
      result,
      "the same again is done already",
    );
    const checkpoint = await openCheckpoint(out);
    await checkpoint.close();
    await loadTokenizer(out);
  }
  const refused = (merged: string, own: string, code: string, line: RegExp) =>
    assert.rejects(unmergeAdapter(merged, { adapter: own, out: join(folder, "no") }), userError(code, line));
  await refused(base, adapter, "not-merged", /export merge/);
  await refused(join(folder, "reversible-small"), large, "wrong-adapter", /another adapter/);
  const plain = join(folder, "irreversible");
  await mergeAdapter(adapter, { out: plain });
  await refused(plain, adapter, "not-reversible", /--reversible/);
  // Changed since, in a matrix that the adapter touches.
  const merged = join(folder, "reversible-small");
  const file = await openSafetensors(join(merged, "model.safetensors"));
  const tensors = await Promise.all(
    [...file.tensors].map(async ([name, { shape }]) => ({ name, shape, data: await file.read(name) })),
  );
  await file.close();
  tensors.find(({ name }) => name.endsWith("layers.1.mlp.up_proj.weight"))!.data.fill(1);
  await writeSafetensors(join(merged, "model.safetensors"), tensors);
  await refused(merged, adapter, "bad-checkpoint", /layers\.1\.mlp\.up_proj\.weight: has changed/);
});

test("an adapter that does not fit, or is more than LoRA, is refused in one line and nothing is written", async () => {
  const out = join(folder, "refused");
  const refused = (place: string, code: string, line: RegExp, options: { base?: string } = {}) =>
    assert.rejects(mergeAdapter(place, { out, ...options }), userError(code, line));
  const changed = async (name: string, changes: object): Promise<string> => {
    const place = join(folder, name);
    await cp(adapter, place, { recursive: true });
    const path = join(place, "adapter_config.json");
    const config = JSON.parse(await readFile(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...config, ...changes }));
    return place;
  };
  await refused(join(folder, "nowhere"), "file-not-found", /nowhere: no such adapter folder/);
  await refused(base, "file-not-found", /adapter_config\.json/);
  await refused(await changed("dora", { use_dora: true }), "bad-adapter", /use_dora: DoRA cannot be merged/);
  await refused(await changed("ranks", { rank_pattern: { q: 4 } }), "bad-adapter", /rank_pattern: ranks/);
  await refused(await changed("bias", { bias: "all" }), "bad-adapter", /bias: trained biases cannot/);
  // Each of these trains beside another base than the one it names, or adds its product to some tokens alone.
  await refused(
    await changed("pissa", { init_lora_weights: "pissa_niter_4" }),
    "bad-adapter",
    /init_lora_weights: "pissa_niter_4" trains beside a changed base/,
  );
  await refused(
    await changed("alora", { alora_invocation_tokens: [5] }),
    "bad-adapter",
    /alora_.* cannot be/,
  );
  await refused(await changed("newer", { use_something: true }), "bad-adapter", /use_something: /);
  await refused(await changed("rank", { r: 4 }), "bad-adapter", /lora_A.*shape \[3,24\].*\[4,24\]/);
  await refused(await changed("kind", { peft_type: "IA3" }), "bad-adapter", /peft_type/);
  const homeless = await changed("homeless", { base_model_name_or_path: join(folder, "gone") });
  await refused(homeless, "file-not-found", /homeless.*gone is not there\. .*--base/);
  await refused(adapter, "file-not-found", /gone/, { base: join(folder, "gone") });
  const nameless = await changed("nameless", { base_model_name_or_path: null });
  await refused(nameless, "bad-adapter", /does not say what its base is.*--base/);

  const manifest = join(await changed("changed", {}), "manifest.json");
  const record = JSON.parse(await readFile(manifest, "utf8"));
  await writeFile(manifest, JSON.stringify({ ...record, inputs: { ...record.inputs, base: "another" } }));
  await refused(join(folder, "changed"), "bad-adapter", /its base has changed since.*--base/);

  const file = await openSafetensors(join(adapter, "adapter_model.safetensors"));
  const tensors = await Promise.all(
    [...file.tensors].map(async ([name, { shape }]) => ({ name, shape, data: await file.read(name) })),
  );
  await file.close();
  const rewritten = async (name: string, change: (name: string) => string | undefined): Promise<string> => {
    const place = await changed(name, {});
    const kept = tensors.flatMap((tensor) => {
      const name = change(tensor.name);
      return name === undefined ? [] : [{ ...tensor, name }];
    });
    await writeSafetensors(join(place, "adapter_model.safetensors"), kept);
    return place;
  };
  const lone = await rewritten("lone", (name) => (name.includes("0.mlp.up_proj.lora_B") ? undefined : name));
  await refused(lone, "bad-adapter", /layers\.0\.mlp\.up_proj\.lora_B\.weight: is missing/);
  const deep = await rewritten("deep", (name) => name.replace("layers.1", "layers.7"));
  await refused(deep, "bad-adapter", /the base has no model\.layers\.7/);
  const foreign = await rewritten("foreign", (name) => name.replace("lora_A", "lora_magnitude"));
  await refused(foreign, "bad-adapter", /is no A or B/);
  await refused(await rewritten("empty", () => undefined), "bad-adapter", /holds no adapter/);
  assert.ok(!(await readdir(folder)).some((name) => name.startsWith("refused")));
});
