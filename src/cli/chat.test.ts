// `apollo chat` as its user meets it: another process, a GGUF file, lines in, a conversation out.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { writeTinyGguf } from "../engine/index.ts";
import { MAIN, runHere } from "./run-cli.test.helper.ts";

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
  const child = spawn(
    process.execPath,
    [MAIN, "chat", "--model", model, "--threads", "1", "--max-tokens", "12", ...words],
    {
      cwd: folder,
      env: { ...process.env, NO_COLOR: "1", LANG: "C", LC_ALL: "C" },
    },
  );
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

test("without --json: answers and cards on standard output, the rest beside it", async () => {
  const lines = ["أبي عنده ألم شديد في صدره وعرقان", "my phone is +1 415-555-0199", "/wrong", "never asked"];
  const { code, stdout, stderr } = await chat(lines.join("\n"), ["--region", "EG", "--language", "fr"]);
  assert.match(stdout, /^\n!! قد تكون هذه حالة طارئة/);
  assert.match(stdout, /\u2068EG 123\u2069/);
  assert.ok(!stdout.includes("personnelles"));
  assert.match(stderr, /pas un médecin/);
  assert.match(stderr, /données personnelles \(téléphone\)/);
  assert.match(stderr, /no such command: \/wrong/);
  assert.equal(code, 2, "in a pipe a mistake ends the chat");
});

test("options are checked before the model is opened", async () => {
  for (const [words, message] of [
    [["--language", "de"], /--language must be one of/],
    [["--region", "XX"], /no numbers of "XX"/],
  ] as const) {
    const { code, stderr } = await runHere(["chat", "--model", "absent.gguf", ...words]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});

const script = ["/usr/bin/script", "/bin/script"].find((path) => existsSync(path));
test("in a terminal Ctrl-C stops the answer, then ends the chat", {
  skip: process.platform !== "linux" || script === undefined ? "no `script` to make a terminal with" : false,
}, async () => {
  const line = `"${process.execPath}" "${MAIN}" chat --model "${model}" --threads 1 --max-tokens 2000`;
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
    await until(/hello\s+\S{3}/);
    child.stdin.write("\x03");
    await until(/\(stopped\)[\s\S]*> /);
    child.stdin.write("\x03");
    assert.equal(await ended, 0);
  } finally {
    child.kill();
  }
});
