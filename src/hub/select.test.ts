import assert from "node:assert/strict";
import { test } from "node:test";
import { selectFiles } from "./select.ts";

const MODEL = { type: "model", id: "o/n" } as const;

test("a model: config, tokenizer, chat template and safetensors; everything else is counted", () => {
  const wanted = [
    "additional_chat_templates/rag.jinja",
    "chat_template.jinja",
    "config.json",
    "generation_config.json",
    "merges.txt",
    "model-00001-of-00002.safetensors",
    "model-00002-of-00002.safetensors",
    "model.safetensors.index.json",
    "qwen.tiktoken",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "vocab.json",
  ];
  const unwanted = [
    "README.md",
    "trainer_state.json",
    "pytorch_model.bin",
    "tf_model.h5",
    "original/consolidated.00.pth",
    "onnx/model.onnx",
    "model.gguf",
    "consolidated.safetensors",
    "checkpoint-1/model.safetensors",
  ];
  const { paths, skipped } = selectFiles([...unwanted, ...wanted], MODEL);
  assert.deepEqual(paths, wanted);
  assert.deepEqual(skipped, { "not needed to run": 2, "the same weights in another format": 7 });
});

test("weights: PyTorch's where there are no safetensors, Mistral's own where there are no others", () => {
  assert.deepEqual(selectFiles(["config.json", "pytorch_model.bin", "x.onnx"], MODEL).paths, [
    "config.json",
    "pytorch_model.bin",
  ]);
  assert.deepEqual(selectFiles(["config.json", "consolidated.safetensors"], MODEL).paths, [
    "config.json",
    "consolidated.safetensors",
  ]);
});

test("a GGUF repository: its only file, all parts of it, or a question which", () => {
  assert.deepEqual(selectFiles(["a.gguf", "README.md"], MODEL).paths, ["a.gguf"]);
  const parts = ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"];
  assert.deepEqual(selectFiles(parts, MODEL).paths, parts);
  assert.throws(() => selectFiles(["a.Q4_K_M.gguf", "a.Q8_0.gguf"], MODEL), {
    code: "choose-a-file",
    message: /a\.Q4_K_M\.gguf, a\.Q8_0\.gguf/u,
  });
});

test("a named file: itself, with its split's parts, or by quantisation", () => {
  const paths = [
    "a.Q4_K_M.gguf",
    "a.Q8_0.gguf",
    "big/a-f16-00001-of-00002.gguf",
    "big/a-f16-00002-of-00002.gguf",
    "big/b-f16-00001-of-00003.gguf",
    "README.md",
  ];
  const named = (file: string): readonly string[] => selectFiles(paths, { ...MODEL, file }).paths;
  assert.deepEqual(named("README.md"), ["README.md"]);
  assert.deepEqual(named("big/a-f16-00001-of-00002.gguf"), [paths[2], paths[3]]);
  assert.deepEqual(named("Q8_0"), ["a.Q8_0.gguf"]);
  assert.deepEqual(named("q4_k_m"), ["a.Q4_K_M.gguf"]);
  assert.throws(() => named("f16"), { code: "choose-a-file" });
  assert.throws(() => named("q4_k"), { code: "entry-not-found", message: /nearest are a\.Q4_K_M\.gguf/u });
});

test("a data set: everything; patterns replace or narrow the choice", () => {
  const data = { type: "dataset", id: "o/n" } as const;
  const paths = [".gitattributes", "all.zip", "sft/a_en.json", "sft/a_hi.json", "pretrain/b_hi.json"];
  const chosen = (include: string[], exclude: string[] = []): readonly string[] =>
    selectFiles(paths, { ...data, include, exclude }).paths;
  assert.equal(chosen([]).length, 4);
  assert.deepEqual(chosen(["*_hi.json"]), ["pretrain/b_hi.json", "sft/a_hi.json"]);
  assert.deepEqual(chosen(["sft/"]), ["sft/a_en.json", "sft/a_hi.json"]);
  assert.deepEqual(chosen(["sft/a_??.json"], ["*hi*"]), ["sft/a_en.json"]);
  assert.deepEqual(selectFiles(paths, { ...data, exclude: ["*.zip"] }).skipped, {
    "excluded by *.zip": 1,
    "git's own file": 1,
  });
});

test("nothing that fits is an error that says what there is", () => {
  assert.throws(() => selectFiles([], MODEL), { code: "nothing-to-pull", message: /holds no files/u });
  assert.throws(() => selectFiles(["README.md"], MODEL), { code: "nothing-to-pull", message: /README\.md/u });
  assert.throws(() => selectFiles(["a"], { ...MODEL, include: ["b*"] }), { code: "nothing-to-pull" });
});
