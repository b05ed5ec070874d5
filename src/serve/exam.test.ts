import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import { createNgramModel } from "../engine/ngram-model.test.helper.ts";
import { createApp } from "./app.ts";
import { readExamResults } from "./exam.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-exam-"));
});
after(() => rm(folder, { recursive: true }));

const row = { n: 40, accuracy: 0.5, interval: [0.35, 0.65], majority: 0.3, mode: "text" };
const write = (sources: unknown): Promise<void> =>
  writeFile(
    join(folder, "results.json"),
    JSON.stringify({ results: {}, apollo: { sources }, config: { model_args: { id: "mine" } } }),
  );

test("a run's results are listed with the model of the same name", async () => {
  await write([
    { ...row, source: "exam-hi", language: "hi" },
    { ...row, source: "none", language: "en", n: 0 },
  ]);
  const exams = [await readExamResults(folder)];
  const app = createApp({
    models: [createNgramModel("a b", { id: "mine" }), createNgramModel("a b", { id: "other" })],
    exams,
  });
  const { data } = (await (await app.request("http://localhost/v1/models")).json()) as {
    data: { apollo: { exam?: unknown } }[];
  };
  assert.deepEqual(data[0]?.apollo.exam, [
    { source: "exam-hi", language: "hi", n: 40, accuracy: 0.5, interval: [0.35, 0.65], majority: 0.3 },
  ]);
  assert.equal(data[1]?.apollo.exam, undefined);
});

test("a folder without results by language is the user's mistake", async () => {
  await write([]);
  await assert.rejects(
    readExamResults(folder),
    (error: unknown) =>
      error instanceof UserError && error.code === "not-exam-results" && error.file !== undefined,
  );
  await assert.rejects(readExamResults(join(folder, "absent")), UserError);
});

test("alpha steers trios for one request, and is refused for other models", async () => {
  const at = (alpha: number): LanguageModel =>
    Object.assign(createNgramModel(`user: q\nassistant: at ${alpha};\n`, { id: "trio", memory: 12 }), {
      alpha,
      withAlpha: at,
    });
  const app = createApp({ models: [at(1), createNgramModel("a b", { id: "plain" })] });
  const ask = async (body: object) => {
    const response = await app.request("http://localhost/v1/chat/completions", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        messages: [{ role: "user", content: "q" }],
        temperature: 0,
        max_tokens: 20,
        ...body,
      }),
    });
    return { status: response.status, text: await response.text() };
  };
  assert.match((await ask({ model: "trio" })).text, /at 1;/);
  assert.match((await ask({ model: "trio", alpha: 0.25 })).text, /at 0\.25;/);
  const refused = await ask({ model: "plain", alpha: 1 });
  assert.equal(refused.status, 400);
  assert.match(refused.text, /steers proxy-tuned models/);
});
