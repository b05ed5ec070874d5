// Prompts and continuations against those that lm-evaluation-harness 0.4.13 made of the same items (fixtures/lm-eval-prompts.py).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { UserError } from "../core/index.ts";
import { type Item, itemOf } from "./item.ts";
import { lmEvalProtocol } from "./lm-eval-tasks.ts";
import { createShotPicker } from "./plan.ts";

interface Case {
  readonly task: string;
  readonly shots: number;
  readonly items: readonly unknown[];
  readonly prompt: string;
  readonly continuations: readonly string[];
  readonly alone: readonly (readonly [string, string])[];
  readonly choices: readonly string[];
  readonly chat: readonly unknown[];
  readonly chatContinuations: readonly string[];
}

const CASES = JSON.parse(
  readFileSync(new URL("../../src/bench/fixtures/lm-eval-prompts.json", import.meta.url), "utf8"),
) as Case[];

async function itemsOf(records: readonly unknown[], source: string): Promise<Item[]> {
  const items = await Promise.all(
    records.map((record, i) => itemOf({ ...(record as object), id: String(i), source }, "")),
  );
  return items.map((item) => {
    assert.ok(typeof item !== "string", String(item));
    return item;
  });
}

test("every task asks and scores what lm-evaluation-harness does, plain and as a conversation", async () => {
  assert.equal(CASES.length, 12);
  for (const expected of CASES) {
    const { task, shots } = expected;
    const [item, ...examples] = await itemsOf(expected.items, "own-en");
    const protocol = lmEvalProtocol(task);
    assert.equal(
      protocol.prompt(item!, examples.slice(0, shots)),
      expected.prompt,
      `${task}, ${shots} shots`,
    );
    const continuations = protocol.continuations(item!);
    assert.deepEqual(continuations, expected.continuations, task);
    assert.deepEqual(
      continuations.map((text) => ["", text]),
      expected.alone,
      task,
    );
    assert.deepEqual(protocol.measured(item!), expected.choices, task);
    const { messages, lead } = protocol.chat(item!, examples.slice(0, shots));
    assert.deepEqual(messages, expected.chat, task);
    assert.equal(lead, "");
    assert.deepEqual(
      continuations.map((text) => text?.trimStart()),
      expected.chatContinuations,
      task,
    );
  }
});

test("without a task's name each source of XMedBench is asked as the task it was made from", async () => {
  const protocol = lmEvalProtocol(undefined);
  const record = (source: string, options: string) => ({
    source,
    question: "Q?",
    options,
    answer: "(A)",
    context: "C.",
  });
  const one = async (source: string, options: string): Promise<Item> => {
    const item = await itemOf(record(source, options), "");
    assert.ok(typeof item !== "string");
    return item;
  };
  // The release appended one full stop to HEAD-QA's options, which had their own.
  const headqa = await one("headqa", "(A) uno..\n(B) dos..");
  assert.equal(protocol.prompt(headqa, []), "Question: Q?\nAnswer:");
  assert.deepEqual(protocol.continuations(headqa), [" uno.", " dos."]);
  assert.equal(protocol.itemMode?.(headqa), "text");
  const mmlu = await one("mmlu-medical", "(A) one.\n(B) two.");
  assert.match(
    protocol.prompt(mmlu, []),
    /^The following .* \(with answers\)\.\n\nQ\?\nA\. one\.\nB\. two\.\nAnswer:$/u,
  );
  assert.match(
    protocol.prompt({ ...mmlu, subject: "college_medicine" }, []),
    /about college medicine\.\n\n/u,
  );
  const pubmedqa = await one("pubmedqa", "(A) Yes.\n(B) No.\n(C) Maybe.");
  assert.deepEqual(protocol.continuations(pubmedqa), [" yes", " no", " maybe"]);
  const suite = { items: [headqa, await one("cmb-single", "(A) 一\n(B) 二")] };
  const selected = protocol.select!({ suite: suite as never, shotSuite: undefined, faults: new Map() });
  assert.deepEqual(selected.items, [headqa]);
  assert.deepEqual(selected.leftOut, { "no-lm-eval-task": 1 });
  assert.throws(
    () => lmEvalProtocol("arc_challenge"),
    (error) => error instanceof UserError && error.code === "bad-option",
  );
});

test("MMLU's worked examples are the first of the item's own subject", async () => {
  const records = [..."aabbb"].map((subject, i) => ({
    question: `${subject}${i}?`,
    options: ["x", "y"],
    answer: "(A)",
    subject,
  }));
  const pool = await itemsOf(records, "mmlu-medical");
  const pick = createShotPicker(pool, { count: 2, seed: 9, protocol: lmEvalProtocol("mmlu") });
  const asked = { ...pool[3]!, id: "asked" };
  assert.deepEqual(
    pick(asked).map((shot) => shot.question),
    ["b2?", "b4?"],
  );
});
