import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRandom, UserError } from "../core/index.ts";
import {
  type GgufFileType,
  type LogitModel,
  logitModelContract,
  openGguf,
  quantizeGguf,
  readGgufHeader,
  writeTinyGguf,
} from "./index.ts";

let folder: string;
let tiny: string;
let model: LogitModel;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-gguf-"));
  tiny = join(folder, "tiny.gguf");
  await writeTinyGguf(tiny, { seed: 1 });
  model = await openGguf(tiny, { threads: 1 });
});

after(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

for (const { name, check } of logitModelContract) test(`a GGUF model: ${name}`, () => check(model));

test("a foreign file keeps the contract too", async (t) => {
  const path = fileURLToPath(
    new URL("../../../shared/data/models/llama-2-tiny-random/llama-2-tiny-random.gguf", import.meta.url),
  );
  if (!existsSync(path)) return t.skip("../shared/data is not here");
  const foreign = await openGguf(path, { threads: 1, contextLength: 512 });
  for (const { name, check } of logitModelContract) await t.test(name, () => check(foreign));
  await foreign.close();
});

test("scores are the same bits for every weight type, thread count, batch and length of the shared prefix", async () => {
  const wide = join(folder, "wide.gguf");
  await writeTinyGguf(wide, { seed: 2, hiddenSize: 256, layers: 1, contextLength: 1024 });
  const prompt = "the man said then ".repeat(24);
  const continuations = ["a", " yes", " no then", " the answer is (A)", " the ".repeat(35), " in on an"];
  for (const type of ["f32", "f16", "bf16", "q8_0", "q4_0", "q4_k_m"] satisfies GgufFileType[]) {
    const path = join(folder, `wide-${type}.gguf`);
    await quantizeGguf(wide, path, type, { threads: 1 });
    const one = await openGguf(path, { threads: 1 });
    const together = await one.score([{ prompt, continuations }]);
    for (const [i, continuation] of continuations.entries()) {
      const [alone] = await one.score([{ prompt, continuations: [continuation] }]);
      assert.deepEqual(alone![0], together[0]![i], `${type}: ${continuation.slice(0, 20)}`);
    }
    // After other texts, with a prefix that is partly held.
    await one.score([{ prompt: prompt.slice(0, 300), continuations: [" other things"] }]);
    assert.deepEqual(await one.score([{ prompt, continuations }]), together, type);
    await one.close();

    const two = await openGguf(path, { threads: 2 });
    assert.deepEqual(await two.score([{ prompt, continuations: continuations.slice(0, 3) }]), [
      together[0]!.slice(0, 3),
    ]);
    await two.close();
  }
});

test("a row has the same bits wherever prefix and continuation meet: a text echoed whole scores as its parts do", async () => {
  const wide = join(folder, "wide.gguf");
  const random = createRandom(9);
  const text = Int32Array.from({ length: 300 }, () => random.integer(250));
  for (const type of ["f32", "f16", "q8_0", "q4_k_m"] satisfies GgufFileType[]) {
    const path = join(folder, `split-${type}.gguf`);
    await quantizeGguf(wide, path, type, { threads: 1 });
    const split = await openGguf(path, { threads: 1 });
    /** The logit of each token from place `at` on, in the continuation of that number. */
    const scored = async (at: number, others: Int32Array[]): Promise<number[]> => {
      const logits: number[] = [];
      const continuations = [...others, text.slice(at)];
      await split.visitLogits(text.slice(0, at), continuations, (row, continuation, position) => {
        if (continuation === undefined || continuation === others.length)
          logits[position] = row[text[at + position]!]!;
      });
      return logits;
    };
    const whole = await scored(1, []);
    for (const at of [2, 3, 62, 63, 64, 65, 66, 128, 129, 257, 298, 299]) {
      const others = at % 2 === 0 ? [] : [text.slice(0, 5), text.slice(7, 9)];
      assert.deepEqual(await scored(at, others), whole.slice(at - 1), `${type}, cut at ${at}`);
    }
    await split.close();
  }
});

test("batch 1 = batch 64 = shuffled, at every length where llama.cpp changes its way of computing", async () => {
  const wide = join(folder, "wide.gguf");
  const random = createRandom(8);
  const text = Int32Array.from({ length: 700 }, () => random.integer(250));
  const lengths = [
    1, 2, 3, 62, 63, 64, 65, 66, 127, 128, 129, 255, 257, 511, 512, 513, 514, 575, 576, 577, 640,
  ];
  const requests = lengths.flatMap((length) =>
    [3, 66].map((most) => ({
      prefix: text.slice(0, length),
      continuations: Array.from({ length: 1 + random.integer(3) }, () =>
        text.slice(random.integer(300)).slice(0, 1 + random.integer(most)),
      ),
    })),
  );
  for (const type of ["f16", "q8_0"] satisfies GgufFileType[]) {
    const path = join(folder, `lengths-${type}.gguf`);
    await quantizeGguf(wide, path, type, { threads: 1 });
    const asked = await openGguf(path, { threads: 1 });
    const scores = await Promise.all(
      requests.map(({ prefix, continuations }) => asked.scoreTokens(prefix, continuations)),
    );
    for (const i of random.shuffle([...requests.keys()])) {
      const { prefix, continuations } = requests[i]!;
      const at = random.integer(continuations.length);
      const [alone] = await asked.scoreTokens(prefix, [continuations[at]!]);
      assert.deepEqual(
        alone,
        scores[i]![at],
        `${type}: ${prefix.length} + ${continuations[at]!.length} tokens`,
      );
    }
    await asked.close();
    for (const i of [1, 7, 17]) {
      const { prefix, continuations } = requests[i]!;
      const fresh = await openGguf(path, { threads: 1 });
      assert.deepEqual(
        await fresh.scoreTokens(prefix, continuations),
        scores[i],
        `${type}: on a fresh model`,
      );
      await fresh.close();
    }
  }
});

test("usage counts the tokens that scoring reads, and those that it held already", async () => {
  const counted = await openGguf(tiny, { threads: 1 });
  const request = { prompt: "the man said", continuations: [" yes"] };
  const tokens = counted.tokenizer.encode(request.prompt).length;
  const read = counted.tokenizer.encode(" yes").length - 1;
  const seen: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    await counted.score([request]);
    seen.push(counted.usage?.());
  }
  // The last token of a prompt is read again: its logits are wanted.
  assert.deepEqual(seen, [
    { promptTokens: tokens + read, completionTokens: 0, reusedTokens: 0 },
    { promptTokens: 2 * (tokens + read), completionTokens: 0, reusedTokens: tokens - 1 },
  ]);
  await counted.close();
});

