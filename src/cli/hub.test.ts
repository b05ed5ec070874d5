import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type TestContext, test } from "node:test";
import { fileURLToPath } from "node:url";
import { startLocalHub } from "../hub/index.ts";

const MAIN = fileURLToPath(new URL("./main.js", import.meta.url));

async function startCli(context: TestContext) {
  const hub = await startLocalHub([
    {
      type: "model",
      id: "FreedomIntelligence/Apollo-0.5B",
      files: { "config.json": "{}", "README.md": "#" },
    },
    {
      type: "dataset",
      id: "FreedomIntelligence/ApolloCorpus",
      files: { "ApolloCorpus.zip": "zip", "sft/math_en.json": "[]", "sft/math_zh.json": "[]" },
    },
  ]);
  const home = await mkdtemp(join(tmpdir(), "apollo-pull-"));
  context.after(async () => {
    await hub.close();
    await rm(home, { recursive: true, force: true });
  });
  const apollo = async (...words: string[]) => {
    const env = { ...process.env, HF_HOME: home, HF_ENDPOINT: hub.endpoint, NO_COLOR: "1" };
    const child = spawn(process.execPath, [MAIN, "pull", ...words], { env });
    const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
    const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    return { out, error, code };
  };
  return { hub, home, apollo };
}

test("apollo pull takes short names, prints the folder, and one JSON object with --json", async (t) => {
  const { hub, apollo } = await startCli(t);
  const commit = hub.commitOf("FreedomIntelligence/Apollo-0.5B");
  const people = await apollo("apollo-0.5b");
  assert.equal(people.code, 0, people.error);
  assert.match(people.out, /config\.json\n {2}left out: 1 \(not needed to run\)\n/u);
  const { out } = await apollo("apollo-0.5b", "--revision", commit, "--json");
  const result = JSON.parse(out);
  assert.deepEqual(Object.keys(result), ["folder", "files", "commit", "skipped"]);
  assert.equal(result.commit, commit);
  assert.equal(await readFile(join(result.folder, result.files[0]), "utf8"), "{}");
  const corpus = JSON.parse((await apollo("apollo-corpus", "--exclude", "*_zh.json", "--json")).out);
  assert.deepEqual(corpus.files, ["sft/math_en.json"]);
  assert.deepEqual(corpus.skipped, { "excluded by ApolloCorpus.zip": 1, "excluded by *_zh.json": 1 });
});

test("apollo pull ends a user's mistake with one line and exit code 2", async (t) => {
  const { apollo } = await startCli(t);
  const unknown = await apollo("apollo-9b");
  assert.equal(unknown.code, 2);
  assert.match(
    unknown.error,
    /^error: "apollo-9b" does not name a repository\. Write owner\/name.*apollo-7b.*\n$/u,
  );
  const missing = await apollo("owner/none", "--json");
  assert.equal(missing.code, 2);
  assert.equal(JSON.parse(missing.out).error.code, "repository-not-found");
});
