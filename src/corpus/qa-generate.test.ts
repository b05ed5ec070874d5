import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { openRemote } from "../engine/index.ts";
import { type GenerateQaOptions, generateQa, type QaRun } from "./qa-generate.ts";
import { planQa } from "./qa-plan.ts";
import { readQaPrompts } from "./qa-prompts.ts";
import {
  type Fault,
  medicineText,
  type QaServer,
  startQaServer,
  TEST_PROMPTS,
} from "./qa-server.test.helper.ts";

const TEXTS = 12;
let folder: string;
let corpus: string;
let outs = 0;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-qa-"));
  corpus = join(folder, "medicalWiki_en_text.json");
  await writeFile(corpus, JSON.stringify(Array.from({ length: TEXTS }, (_, i) => medicineText(i))));
});

after(() => rm(folder, { recursive: true }));

async function generate(
  server: QaServer,
  options: Partial<GenerateQaOptions> = {},
  out = join(folder, `out-${outs++}`),
): Promise<QaRun & { readonly out: string }> {
  const model = await openRemote(server.url, "tester");
  const run = await generateQa(corpus, out, model, {
    prompts: TEST_PROMPTS,
    identity: "tester",
    kinds: ["qa", "dialogue"],
    ...options,
  });
  return { ...run, out };
}

async function bytesOf(out: string): Promise<Record<string, string>> {
  const names = (await readdir(out)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(out, name), "utf8")] as const)),
  );
}

const lines = (text: string): Record<string, unknown>[] =>
  text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("texts become pairs and conversations in Apollo's files, each with where it comes from", async () => {
  const server = await startQaServer();
  const run = await generate(server);
  server.close();
  const files = await bytesOf(run.out);
  assert.deepEqual(Object.keys(files), [
    "generated.jsonl",
    "manifest.json",
    "medicalPatient_en.json",
    "medicalPatient_en.ledger.jsonl",
    "medicalWiki_en_qa.json",
    "medicalWiki_en_qa.ledger.jsonl",
    "rejected.jsonl",
  ]);
  const pairs = JSON.parse(files["medicalWiki_en_qa.json"]!) as string[][];
  assert.equal(pairs.length, run.pairs);
  assert.ok(run.pairs > 0 && run.dialogues > 0 && run.passages === TEXTS);
  // The tempted replies are rejected with the figure, and none is left.
  assert.ok(run.rejected["ungrounded-figure"]! > 0);
  const rejected = lines(files["rejected.jsonl"]!);
  assert.ok(rejected.every(({ evidence, text }) => evidence === "999 mg" && String(text).includes("999 mg")));
  assert.ok(!files["medicalWiki_en_qa.json"]!.includes("999"));
  const [first] = lines(files["generated.jsonl"]!);
  assert.equal(first!.model, "tester");
  assert.deepEqual(first!.prompts, { id: "test", version: "1" });
  const { from, to, origin } = first as unknown as { from: number; to: number; origin: { file: string } };
  assert.equal(origin.file, corpus);
  assert.equal(medicineText(0).slice(from, to), medicineText(0));
  // What the ledger of requests holds is what the server gave.
  const requests = lines(await readFile(run.ledger, "utf8"));
  assert.equal(requests.length, run.requests);
  assert.equal(server.requests.length, run.requests);
  assert.equal(run.requests, run.asked);
  const known = new Set(requests.map(({ request }) => request));
  for (const { requests: used } of lines(files["generated.jsonl"]!) as { requests?: string[] }[])
    assert.ok(used!.every((request) => known.has(request)));
});

test("whatever a server does wrong, the same answers give the same bytes", async () => {
  const good = await startQaServer();
  const expected = await bytesOf((await generate(good)).out);
  good.close();
  const faults: readonly Fault[] = ["too-many", "failing", "cut", "ended", "not-json", "no-choices", "slow"];
  const met = new Set<Fault>();
  // Each request fails at most once: the first time it is asked.
  const seen = new Set<string>();
  const server = await startQaServer({
    fault(n, key) {
      if (n % 4 !== 1 || seen.has(key)) return undefined;
      seen.add(key);
      const fault = faults[met.size % faults.length]!;
      met.add(fault);
      return fault;
    },
  });
  const run = await generate(server, { concurrency: 6 });
  server.close();
  assert.equal(met.size, faults.length);
  assert.deepEqual(run.unanswered, {});
  assert.deepEqual(await bytesOf(run.out), expected);
});

test("a server that says too many is asked less, and not before the time that it names", async () => {
  let refusedAt = 0;
  const server = await startQaServer({
    milliseconds: 10,
    fault(n) {
      if (n !== 5) return undefined;
      refusedAt = performance.now();
      return "too-many";
    },
  });
  const run = await generate(server, { kinds: ["qa"], concurrency: 16 });
  server.close();
  assert.equal(run.passages, TEXTS);
  // What was under way when it was said may still arrive, however late: no more than is asked at once.
  const early = server.requests.filter(({ at }) => at > refusedAt && at < refusedAt + 195);
  assert.ok(early.length < TEXTS, `${early.length} asked before the time`);
  assert.ok(server.requests.length > 2 * TEXTS);
  assert.ok(server.busiest <= 8);
});

