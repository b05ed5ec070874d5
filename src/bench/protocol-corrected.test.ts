import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { auditSuite } from "./audit.ts";
import type { FindingCode } from "./audit-finding.ts";
import { type Item, itemOf } from "./item.ts";
import { correctedProtocol, readStrictly } from "./protocol-corrected.ts";
import { loadSuite, type Suite } from "./suite.ts";

async function item(question: string, more: object = {}): Promise<Item> {
  const made = await itemOf(
    { question, options: ["one", "two", "three"], answer: "(B)", source: "quiz-en", id: question, ...more },
    "",
  );
  assert.ok(typeof made !== "string");
  return made;
}

const suiteOf = (items: readonly Item[]): Suite => ({ items }) as unknown as Suite;
const faults = (entries: readonly (readonly [FindingCode, readonly string[]])[]) =>
  new Map(entries.map(([code, ids]) => [code, new Set(ids)]));

test("items with faults are left out, each counted once under the gravest; the others are scored", async () => {
  const items = await Promise.all(["a", "b", "c", "d", "e"].map((question) => item(question)));
  const pool = await Promise.all(
    ["p", "q", "a"].map((question) => item(question, { id: `dev ${question}` })),
  );
  const selected = correctedProtocol("generate").select!({
    suite: suiteOf(items),
    shotSuite: suiteOf(pool),
    faults: faults([
      ["duplicate", ["b", "a"]],
      ["off-topic", ["a"]],
      ["gold-imbalance", ["c"]],
      ["dev-inside-test", ["d"]],
    ]),
  });
  assert.deepEqual(
    selected.items.map(({ id }) => id),
    ["c", "e"],
  );
  assert.deepEqual(selected.leftOut, {
    "audit: off-topic": 1,
    "audit: duplicate": 1,
    "audit: dev-inside-test": 1,
  });
  // What is off topic in the test set is so in the development set.
  assert.deepEqual(
    selected.pool.map(({ id }) => id),
    ["dev p", "dev q"],
  );
});

test("without another suite some items are kept for examples: the same ones whatever else is asked", async () => {
  const items = await Promise.all(Array.from({ length: 200 }, (_, i) => item(`question ${i}`)));
  const select = (list: readonly Item[]) =>
    correctedProtocol("letter").select!({ suite: suiteOf(list), shotSuite: undefined, faults: new Map() });
  const whole = select(items);
  assert.equal(whole.pool.length, 16);
  assert.deepEqual(whole.leftOut, { "kept-for-examples": 16 });
  const scored = new Set(whole.items.map(({ id }) => id));
  assert.ok(whole.pool.every(({ id }) => !scored.has(id)));
  const ids = (list: readonly Item[]) => list.map(({ id }) => id).sort();
  assert.deepEqual(ids(select([...items].reverse()).pool), ids(whole.pool));
  assert.equal(select(items.slice(0, 7)).pool.length, 1);
});

test("the strict reading takes the form that was shown and nothing else", async () => {
  const english = await item("?");
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["The correct answer is option B", "B"],
    ["\n The correct answer is option (C). Because", "C"],
    ["B", "B"],
    ["(A).", "A"],
    ["The correct answer is option D", undefined],
    ["The answer is B", undefined],
    ["The correct answer is option Because", undefined],
    ["A patient", undefined],
    ["Let me think.\nB", undefined],
    ["", undefined],
  ];
  for (const [response, expected] of cases) assert.equal(readStrictly(response, english), expected, response);
  const arabic = await item("ما", { source: "quiz-ar" });
  assert.equal(readStrictly("الإجابة الصحيحة هي الخيار B", arabic), "B");
  const chinese = await item("什么", { source: "quiz-zh" });
  assert.equal(readStrictly("正确答案： B。", chinese), "B");
});

test("the released XMedBench, corrected", async (context) => {
  const path = (name: string): string =>
    fileURLToPath(new URL(`../../../shared/data/xmedbench/${name}`, import.meta.url));
  if (!existsSync(path("test.json"))) return context.skip("no ../shared/data");
  const [suite, shotSuite] = [await loadSuite(path("test.json")), await loadSuite(path("dev.json"))];
  const { findings } = await auditSuite(suite, { against: shotSuite });
  const found = new Map<FindingCode, Set<string>>();
  for (const { code, ids } of findings) found.set(code, new Set([...(found.get(code) ?? []), ...ids]));
  const { items, pool, leftOut } = correctedProtocol("generate").select!({ suite, shotSuite, faults: found });
  assert.equal(leftOut["audit: off-topic"], 208);
  const total = Object.values(leftOut).reduce((sum, count) => sum + count, 0);
  assert.equal(items.length + total, suite.items.length);
  // 1,088 Arabic items less 208 about firewalls, less those of the development set that are not among them.
  const arabic = items.filter(({ source }) => source === "mmlu-medical-ar").length;
  assert.ok(arabic > 820 && arabic < 880, String(arabic));
  const scored = new Set(items.map(({ question }) => question));
  const shared = pool.filter(({ question, source }) => source !== "pubmedqa" && scored.has(question));
  assert.ok(shared.length < 10, `${shared.length} examples stand word for word among the scored questions`);
  const firewall = /بروتوكول|جدار/u;
  assert.ok(!pool.some(({ source, question }) => source === "mmlu-medical-ar" && firewall.test(question)));
});
