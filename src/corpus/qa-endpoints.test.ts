import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { medicineText, type QaServer, startQaServer, TEST_PROMPTS } from "./qa-server.test.helper.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
let folder: string;
const servers: QaServer[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-qa-endpoints-"));
  await writeFile(join(folder, "prompts.json"), JSON.stringify(TEST_PROMPTS));
  const texts = Array.from({ length: 40 }, (_, i) => medicineText(i));
  await writeFile(join(folder, "medicalWiki_en_text.json"), JSON.stringify(texts));
  servers.push(await startQaServer({ milliseconds: 4 }));
  // One too busy every fifth time, one that cuts every third answer, one that talks nonsense.
  servers.push(
    await startQaServer({ milliseconds: 4, fault: (n) => (n % 5 === 4 ? "too-many" : undefined) }),
  );
  servers.push(await startQaServer({ milliseconds: 4, fault: (n) => (n % 3 === 2 ? "cut" : undefined) }));
  servers.push(await startQaServer({ fault: () => "not-json" }));
});
after(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

/** Files of pairs in a corpus, and what the command said. */
async function generate(model: string, out: string) {
  const words = ["corpus", "qa", join(folder, "medicalWiki_en_text.json"), "--json", "--kind", "both"];
  const more = ["--model", model, "--prompts", join(folder, "prompts.json"), "--out", join(folder, out)];
  const price = ["--price-prompt", "1", "--price-completion", "2"];
  const child = spawn(process.execPath, [MAIN, ...words, ...more, ...price], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    text += part;
  });
  await once(child, "close");
  const names = ["medicalWiki_en_qa.json", "medicalPatient_en.json"];
  return {
    said: JSON.parse(text.trim().split("\n").at(-1)!),
    files: await Promise.all(names.map((name) => readFile(join(folder, out, name), "utf8"))),
  };
}

test("pairs made over several bad servers are those of one good one, each answer paid once and counted where it was given", async () => {
  const one = await generate(`${servers[0]!.url}#tester`, "one");
  const list = join(folder, "servers.txt");
  await writeFile(list, servers.map(({ url }) => `${url}\n`).join(""));
  const several = await generate(`endpoints:${list}#tester`, "several");
  assert.deepEqual(several.files, one.files);
  assert.equal(several.said.requests, one.said.requests);
  assert.deepEqual(several.said.unanswered, {});
  const { endpoints } = several.said;
  assert.deepEqual(
    endpoints.map(({ url }: { url: string }) => url),
    servers.map(({ url }) => url),
  );
  const answers = endpoints.map(({ requests }: { requests: number }) => requests);
  assert.equal(
    answers.reduce((a: number, b: number) => a + b),
    several.said.requests,
  );
  assert.equal(answers[3], 0);
  assert(answers[0] > 0 && answers[1] > 0 && answers[2] > 0, answers.join());
  const sum = (field: string): number =>
    endpoints.reduce((total: number, one: Record<string, number>) => total + one[field]!, 0);
  assert.equal(sum("promptTokens"), several.said.promptTokens);
  assert(Math.abs(sum("cost") - several.said.cost) < 1e-9);
});