test("one request that cannot be answered is told of and costs nothing else; the next run asks only for it", async () => {
  let filtering = true;
  const server = await startQaServer({
    fault: (_, key) => (filtering && key.includes("number 7 ") ? "filtered" : undefined),
  });
  const first = await generate(server, { kinds: ["dialogue"] });
  assert.deepEqual(first.unanswered, { "remote-refused": 1 });
  assert.equal(first.passages, TEXTS);
  filtering = false;
  const asked = server.requests.length;
  const second = await generate(server, { kinds: ["dialogue"] }, first.out);
  assert.deepEqual(second.unanswered, {});
  const again = server.requests.slice(asked);
  assert.ok(again.length > 0 && again.every(({ key }) => key.includes("number 7 ")));
  assert.equal(second.asked, again.length);
  // Done is done: nothing is asked.
  const third = await generate(server, { kinds: ["dialogue"] }, first.out);
  server.close();
  assert.equal(third.asked, 0);
  assert.equal(server.requests.length, asked + again.length);
});

test("a server that refuses the key, or gives nothing at all, ends the run with its reason", async () => {
  const locked = await startQaServer({ fault: () => "unauthorized" });
  await assert.rejects(generate(locked), { code: "remote-unauthorized" });
  locked.close();
  const filtering = await startQaServer({ fault: () => "filtered" });
  await assert.rejects(generate(filtering), (error: UserError) => {
    assert.equal(error.code, "remote-refused");
    assert.match(error.message, /8 requests in a row/u);
    assert.match(error.remedy!, /goes on where it was/u);
    return true;
  });
  filtering.close();
});

test("a budget is never broken, stops at the same place each time, and a larger one goes on", async () => {
  const server = await startQaServer({ milliseconds: 4 });
  const price = { prompt: 1, completion: 10 };
  const shared = { kinds: ["qa"] as const, maxTokens: 100, price };
  const whole = await generate(server, shared);
  assert.ok(whole.cost! > 0);
  const tokens = Math.round((whole.promptTokens + whole.completionTokens) * 0.7);
  const wide = await generate(server, { ...shared, tokens, concurrency: 16 });
  const narrow = await generate(server, { ...shared, tokens, concurrency: 1 });
  for (const run of [wide, narrow]) {
    assert.equal(run.stopped, "budget-tokens");
    assert.ok(run.passages > 0 && run.left === TEXTS - run.passages && run.left > 0);
    assert.ok(run.promptTokens + run.completionTokens <= tokens);
  }
  assert.deepEqual(await bytesOf(wide.out), await bytesOf(narrow.out));
  const money = await generate(server, { ...shared, money: whole.cost! * 0.8 }, wide.out);
  assert.equal(money.stopped, "budget-money");
  assert.ok(money.cost! <= whole.cost! * 0.8);
  const rest = await generate(server, shared, wide.out);
  assert.equal(rest.requests, whole.requests);
  assert.equal(rest.asked + money.asked + wide.asked, whole.asked);
  assert.deepEqual(await bytesOf(rest.out), await bytesOf(whole.out));
  await assert.rejects(generate(server, { ...shared, tokens: 50 }), { code: "budget-too-small" });
  await assert.rejects(generate(server, { money: 1 }), { code: "bad-option" });
  server.close();
});

test("replies in another language, echoes, refusals and loops are rejected by name", async () => {
  const bad: Readonly<Record<string, string>> = {
    "wrong-language":
      "Quelle est la dose habituelle de ce médicament pour les adultes qui ont de la fièvre ?",
    echoed: `QUESTION: ${medicineText(1)}`,
    refused: "I'm sorry, but as an AI I cannot write this.",
    empty: " ",
    "not-a-question": "Medicine is taken with food by adults.",
    "mentions-source": "According to the text, how often do adults take it?",
    "too-short": "Dose?",
    repetitive: `Why ${"do adults take the medicine with food ".repeat(12)}?`,
    "ungrounded-figure": "Do adults take 77 mg of the medicine with food?",
  };
  const kinds = Object.entries(bad);
  const server = await startQaServer({
    reply: (prompt) => {
      const [, number = "0"] = /number (\d+)/u.exec(prompt) ?? [];
      return kinds[Number(number)]?.[1];
    },
  });
  const run = await generate(server, { kinds: ["qa"], attempts: 1, limit: kinds.length });
  server.close();
  const rejected = lines(await readFile(join(run.out, "rejected.jsonl"), "utf8"));
  assert.deepEqual(
    rejected.map(({ reason }) => reason),
    kinds.map(([reason]) => reason),
  );
  assert.equal(run.barren, kinds.length);
});

test("a plan tells passages, prompts, tokens and price without a model; what is missing is said", async () => {
  const prompts = await readQaPrompts();
  const plan = await planQa(corpus, {
    prompts,
    kinds: ["qa", "dialogue"],
    price: { prompt: 1, completion: 2 },
  });
  assert.equal(plan.passages, TEXTS);
  assert.equal(plan.requests, 3 * TEXTS);
  assert.ok(plan.likely.cost! > 0 && plan.most.cost! > plan.likely.cost!);
  assert.deepEqual(
    plan.examples.map(({ role }) => role),
    ["question", "answer", "dialogue"],
  );
  assert.ok(
    plan.examples.every(({ prompt }) => prompt.includes(medicineText(0)) && !prompt.includes("{text}")),
  );
  await assert.rejects(
    planQa(corpus, { prompts: { ...prompts, languages: { zh: prompts.languages.zh! } } }),
    {
      code: "no-prompts",
    },
  );
  await assert.rejects(planQa(corpus, { prompts, languages: ["hi"] }), { code: "no-passages" });
  await assert.rejects(planQa(corpus, { prompts, attempts: 0 }), UserError);
});
