import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type LogitModel, openGguf, writeTinyGguf } from "../engine/index.ts";
import { createNgramModel } from "../engine/ngram-model.test.helper.ts";
import { type App, createApp } from "./app.ts";

const TEMPLATE = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>";
let folder: string;
let model: LogitModel;
let app: App;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-tokenize-"));
  await writeTinyGguf(join(folder, "tiny.gguf"), { chatTemplate: TEMPLATE });
  model = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
  app = createApp({ models: [model] });
});
after(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever JSON came back
async function post(path: string, body: object, on = app): Promise<{ status: number; json: any }> {
  const response = await on.request(path, { method: "POST", body: JSON.stringify(body) });
  return { status: response.status, json: await response.json() };
}

const TEXT = "the man said: ماء، पानी";

test("tokens in llama-server's shape: ids, or each with its piece, as bytes where it is a part of a character", async () => {
  const ids = [...model.tokenizer.encode(TEXT)];
  const { json } = await post("/tokenize", { content: TEXT, parse_special: false });
  assert.deepEqual(json, { tokens: ids });
  const pieces = (await post("/tokenize", { content: TEXT, with_pieces: true })).json.tokens;
  const bytes = pieces.flatMap(({ piece }: { piece: string | number[] }) =>
    typeof piece === "string" ? [...Buffer.from(piece)] : piece,
  );
  assert.equal(Buffer.from(bytes).toString(), model.tokenizer.decode(ids, { special: true }));
  assert.ok(pieces.some(({ piece }: { piece: unknown }) => Array.isArray(piece)));
});

test("tokens in vLLM's shape, of text and of conversations, and back", async () => {
  const bare = (await post("/tokenize", { prompt: TEXT, add_special_tokens: false })).json;
  assert.deepEqual(bare.tokens, [...model.tokenizer.encode(TEXT)]);
  assert.equal(bare.count, bare.tokens.length);
  assert.equal(bare.max_model_len, model.contextLength);
  assert.equal(bare.token_strs, null);
  const whole = (await post("/tokenize", { prompt: TEXT, return_token_strs: true })).json;
  assert.deepEqual(whole.tokens, [...model.tokenizer.encode(TEXT, { bos: true })]);
  assert.equal(whole.token_strs.length, whole.count);
  const messages = [{ role: "user" as const, content: "yes?" }];
  const chat = (await post("/tokenize", { messages })).json;
  assert.deepEqual(chat.tokens, [...model.encodeChat(messages)]);
  const back = (await post("/detokenize", { tokens: bare.tokens })).json;
  assert.deepEqual(back, { content: TEXT, prompt: TEXT });
});

test("lm-evaluation-harness finds a tokenizer here", async () => {
  const info = (await (await app.request("/tokenizer_info")).json()) as Record<string, unknown>;
  const spelled = model.tokenizer.decode([model.tokenizer.eosId!], { special: true });
  assert.equal(info.eos_token, spelled);
  assert.equal(info.chat_template, TEMPLATE);
  // It learns the id so.
  const { json } = await post("/tokenize", { prompt: spelled, add_special_tokens: false });
  assert.deepEqual(json.tokens, [model.tokenizer.eosId]);
});

test("what cannot be tokenised is refused by name, and a key is asked for where there is one", async () => {
  for (const [path, body, param] of [
    ["/tokenize", {}, "content"],
    ["/tokenize", { content: "a", prompt: "b" }, "content"],
    [
      "/tokenize",
      { messages: [{ role: "user", content: "a" }], add_generation_prompt: false },
      "add_generation_prompt",
    ],
    ["/detokenize", { tokens: [10 ** 6] }, "tokens"],
    ["/detokenize", { tokens: "a" }, "tokens"],
  ] as const) {
    const { status, json } = await post(path, body);
    assert.equal(status, 400, JSON.stringify(body));
    assert.equal(json.error.param, param);
  }
  const two = createApp({ models: [model, createNgramModel("a b")] });
  assert.equal((await two.request("/tokenizer_info")).status, 400);
  assert.equal((await two.request("/tokenizer_info?model=ngram")).status, 200);
  assert.deepEqual((await post("/tokenize", { model: "ngram", content: "ab" }, two)).json.tokens, [97, 98]);
  const locked = createApp({ models: [model], apiKey: "secret" });
  for (const path of ["/tokenize", "/detokenize"])
    assert.equal((await post(path, { content: "a" }, locked)).status, 401);
  assert.equal((await locked.request("/tokenizer_info")).status, 401);
  const foreign = { headers: { origin: "http://elsewhere.example" } };
  assert.equal((await app.request("/tokenizer_info", foreign)).status, 403);
});
