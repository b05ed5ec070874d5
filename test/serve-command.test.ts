// `apollo serve` as its user meets it: another process, a GGUF file, a port, a signal.
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import { load } from "./load.test.helper.ts";

const CLI = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
let folder: string;
let file: string;

before(async () => {
  const engine = await load<typeof import("../src/engine/index.ts")>("engine/index.js");
  folder = await mkdtemp(join(tmpdir(), "apollo-serve-"));
  file = join(folder, "tiny.gguf");
  await engine.writeTinyGguf(file, { contextLength: 2048 });
});
after(() => rm(folder, { recursive: true }));

async function serve(...words: string[]): Promise<{ child: ChildProcess; url: string; models: string[] }> {
  const child = spawn(process.execPath, [CLI, "serve", "--model", file, "--port", "0", "--json", ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  return { child, ...JSON.parse(line) };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} lets the answer in progress end, then the process ends well`, async () => {
    const { child, url, models } = await serve();
    assert.deepEqual(models, ["tiny"]);
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
    const stream = await client.completions.create({
      model: "tiny",
      prompt: "yes",
      max_tokens: 30,
      temperature: 0,
      stream: true,
    });
    const ended = once(child, "exit");
    let signalled = false;
    let finish: string | null = null;
    for await (const chunk of stream) {
      if (!signalled) signalled = child.kill(signal);
      finish = chunk.choices[0]?.finish_reason ?? finish;
    }
    assert.notEqual(finish, null);
    assert.deepEqual(await ended, [0, null]);
  });
}

test("a port in use and an open door without a key are the user's mistakes, told in one line", async () => {
  const { child, url } = await serve();
  try {
    for (const [words, code] of [
      [["--port", new URL(url).port], "port-in-use"],
      [["--host", "0.0.0.0"], "key-needed"],
    ] as const) {
      const other = spawn(process.execPath, [CLI, "serve", "--model", file, "--json", ...words], {
        env: { ...process.env, APOLLO_API_KEY: undefined },
      });
      let [output, errors] = ["", ""];
      other.stdout.on("data", (data) => {
        output += data;
      });
      other.stderr.on("data", (data) => {
        errors += data;
      });
      assert.deepEqual(await once(other, "close"), [2, null]);
      assert.equal(JSON.parse(output).error.code, code);
      assert.equal(errors.trim().split("\n").length, 1, errors);
    }
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
});
