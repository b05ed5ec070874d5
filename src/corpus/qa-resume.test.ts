import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { medicineText, type QaServer, startQaServer, TEST_PROMPTS } from "./qa-server.test.helper.ts";

const MAIN = fileURLToPath(new URL("../cli/main.js", import.meta.url));
/** What is read of results. */
interface QaNumbers {
  readonly asked: number;
  readonly requests: number;
}
interface Manifest {
  readonly result: QaNumbers;
}

const TEXTS = 40;
let folder: string;
/** The same model on two servers. */
let servers: readonly QaServer[];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-qa-resume-"));
  await writeFile(join(folder, "prompts.json"), JSON.stringify(TEST_PROMPTS));
  const texts = Array.from({ length: TEXTS }, (_, i) => medicineText(i));
  await writeFile(join(folder, "medicalWiki_en_text.json"), JSON.stringify(texts));
  servers = [await startQaServer({ milliseconds: 40 }), await startQaServer({ milliseconds: 40 })];
});

after(async () => {
  for (const server of servers) server.close();
  await rm(folder, { recursive: true });
});

function start(
  out: string,
  ...own: readonly string[]
): { readonly child: ChildProcess; readonly ended: Promise<string> } {
  const words = ["corpus", "qa", join(folder, "medicalWiki_en_text.json"), "--json", "--kind", "both"];
  const model = `${servers.map(({ url }) => url).join(",")}#tester`;
  const more = ["--model", model, "--prompts", join(folder, "prompts.json"), "--out", out];
  const child = spawn(process.execPath, [MAIN, ...words, ...more, ...own], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
  return { child, ended: once(child, "close").then(() => text) };
}

/** Completions asked for so far, of all servers. */
function askedOf(): number {
  return servers.reduce((sum, { requests }) => sum + requests.length, 0);
}

async function answersIn(ledger: string): Promise<number> {
  return (await readFile(ledger, "utf8").catch(() => "")).split("\n").length - 1;
}

test("killed at any moment, a run pays for no answer twice and ends in the same bytes", async () => {
  const whole = join(folder, "whole");
  const run = JSON.parse((await start(whole).ended).trim().split("\n").at(-1)!) as Record<string, number>;
  assert.equal(run.passages, TEXTS);
  assert.equal(run.asked, askedOf());
  assert.ok(servers.every(({ requests }) => requests.length > 0));

  const out = join(folder, "killed");
  const ledger = `${out}.requests.jsonl`;
  const { child, ended } = start(out);
  while (child.exitCode === null && (await answersIn(ledger)) < 0.4 * run.requests!) await sleep(5);
  child.kill("SIGKILL");
  await ended;
  assert.equal(child.signalCode, "SIGKILL");
  // As if it had been killed while writing a line.
  await appendFile(ledger, '{"request":"torn');
  const paid = await answersIn(ledger);
  assert.ok(paid >= 0.4 * run.requests! && paid < run.requests!);
  const before = askedOf();
  const last = JSON.parse((await start(out).ended).trim().split("\n").at(-1)!) as Record<string, number>;
  assert.equal(last.asked, run.requests! - paid);
  assert.equal(askedOf() - before, run.requests! - paid);
  const names = await readdir(whole);
  assert.deepEqual(await readdir(out), names);
  for (const name of names)
    assert.equal(await readFile(join(out, name), "utf8"), await readFile(join(whole, name), "utf8"), name);
  const lines = (await readFile(ledger, "utf8")).trim().split("\n");
  assert.equal(
    new Set(lines.map((line) => (JSON.parse(line) as { request: string }).request)).size,
    lines.length,
  );
});

/** The answers that tasks have written down so far. */
async function answersOfTasks(out: string): Promise<number> {
  const ledgers = join(`${out}.tasks`, "ledgers");
  const names = await readdir(ledgers).catch(() => []);
  const counts = await Promise.all(names.map((name) => answersIn(join(ledgers, name))));
  return counts.reduce((sum, n) => sum + n, 0);
}

test("divided into tasks, killed and started again with another number, it ends in the same bytes", async () => {
  const whole = join(folder, "whole");
  const expected = await readdir(whole);
  const requests = (JSON.parse(await readFile(join(whole, "manifest.json"), "utf8")) as Manifest).result
    .requests;
  const out = join(folder, "tasks");
  const { child, ended } = start(out, "--tasks", "3", "--processes", "2", "--concurrency", "2");
  while (child.exitCode === null && (await answersOfTasks(out)) < 0.3 * requests) await sleep(5);
  child.kill("SIGKILL");
  await ended;
  assert.equal(child.signalCode, "SIGKILL");
  const last = JSON.parse((await start(out, "--tasks", "2").ended).trim().split("\n").at(-1)!) as QaNumbers;
  assert.ok(
    last.asked < 0.8 * requests,
    `what was answered is not asked again: ${last.asked} of ${requests}`,
  );
  assert.deepEqual(await readdir(out), expected);
  for (const name of expected)
    assert.equal(await readFile(join(out, name), "utf8"), await readFile(join(whole, name), "utf8"), name);
  const lines = (await readFile(`${out}.requests.jsonl`, "utf8")).trim().split("\n");
  assert.equal(lines.length, requests);
  assert.equal(
    new Set(lines.map((line) => (JSON.parse(line) as { request: string }).request)).size,
    requests,
  );
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.endsWith(".tasks")),
    [],
  );
  // A budget is one purse.
  const refused = await start(join(folder, "budget"), "--tasks", "2", "--budget-tokens", "5").ended;
  assert.match(refused, /a budget is kept by a single process/u);
});