test("quantised files are smaller, say their type and stay near the original", async () => {
  const half = join(folder, "half.gguf");
  await quantizeGguf(tiny, half, "f16");
  const header = await readGgufHeader(half);
  assert.equal(header.metadata.get("general.file_type"), 1);
  assert.equal(header.tensors.find(({ name }) => name === "blk.0.ffn_up.weight")!.type, "F16");
  assert(header.fileBytes < (await readGgufHeader(tiny)).fileBytes);
  const quantised = await openGguf(half, { threads: 1 });
  const request = { prompt: "the man", continuations: [" said no"] };
  const [[before], [after]] = [await model.score([request]), await quantised.score([request])] as const;
  assert(Math.abs(before![0]!.logProbability - after![0]!.logProbability) < 0.5);
  await quantised.close();
  await assert.rejects(quantizeGguf(tiny, half, "q9" as GgufFileType), { code: "unknown-gguf-type" });
});

test("a chat template of the model's own formats conversations", async () => {
  const path = join(folder, "chat.gguf");
  await writeTinyGguf(path, {
    chatTemplate:
      "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" +
      "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
  });
  const chat = await openGguf(path, { threads: 1 });
  const text = chat.formatChat([{ role: "user", content: "the man" }]);
  assert.equal(text, "<|im_start|>user\nthe man<|im_end|>\n<|im_start|>assistant\n");
  const start = chat.tokenizer.encode(text, { special: "parse" })[0]!;
  assert(chat.tokenizer.isSpecial(start));
  assert(!chat.tokenizer.isSpecial(chat.tokenizer.encode(text)[0]!));
  await chat.close();
});

test("without a template the conversation has Apollo's format", () => {
  const messages = [
    { role: "user", content: "A?" },
    { role: "assistant", content: "B." },
    { role: "user", content: "C?" },
  ] as const;
  assert.equal(model.formatChat(messages), "User:A?\nAssistant:B.\nUser:C?\nAssistant:");
});

test("a beginning-of-text token is put first once, when the model wants it", async () => {
  const path = join(folder, "bos.gguf");
  await writeTinyGguf(path, { addBos: true });
  const { tokenizer, close } = await openGguf(path, { threads: 1 });
  const bos = tokenizer.bosId!;
  assert(tokenizer.addBos);
  assert.deepEqual([...tokenizer.encode("a", { bos: true })], [bos, 97]);
  assert.deepEqual([...tokenizer.encode("<|endoftext|>a", { bos: true, special: "parse" })], [bos, 97]);
  assert.deepEqual([...tokenizer.encode("a")], [97]);
  await close();
});

test("sequences run out with a clear error and come back when disposed", () => {
  const sessions = Array.from({ length: 4 }, () => model.open());
  assert.throws(() => model.open(), { code: "sequences-in-use" });
  for (const session of sessions) session.dispose();
  model.open().dispose();
});

test("the event loop turns while a prompt is evaluated", async () => {
  const session = model.open();
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await session.advance(new Int32Array(500).fill(97));
  clearInterval(timer);
  session.dispose();
  assert(turns > 0);
});

test("broken files are a user's mistake, told in one line", async () => {
  const bytes = await readFile(tiny);
  const cases: [name: string, data: Buffer | undefined, code: string][] = [
    ["missing", undefined, "file-not-found"],
    ["empty", Buffer.alloc(0), "not-gguf"],
    ["text", Buffer.from("version https://git-lfs.github.com/spec/v1"), "not-gguf"],
    ["header cut", bytes.subarray(0, 1000), "truncated-gguf"],
    ["data cut", bytes.subarray(0, bytes.length - 100), "truncated-gguf"],
    [
      "other version",
      Buffer.concat([bytes.subarray(0, 4), Buffer.from([9, 0, 0, 0]), bytes.subarray(8)]),
      "gguf-version",
    ],
    [
      "unknown architecture",
      Buffer.from(bytes.toString("latin1").replaceAll("qwen2", "qwenX"), "latin1"),
      "unusable-gguf",
    ],
  ];
  for (const [name, data, code] of cases) {
    const path = join(folder, `${name}.gguf`);
    if (data !== undefined) await writeFile(path, data);
    await assert.rejects(openGguf(path), (error) => {
      assert(error instanceof UserError, `${name}: ${error}`);
      assert.equal(error.code, code, name);
      assert.equal(error.file, path);
      assert(!error.line.includes("\n"));
      return true;
    });
  }
  await assert.rejects(openGguf(folder), { code: "not-a-file" });
  await assert.rejects(openGguf(tiny, { contextLength: 100_000 }), { code: "context-too-long" });
  await assert.rejects(openGguf(tiny, { threads: 0 }), { code: "bad-model-option" });
});
