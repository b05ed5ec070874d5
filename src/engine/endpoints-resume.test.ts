import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type LogitModel, openGguf, recordAnswers, writeTinyGguf } from "./index.ts";
import { type ModelServer, startModelServer } from "./model-server.test.helper.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
const ITEMS = 48;
let folder: string;
let local: LogitModel;
const servers: ModelServer[] = [];
/** Prompts of the requests that were answered whole, over all servers. */
let answered: string[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-bulk-"));
  await writeTinyGguf(join(folder, "tiny.gguf"), { seed: 5 });
  local = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
  const items = Array.from({ length: ITEMS }, (_, i) => ({
    id: `item-${i}`,
    question: `the man said ${i}`,
    options: "(A) yes\n(B) no\n(C) then",
    answer: "(B)",
    source: "made-en",
  }));
  await writeFile(join(folder, "suite.json"), JSON.stringify(items));
  for (let i = 0; i < 3; i++) {
    const server = await startModelServer(local);
    servers.push(server);
    server.hook = async (_request, response, body) => {
      if (!("prompt" in body)) return false;
      response.on("finish", () => answered.push(JSON.stringify([body.prompt, body.echo, body.max_tokens])));
      // Uneven, so that answers come out of order.
      await sleep(5 + 15 * ((answered.length + i) % 3));
      return false;
    };
  }
});
after(async () => {
  for (const server of servers) await server.stop();
  await local.close();
  await rm(folder, { recursive: true });
});

function start(
  out: string,
  model: string,
  mode: string,
): { child: ChildProcess; ended: Promise<Record<string, unknown>> } {
  const words = ["bench", "run", "--suite", join(folder, "suite.json"), "--mode", mode, "--json"];
  const child = spawn(process.execPath, [MAIN, ...words, "--model", model, "--out", out], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  child.stderr.resume();
  const parse = (): Record<string, unknown> => {
    try {
      return JSON.parse(text.trim().split("\n").at(-1)!) as Record<string, unknown>;
    } catch {
      return {};
    }
  };
  return { child, ended: once(child, "close").then(parse) };
}

for (const mode of ["letter", "generate"])
  test(`a run over several servers, mode ${mode}, killed and continued, asks nothing twice and ends in one server's bytes`, async () => {
    const all = `${servers.map(({ url }) => url).join(",")}#tiny`;
    const single = join(folder, `single-${mode}`);
    await start(single, `${servers[0]!.url}#tiny`, mode).ended;
    const expected = await readFile(join(single, "samples.jsonl"), "utf8");
    assert.equal(expected.trim().split("\n").length, ITEMS);

    answered = [];
    const out = join(folder, `killed-${mode}`);
    const log = join(out, "answers.jsonl");
    const kept = async (): Promise<number> =>
      (await readFile(log, "utf8").catch(() => "")).split("\n").length - 1;
    const { child, ended } = start(out, all, mode);
    while (child.exitCode === null && (await kept()) < ITEMS / 3) await sleep(2);
    child.kill("SIGKILL");
    await ended;
    assert.equal(child.signalCode, "SIGKILL");
    const before = await kept();
    assert(before >= ITEMS / 3 && before < ITEMS);
    // What was answered but not kept was under way when the process died.
    answered = [];
    const result = await start(out, all, mode).ended;
    assert.equal(await readFile(join(out, "samples.jsonl"), "utf8"), expected);
    assert.equal(answered.length, new Set(answered).size, "no request twice");
    const endpoints = result.endpoints as { requests: number }[];
    assert.equal(endpoints.length, 3);
    assert.equal(
      endpoints.reduce((sum, { requests }) => sum + requests, 0),
      ITEMS - before,
    );
    assert(!(await readdir(out)).includes("answers.jsonl"), "its answers are in the samples now");
  });

test("what was recorded is not asked again, and a foreign line is refused", async () => {
  const path = join(folder, "answers.jsonl");
  const requests = [{ prompt: "the", continuations: [" man"] }];
  const request = { input: { prompt: "the man" }, maxTokens: 4 };
  const read = async (model: typeof first): Promise<unknown> => {
    const chunks: unknown[] = await model.score(requests);
    for await (const chunk of model.generate(request)) chunks.push(chunk);
    return chunks;
  };
  let asked = 0;
  const counting = {
    ...local,
    score: (list: Parameters<typeof local.score>[0]) => {
      asked++;
      return local.score(list);
    },
    generate: (one: typeof request) => {
      asked++;
      return local.generate(one);
    },
    close: () => Promise.resolve(),
  };
  const first = await recordAnswers(counting, path, "one");
  const answers = await read(first);
  await first.close();
  assert.equal(asked, 2);
  const second = await recordAnswers(counting, path, "one");
  assert.deepEqual(await read(second), answers);
  await second.close();
  assert.equal(asked, 2);
  // The same questions to another model are other questions.
  const other = await recordAnswers(counting, path, "other");
  await read(other);
  assert.equal(asked, 4);
  await other.discard();
  assert(!(await readdir(folder)).includes("answers.jsonl"));
  await writeFile(path, '{"request": "a"}\n');
  await assert.rejects(recordAnswers(counting, path, "one"), { code: "bad-request-ledger", at: "line 1" });
});
