// Grammars on a real model: whatever it wants to say, the text follows the rules.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type GenerateRequest, type LogitModel, openGguf, writeTinyGguf } from "./index.ts";

let folder: string;
let model: LogitModel;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-grammar-"));
  await writeTinyGguf(join(folder, "tiny.gguf"), { seed: 3 });
  model = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
});

after(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

async function answer(
  options: Partial<GenerateRequest>,
): Promise<{ text: string; finish: string | undefined }> {
  let text = "";
  let finish: string | undefined;
  for await (const chunk of model.generate({ input: { prompt: "the man" }, maxTokens: 40, ...options })) {
    text += chunk.text;
    finish = chunk.finish;
  }
  return { text, finish };
}

test("generated text follows the grammar and ends where it does, at every temperature", async () => {
  const grammar = 'root ::= "{\\"answer\\":" ("\\"yes\\"" | "\\"no\\"") ",\\"n\\":" [0-9] [0-9] "}"';
  const seen = new Set<string>();
  for (const request of [
    {},
    { temperature: 1, seed: 1 },
    { temperature: 3, topP: 0.9, seed: 2 },
    { temperature: 2, seed: 3 },
  ]) {
    const { text, finish } = await answer({ ...request, grammar });
    assert.match(text, /^\{"answer":"(yes|no)","n":\d\d\}$/u);
    assert.equal(finish, "stop", "a finished grammar leaves the end token alone");
    seen.add(text);
  }
  assert(seen.size > 1);
});

test("a grammar holds text in other scripts, whose characters are several tokens", async () => {
  const { text } = await answer({ grammar: 'root ::= "发烧" [\\u0928\\u0915] "ض"', temperature: 1 });
  assert.match(text, /^发烧[नक]ض$/u);
});

test("a model that already says what the grammar allows is not changed by it", async () => {
  const words = { logitBias: new Map([..."aeno"].map((text) => [model.tokenizer.encode(text)[0]!, 50])) };
  const free = await answer({ ...words, maxTokens: 12 });
  assert.match(free.text, /^[aeno]{12}$/u);
  assert.deepEqual(await answer({ ...words, maxTokens: 12, grammar: "root ::= [a-z]*" }), free);
});

test("what is no grammar is a user's mistake", async () => {
  for (const grammar of ["", "root := 1", 'start ::= "a"', "root ::= other", "root ::= root"])
    await assert.rejects(answer({ grammar }), { code: "bad-grammar" });
  assert.equal((await answer({ grammar: 'root ::= "a"' })).text, "a", "the model works on");
});

test("a bias and penalties reach the model; ids it does not have are refused", async () => {
  const a = model.tokenizer.encode("a")[0]!;
  assert.equal((await answer({ logitBias: new Map([[a, 100]]), maxTokens: 3 })).text, "aaa");
  const { text } = await answer({ logitBias: new Map([[a, 100]]), presencePenalty: 100, maxTokens: 3 });
  assert.equal(text.split("a").length, 2, text);
  await assert.rejects(answer({ logitBias: new Map([[99_999, 1]]) }), { code: "bad-sampling-option" });
});
