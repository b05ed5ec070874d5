import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { writeJson } from "../core/index.ts";
import { userError } from "../core/user-error.test.helper.ts";
import { openCheckpoint } from "./checkpoint.ts";
import { parseModelConfig } from "./config.ts";
import { initializeWeights } from "./initialize.ts";
import { parameterShapes } from "./parameters.ts";
import { writeSafetensors } from "./safetensors.ts";
import { toHuggingFaceConfig } from "./write-config.ts";

const CONFIG = parseModelConfig(
  {
    model_type: "qwen2",
    vocab_size: 20,
    hidden_size: 8,
    intermediate_size: 8,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    tie_word_embeddings: true,
  },
  "test",
);
const WEIGHTS = [...initializeWeights(CONFIG, 1)].map(([name, value]) => ({ name, ...value }));

const root = await mkdtemp(join(tmpdir(), "apollo-checkpoint-"));
after(() => rm(root, { recursive: true }));
let folder = root;
beforeEach(async () => {
  folder = await mkdtemp(join(root, "test-"));
  await writeJson(join(folder, "config.json"), toHuggingFaceConfig(CONFIG));
});

/** Every second weight into each of two shards. */
async function writeShards(index: (map: Record<string, string>) => unknown = (map) => ({ weight_map: map })) {
  const map: Record<string, string> = {};
  for (const shard of [0, 1]) {
    const name = `model-0000${shard + 1}-of-00002.safetensors`;
    const tensors = WEIGHTS.filter((_, i) => i % 2 === shard);
    await writeSafetensors(join(folder, name), tensors);
    for (const tensor of tensors) map[tensor.name] = name;
  }
  await writeJson(join(folder, "model.safetensors.index.json"), index(map));
}

async function assertWhole(path: string): Promise<void> {
  const checkpoint = await openCheckpoint(path);
  assert.deepEqual(checkpoint.config, CONFIG);
  for (const { name, shape, data } of WEIGHTS) {
    assert.deepEqual(checkpoint.tensors.get(name)?.shape, shape);
    assert.deepEqual(await checkpoint.read(name), data);
  }
  await assert.rejects(checkpoint.read("other"), { name: "UserError", code: "missing-tensor" });
  assert.throws(() => checkpoint.fileOf("other"), { name: "UserError", code: "missing-tensor" });
  await checkpoint.close();
}

const refused = (code: string, line: RegExp, path = folder): Promise<void> =>
  assert.rejects(openCheckpoint(path), userError(code, line));

test("one file", async () => {
  await writeSafetensors(join(folder, "model.safetensors"), WEIGHTS);
  await assertWhole(folder);
  await assertWhole(`${folder}/`);
});

test("shards with an index", async () => {
  await writeShards();
  await assertWhole(folder);
  const checkpoint = await openCheckpoint(folder);
  assert.match(checkpoint.fileOf(WEIGHTS[1]!.name), /model-00002-of-00002\.safetensors$/);
  await checkpoint.close();
});

test("a folder of links, as the Hugging Face cache keeps it", async () => {
  await mkdir(join(folder, "blobs"));
  await mkdir(join(folder, "snapshot"));
  await writeSafetensors(join(folder, "blobs", "abc"), WEIGHTS);
  await writeFile(join(folder, "blobs", "def"), await readFile(join(folder, "config.json")));
  await symlink("../blobs/abc", join(folder, "snapshot", "model.safetensors"));
  await symlink("../blobs/def", join(folder, "snapshot", "config.json"));
  await assertWhole(join(folder, "snapshot"));
});

test("a checkpoint that lacks something says what", async () => {
  await refused("file-not-found", /holds neither model\.safetensors nor/);
  await refused("file-not-found", /nowhere: no such checkpoint folder/, join(folder, "nowhere"));
  await refused(
    "not-a-folder",
    /config\.json: is a file: a checkpoint is a folder/,
    join(folder, "config.json"),
  );

  await writeSafetensors(join(folder, "model.safetensors"), WEIGHTS.slice(1));
  await refused("bad-checkpoint", /model\.embed_tokens\.weight: is missing.*belong together/);
  const [first, ...rest] = WEIGHTS;
  const wrong = { ...first!, shape: [8, 20] };
  await writeSafetensors(join(folder, "model.safetensors"), [wrong, ...rest]);
  await refused("bad-checkpoint", /has shape \[8,20\], config\.json asks for \[20,8\]/);
  await writeFile(join(folder, "model.safetensors"), "");
  await refused("bad-safetensors", /only 0 bytes/);
  await writeFile(join(folder, "config.json"), `{"model_type":`);
  await refused("bad-json", /config\.json: not valid JSON/);
  await rm(join(folder, "config.json"));
  await refused("file-not-found", /config\.json: no such file/);
});

test("a tied model may hold its head, but no other one than its embedding", async () => {
  const embedding = WEIGHTS.find(({ name }) => name === "model.embed_tokens.weight")!;
  const head = { ...embedding, name: "lm_head.weight" };
  await writeSafetensors(join(folder, "model.safetensors"), [...WEIGHTS, head]);
  await assertWhole(folder);
  const other = { ...head, data: head.data.map((value, i) => (i === 100 ? value + 1 : value)) };
  await writeSafetensors(join(folder, "model.safetensors"), [...WEIGHTS, other]);
  await refused("bad-checkpoint", /lm_head\.weight: is not the embedding.*tie_word_embeddings/);
});

test("an index that is cut, foreign or leads out of the folder is refused", async () => {
  const cases: [(map: Record<string, string>) => unknown, string, RegExp][] = [
    [() => null, "bad-checkpoint", /weight_map.*found nothing/],
    [() => ({}), "bad-checkpoint", /weight_map.*found nothing/],
    [() => ({ weight_map: [] }), "bad-checkpoint", /found nothing/],
    [() => ({ weight_map: { a: 5 } }), "bad-checkpoint", /files of this folder, found 5/],
    [() => ({ weight_map: { a: null } }), "bad-checkpoint", /found null/],
    [() => ({ weight_map: { a: "../other.safetensors" } }), "bad-checkpoint", /found "\.\.\/other/],
    [() => ({ weight_map: { a: "/etc/passwd" } }), "bad-checkpoint", /found "\/etc\/passwd"/],
    [
      (map) => ({ weight_map: { ...map, a: "model-3.safetensors" } }),
      "file-not-found",
      /model-3\.safetensors/,
    ],
  ];
  for (const [index, code, line] of cases) {
    await writeShards(index);
    await refused(code, line);
  }
  await writeFile(join(folder, "model.safetensors.index.json"), `{"weight_map": {`);
  await refused("bad-json", /index\.json: not valid JSON/);
});

test("every weight of the architecture is asked for", async () => {
  for (const { name } of parameterShapes(CONFIG)) {
    const others = WEIGHTS.filter((weight) => weight.name !== name);
    await writeSafetensors(join(folder, "model.safetensors"), others);
    await assert.rejects(openCheckpoint(folder), { code: "bad-checkpoint", at: name });
  }
});
