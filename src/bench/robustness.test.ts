import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { auditOffTopic } from "./audit-off-topic.ts";
import type { Item } from "./item.ts";
import { translatedPairs } from "./parallel-items.ts";
import { robustness } from "./robustness.ts";
import { debiasedChoice, letterPrior, priorFreeChoice, rotatedChoices, rotateItem } from "./rotations.ts";
import type { Sample } from "./sample.ts";
import { loadSuite } from "./suite.ts";

const LETTERS = ["A", "B", "C", "D", "E", "F"];

function item(id: number, k: number, gold: number, source = "exam-en", language = "en"): Item {
  const options = Array.from({ length: k }, (_, i) => `option ${id}-${i}`);
  return {
    id: `${source}/${id}`,
    source,
    language,
    question: `Question ${id}?`,
    options,
    letters: LETTERS.slice(0, k),
    gold: [gold],
  };
}

/** A made-up model: log-odds of knowing the right option, and of each letter, whatever stands there. */
function answer(asked: Item, knows: number, letterBias: readonly number[]): Sample {
  const k = asked.options.length;
  const rotations = asked.options.map((_, shift) => {
    const turned = rotateItem(asked, shift);
    return turned.options.map((_, place) => (turned.gold[0] === place ? knows : 0) + letterBias[place]!);
  });
  const choice = rotatedChoices(rotations)[0]!;
  return {
    id: asked.id,
    source: asked.source,
    language: asked.language,
    gold: LETTERS[asked.gold[0]!]!,
    choice: LETTERS[choice]!,
    correct: choice === asked.gold[0],
    shots: 0,
    mode: "letter",
    options: rotations[0]!.map((logProbability, i) => ({ letter: LETTERS[i]!, logProbability, tokens: 1 })),
    rotations: k > 0 ? rotations : [],
  };
}

test("rotating goes round: the gold option stays the same text, k shifts give the item back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.nat(5), fc.nat(11), (k, gold, shift) => {
      const asked = item(1, k, gold % k);
      const turned = rotateItem(asked, shift % k);
      assert.equal(turned.options[turned.gold[0]!], asked.options[gold % k]);
      assert.deepEqual(rotateItem(turned, (k - (shift % k)) % k), asked);
      assert.deepEqual([...turned.options].sort(), [...asked.options].sort());
    }),
  );
});

test("a letter bias of any size is taken out, and is what the prior says", () => {
  const bias = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(bias, fc.nat(4), (letterBias, gold) => {
      const sample = answer(item(1, 5, gold), 0.5, letterBias);
      assert.ok("rotations" in sample);
      assert.equal(debiasedChoice(sample.rotations!), gold);
      const prior = letterPrior(sample.rotations!);
      assert.equal(priorFreeChoice(sample.rotations![0]!, prior), gold);
      const weights = letterBias.map(Math.exp);
      const total = weights.reduce((a, b) => a + b);
      prior.forEach((share, i) => {
        assert.ok(Math.abs(share - weights[i]! / total) < 1e-9);
      });
    }),
  );
});

test("a model that knows the answer but loves A: bias seen, debiased accuracy whole", () => {
  const items = Array.from({ length: 60 }, (_, i) => item(i, i % 2 === 0 ? 4 : 5, i % 4));
  const samples = items.map((asked) => answer(asked, 1, [2, 0, 0, 0, 0]));
  const [source] = robustness(samples, items).sources;
  assert.equal(source!.rotations!.debiased, 1);
  assert.equal(source!.rotations!.priorFree, 1);
  assert.equal(source!.rotations!.always, 0);
  assert.equal(source!.rotations!.unstable, 1);
  // Right only when the right option stands at A: once in each round of 4 or 5.
  assert.ok(Math.abs(source!.rotations!.accuracy - (1 / 4 + 1 / 5) / 2) < 1e-12);
  const { letters, distance, recallDeviation } = source!.position!;
  assert.deepEqual(
    letters.map(({ letter, picked }) => [letter, picked]),
    [
      ["A", 1],
      ["B", 0],
      ["C", 0],
      ["D", 0],
      ["E", 0],
    ],
  );
  assert.ok(Math.abs(distance - (1 - 60 / 270)) < 1e-12);
  assert.ok(Math.abs(recallDeviation - 0.4) < 1e-12);
});

