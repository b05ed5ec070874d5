// `apollo chat` as its user meets it: another process, a GGUF file, lines in, a conversation out.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeTinyGguf } from "../engine/index.ts";
import { MAIN } from "./run-cli.test.helper.ts";

let folder: string;
let model: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-chat-"));
  model = join(folder, "tiny.gguf");
  await writeTinyGguf(model, { contextLength: 2048 });
});
after(() => rm(folder, { recursive: true }));

/** Runs a whole conversation; `words` after `apollo chat`. */
async function chat(input: string, words: readonly string[] = []) {
  const child = spawn(process.execPath, [MAIN, "chat", "--model", model, "--max-tokens", "12", ...words], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", LANG: "C", LC_ALL: "C" },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

test("a pipe: each line is answered, history is kept until /clear, the conversation is saved", async () => {
  const { code, stdout, stderr } = await chat(
    ["hello", "", "and then?", "/save chat.md", "/save chat.json", "/clear", "hello", "/help", "/model"].join(
      "\n",
    ),
    ["--json"],
  );
  assert.equal(code, 0, stderr);
  assert.match(stderr, /not a doctor/);
  assert.match(stderr, /\/alpha \[X\]/);
  assert.match(stderr, /tiny answers\./);
  const { exchanges } = JSON.parse(stdout);
  assert.equal(exchanges.length, 1, "what was cleared is gone");
  const saved = JSON.parse(await readFile(join(folder, "chat.json"), "utf8"));
  assert.deepEqual(
    saved.exchanges.map(({ question }: { question: string }) => question),
    ["hello", "and then?"],
  );
  assert.equal(saved.exchanges[0].answer, exchanges[0].answer, "the same question at temperature 0");
  assert.match(saved.notice, /not a doctor/);
  assert.match(await readFile(join(folder, "chat.md"), "utf8"), /## Answer\n\n\*tiny · temperature 0/);
});

test("without --json the answers alone are on standard output", async () => {
  const plain = await chat("hello\n");
  const { exchanges } = JSON.parse((await chat("hello\n", ["--json"])).stdout);
  assert.equal(plain.stdout.replace(/[\u2068\u2069]/gu, ""), `${exchanges[0].answer}\n`);
});

test("danger signs come first, in the language of the message, with the numbers of the chosen country", async () => {
  const { stdout } = await chat("أبي عنده ألم شديد في صدره وعرقان\n", ["--region", "EG"]);
  assert.match(stdout, /^\n!! قد تكون هذه حالة طارئة/);
  assert.match(stdout, /\u2068EG 123\u2069/);
  const { stderr } = await chat("my phone is +1 415-555-0199\n", ["--language", "fr"]);
  assert.match(stderr, /pas un médecin/);
  assert.match(stderr, /personal data \(phone\)/);
});

test("mistakes are the user's, in one line", async () => {
  for (const [input, words, message] of [
    ["/alpha 1\n", [], /no proxy-tuned trio/],
    ["/wrong\n", [], /no such command: \/wrong/],
    ["/save chat.txt\n", [], /writes \.md and \.json/],
    ["", ["--language", "de"], /--language must be one of/],
    ["", ["--region", "XX"], /no numbers of "XX"/],
  ] as const) {
    const { code, stderr } = await chat(input, words);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
});

test("a trio is steered with /alpha, and /model changes who answers", async () => {
  const trio = `proxy:${model}+${model}-${model}@1`;
  const { code, stdout, stderr } = await chat(`/model ${trio}\n/alpha 0.5\nhello\n/model ${model}\nhello\n`, [
    "--json",
  ]);
  assert.equal(code, 0, stderr);
  const { exchanges } = JSON.parse(stdout);
  assert.deepEqual(
    exchanges.map(({ alpha }: { alpha?: number }) => alpha),
    [0.5, undefined],
  );
});

const script = ["/usr/bin/script", "/bin/script"].find((path) => existsSync(path));
test("in a terminal Ctrl-C stops the answer, then ends the chat", {
  skip: process.platform !== "linux" || script === undefined ? "no `script` to make a terminal with" : false,
}, async () => {
  const line = `"${process.execPath}" "${MAIN}" chat --model "${model}" --max-tokens 2000`;
  const child = spawn(script!, ["-qec", line, "/dev/null"], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
  });
  let shown = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    shown += text;
  });
  const until = async (pattern: RegExp): Promise<void> => {
    for (let i = 0; i < 1500 && !pattern.test(shown); i++)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.match(shown, pattern);
  };
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  try {
    await until(/> /);
    shown = "";
    child.stdin.write("hello\r");
    await until(/hello\r\n[\s\S]{20}/);
    child.stdin.write("\x03");
    await until(/\(stopped\)[\s\S]*> /);
    child.stdin.write("\x03");
    assert.equal(await ended, 0);
  } finally {
    child.kill();
  }
});
