import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { writeTinyGguf } from "../engine/index.ts";
import { openModel } from "./open-model.ts";
import { createTerminalChat } from "./terminal-chat.ts";

let folder: string;
let file: string;
const open = (spec: string) => openModel(spec, { threads: 1 });
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-terminal-chat-"));
  file = join(folder, "tiny.gguf");
  await writeTinyGguf(file, { contextLength: 1024 });
});
after(() => rm(folder, { recursive: true }));

async function start() {
  const notes: string[] = [];
  const written: string[] = [];
  const chat = createTerminalChat({
    model: await open(file),
    open,
    write: (text) => written.push(text),
    note: (line) => notes.push(line),
    maxTokens: 6,
  });
  const { signal } = new AbortController();
  return { chat, notes, written, say: (line: string) => chat.take(line, signal) };
}

test("mistakes are told and lose nothing", async () => {
  const { chat, say } = await start();
  await say("hello");
  for (const [line, code] of [
    ["/alpha 1", "no-alpha"],
    ["/wrong", "unknown-command"],
    ["/save chat.txt", "bad-file-name"],
    ["/save", "missing-argument"],
    ["word ".repeat(3000), "context-too-small"],
  ] as const) {
    await assert.rejects(
      say(line),
      (error: unknown) => error instanceof UserError && (error.code === code || line.startsWith("word")),
    );
    assert.equal(chat.exchanges.length, 1, line.slice(0, 20));
  }
  assert.equal(await say("/exit"), false);
  await chat.close();
});

test("a trio is steered with /alpha, /model changes who answers, and the record says so", async () => {
  const { chat, notes, say } = await start();
  await say(`/model proxy:${file}+${file}-${file}@1`);
  await say("/alpha 0.5");
  await say("hello");
  await say(`/model ${file}`);
  await say("hello");
  assert.deepEqual(
    notes.filter((note) => note.startsWith("alpha")),
    ["alpha 0.5"],
  );
  assert.deepEqual(
    chat.exchanges.map(({ alpha }) => alpha),
    [0.5, undefined],
  );
  const path = join(folder, "chat.json");
  await say(`/save ${path}`);
  assert.equal(JSON.parse(await readFile(path, "utf8")).exchanges[0].alpha, 0.5);
  await chat.close();
});

test("a stopped answer is kept as far as it came", async () => {
  const { chat, notes } = await start();
  const controller = new AbortController();
  controller.abort();
  assert.equal(await chat.take("hello", controller.signal), true);
  assert.equal(chat.exchanges[0]?.finish, "stopped");
  assert.ok(notes.includes("(stopped)"));
  await chat.close();
});