test("calibration of a language takes its items from all sources", () => {
  const samples = [
    answer(item(1, 2, 0), Math.log(3), [0, 0]),
    answer(item(1, 2, 0, "other-en"), -Math.log(3), [0, 0]),
  ];
  const { languages } = robustness(samples, []);
  // Twice three to one, once right: confidence .75, accuracy .5.
  const [{ language, calibration }] = languages as [(typeof languages)[number]];
  assert.equal(language, "en");
  assert.equal(calibration.n, 2);
  assert.ok(Math.abs(calibration.ece - 0.25) < 1e-12);
  assert.ok(Math.abs(calibration.brier - (0.0625 + 0.5625) / 2) < 1e-12);
  assert.ok(Math.abs(calibration.multiclassBrier - (0.125 + 1.125) / 2) < 1e-12);
  assert.deepEqual(calibration.selective.at(-1), { coverage: 1, accuracy: 0.5 });
});

test("answers in words count for position bias, no answer does not", () => {
  const base = { source: "s", language: "en", shots: 0, mode: "generate", response: "" } as const;
  const usage = { promptTokens: 1, completionTokens: 1 };
  const samples: Sample[] = [
    { ...base, ...usage, id: "s/0", gold: "A", choice: "A", correct: true },
    { ...base, ...usage, id: "s/1", gold: "B", choice: "A", correct: false },
    { ...base, ...usage, id: "s/2", gold: "C", choice: null, correct: false },
  ];
  const [source] = robustness(samples, []).sources;
  assert.deepEqual(source!.position!.letters, [
    { letter: "A", picked: 1, gold: 0.5 },
    { letter: "B", picked: 0, gold: 0.5 },
  ]);
  assert.equal(source!.calibration, undefined);
});

test("the language gap pairs translations by place, skips what one set lacks, leaves unsound items out", () => {
  // 60 items; the French set lacks item 30 and holds an off-topic one at 40.
  const golds = Array.from({ length: 60 }, (_, i) => (i * i + (i >> 2)) % 4);
  const english = golds.map((gold, i) => item(i, 4, gold, "exam-en"));
  const french = golds.flatMap((gold, i) => (i === 30 ? [] : [item(i, 4, gold, "exam-fr", "fr")]));
  const pairs = translatedPairs(english, french);
  assert.equal(pairs.length, 59);
  assert.ok(pairs.every(([a, b]) => a.id.replace("en", "fr") === b.id));
  const samples = [
    ...english.map((asked) => answer(asked, 1, [0, 0, 0, 0])),
    // A third of the French ones wrong.
    ...french.map((asked, i) => answer(asked, i % 3 === 0 ? -1 : 1, [0, 0, 0, 0])),
  ];
  const { gaps } = robustness(samples, [...english, ...french], new Set(["exam-fr/40"]));
  const [gap] = gaps as [(typeof gaps)[number]];
  assert.deepEqual(
    [gap.reference, gap.source, gap.n, gap.unsound, gap.gained],
    ["exam-en", "exam-fr", 58, 1, 0],
  );
  assert.equal(gap.lost, 19);
  assert.ok(Math.abs(gap.difference + 19 / 58) < 1e-12);
  assert.ok(gap.interval[0] < gap.difference && gap.difference < gap.interval[1] && gap.interval[1] < 0);
  assert.ok(gap.pValue < 1e-4 && gap.adjustedPValue >= gap.pValue);
});

const released = fileURLToPath(new URL("../../../shared/data/xmedbench/test.json", import.meta.url));
test("XMedBench: English, Arabic and Hindi MMLU are paired item by item", {
  skip: existsSync(released) ? false : "../shared/data is absent",
}, async () => {
  const { items } = await loadSuite(released);
  const set = (source: string) => items.filter((one) => one.source === source);
  const place = (one: Item) => Number(one.id.split("/")[1]);
  const arabic = translatedPairs(set("mmlu-medical-hi"), set("mmlu-medical-ar"));
  assert.ok(arabic.length >= 1070, `${arabic.length} of 1088`);
  // Item 0 is the same question in all three; English has three subjects more between the six.
  const hindi = translatedPairs(set("mmlu-medical"), set("mmlu-medical-hi"));
  assert.ok(hindi.length >= 1000, `${hindi.length} of 1089`);
  assert.deepEqual(
    hindi.slice(0, 3).map((pair) => pair.map(place)),
    [0, 1, 2].map((i) => [i, i]),
  );
  const off = auditOffTopic(items).find(({ source }) => source === "mmlu-medical-ar");
  assert.equal(off?.count, 208);
});
