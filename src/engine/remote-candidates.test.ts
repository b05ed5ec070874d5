import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { LogitModel } from "./language-model.ts";
import { openGguf } from "./open-gguf.ts";
import { type CandidateReader, createCandidateReader } from "./remote-candidates.ts";
import { tinyVocabulary, writeTinyGguf } from "./testing.ts";

const YES = tinyVocabulary().indexOf("Ġyes");
const NO = tinyVocabulary().indexOf("Ġno");
let folder: string;
let model: LogitModel;
let read: CandidateReader;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-candidates-"));
  await writeTinyGguf(join(folder, "tiny.gguf"));
  model = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
  read = createCandidateReader(model.tokenizer, "http://server/v1");
});
after(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

const found = (choice: object): [number, number][] => {
  const { ids, logProbabilities } = read({ choices: [choice] });
  return ids.map((id, i) => [id, logProbabilities[i]!]);
};

/** Byte token 0xE4, the start of a Chinese character. */
const HALF = [0xe4];

for (const [server, choice, expected] of [
  [
    "llama-server (ids)",
    {
      logprobs: {
        content: [
          {
            id: YES,
            token: " yes",
            bytes: [32, 121, 101, 115],
            logprob: -0.25,
            top_logprobs: [
              { id: YES, token: " yes", logprob: -0.25 },
              { id: NO, token: " no", logprob: -2 },
            ],
          },
        ],
      },
    },
    { [YES]: -0.25, [NO]: -2 },
  ],
  [
    "vLLM asked for ids",
    {
      text: " yes",
      logprobs: {
        tokens: [`token_id:${YES}`],
        token_logprobs: [-0.25],
        top_logprobs: [{ [`token_id:${YES}`]: -0.25, [`token_id:${NO}`]: -2 }],
      },
    },
    { [YES]: -0.25, [NO]: -2 },
  ],
  [
    "a chat route (bytes)",
    {
      logprobs: {
        content: [
          {
            token: " yes",
            logprob: -0.25,
            top_logprobs: [
              { token: " yes", bytes: [32, 121, 101, 115], logprob: -0.25 },
              { token: "\u{fffd}", bytes: HALF, logprob: -3 },
            ],
          },
        ],
      },
    },
    { [YES]: -0.25, half: -3 },
  ],
  [
    "texts alone; unknown ones count as not returned",
    {
      text: " yes",
      logprobs: {
        tokens: [" yes"],
        top_logprobs: [{ " yes": -0.25, "bytes:\\xe4": -3, " notatokenhere": -1, " no": null }],
      },
    },
    { [YES]: -0.25, half: -3 },
  ],
] as const)
  test(`candidates as given by ${server}`, () => {
    const half = model.tokenizer.encode("你").at(0)!;
    assert.deepEqual([...model.tokenizer.bytes(half)], HALF);
    const wanted = Object.entries(expected).map(([id, value]) => [id === "half" ? half : Number(id), value]);
    assert.deepEqual(new Map(found(choice)), new Map(wanted as [number, number][]));
  });

test("a token that ends inside a character: llama-server's text lacks the broken-off bytes", () => {
  const told = (id: number, token: string): object => ({
    choices: [{ logprobs: { content: [{ id, token, logprob: -1, top_logprobs: [] }] } }],
  });
  // Here NO is a space and the first byte of a Chinese character.
  const tokenizer = {
    ...model.tokenizer,
    bytes: (id: number): Uint8Array => (id === NO ? Uint8Array.of(32, ...HALF) : model.tokenizer.bytes(id)),
  };
  const readHalf = createCandidateReader(tokenizer, "http://server/v1");
  assert.deepEqual(readHalf(told(NO, " ")).ids, [NO]);
  assert.throws(() => readHalf(told(NO, " n")), { code: "vocabularies-differ" });
  assert.throws(() => readHalf(told(YES, " y")), { code: "vocabularies-differ" });
});

test("a token that ends a character: vLLM's text is the whole text so far", () => {
  const told = (id: number, text: string): object => ({
    choices: [{ text, logprobs: { tokens: [`token_id:${id}`], top_logprobs: [{ [`token_id:${id}`]: -1 }] } }],
  });
  const tokenizer = {
    ...model.tokenizer,
    bytes: (id: number): Uint8Array => (id === NO ? Uint8Array.of(0x85) : model.tokenizer.bytes(id)),
  };
  const readHalf = createCandidateReader(tokenizer, "http://server/v1");
  assert.deepEqual(readHalf(told(NO, "the man said 必")).ids, [NO]);
  assert.throws(() => readHalf(told(NO, "the man said 心")), { code: "vocabularies-differ" });
  assert.throws(() => readHalf(told(YES, "the man said 必")), { code: "vocabularies-differ" });
});

test("an end that the server says nothing of is the token that ends texts", () => {
  assert.deepEqual(found({ text: "", finish_reason: "stop", logprobs: null }), [[model.tokenizer.eosId, 0]]);
});

test("other vocabularies and answers without candidates are refused", () => {
  const top = (entry: object): object => ({
    logprobs: { content: [{ ...entry, logprob: -1, top_logprobs: [] }] },
  });
  assert.throws(() => found(top({ id: YES, token: " oui" })), {
    code: "vocabularies-differ",
    message: new RegExp(`its token ${YES} is " oui", theirs " yes"`, "u"),
  });
  assert.throws(
    () =>
      found({
        text: " oui",
        logprobs: { tokens: [`token_id:${YES}`], top_logprobs: [{ [`token_id:${YES}`]: -1 }] },
      }),
    {
      code: "vocabularies-differ",
    },
  );
  assert.throws(() => found(top({ token: " notatokenhere" })), { code: "vocabularies-differ" });
  assert.throws(() => found({ text: " yes", finish_reason: "length" }), { code: "remote-no-candidates" });
  assert.throws(() => read({ error: "no" }), { code: "remote-no-candidates" });
});
