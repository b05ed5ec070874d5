import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRandom } from "../core/index.ts";
import type { SamplingOptions } from "./language-model.ts";
import { createSampler, mostLikely } from "./sampler.ts";

const LOGITS = Float32Array.of(1, 3, 2, 3, -1);

/** How often each id is drawn. */
function frequencies(
  logits: Float32Array,
  options: SamplingOptions,
  history: number[] = [],
  draws = 4000,
): number[] {
  const sample = createSampler({ seed: 1, ...options });
  const counts = new Array<number>(logits.length).fill(0);
  for (let i = 0; i < draws; i++) counts[sample(logits, history)]!++;
  return counts.map((count) => count / draws);
}

function softmax(logits: ArrayLike<number>, kept: readonly number[], temperature = 1): number[] {
  const weights = Array.from(logits, (logit, id) => (kept.includes(id) ? Math.exp(logit / temperature) : 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

function assertNear(actual: readonly number[], expected: readonly number[]): void {
  actual.forEach((value, i) => {
    assert(Math.abs(value - expected[i]!) < 0.03, `${actual} is not ${expected}`);
  });
}

test("greedy takes the most likely token, the lowest id on a tie", () => {
  assert.equal(createSampler({})(LOGITS, []), 1);
});

test("draws follow the distribution that the options leave", () => {
  const all = [0, 1, 2, 3, 4];
  assertNear(frequencies(LOGITS, { temperature: 1 }), softmax(LOGITS, all));
  assertNear(frequencies(LOGITS, { temperature: 2 }), softmax(LOGITS, all, 2));
  assertNear(frequencies(LOGITS, { temperature: 1, topK: 3 }), softmax(LOGITS, [1, 3, 2]));
  // 1 and 3 hold 79 %, with 2 it is 94 %.
  assertNear(frequencies(LOGITS, { temperature: 1, topP: 0.75 }), softmax(LOGITS, [1, 3]));
  assertNear(frequencies(LOGITS, { temperature: 1, topP: 0.9 }), softmax(LOGITS, [1, 3, 2]));
  assertNear(frequencies(LOGITS, { temperature: 1, topK: 3, topP: 0.45 }), softmax(LOGITS, [1, 3]));
  assertNear(frequencies(LOGITS, { temperature: 1, minP: 0.3 }), softmax(LOGITS, [1, 2, 3]));
});

test("the repetition penalty looks at the last 64 tokens", () => {
  const greedy = createSampler({ repetitionPenalty: 2 });
  assert.equal(greedy(LOGITS, [1, 3]), 2);
  assert.equal(greedy(LOGITS, [1, 3, ...new Array<number>(64).fill(4)]), 1);
  assert.equal(greedy(Float32Array.of(-1, -1.5), [0]), 1, "negative logits are multiplied");
});

test("the same seed draws the same tokens, another one others", () => {
  const draw = (seed: number): number[] => {
    const sample = createSampler({ temperature: 1, seed });
    return Array.from({ length: 50 }, () => sample(LOGITS, []));
  };
  assert.deepEqual(draw(5), draw(5));
  assert.notDeepEqual(draw(5), draw(6));
});

test("the most likely tokens are those of a full sort", () => {
  const logits = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(logits, fc.integer({ min: 0, max: 45 }), (values, count) => {
      const sorted = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
      assert.deepEqual(mostLikely(Float32Array.from(values), count), sorted.slice(0, count));
    }),
    { seed: 1 },
  );
});

test("top-p on a large vocabulary keeps the smallest sufficient set", () => {
  const random = createRandom(3);
  const logits = Float32Array.from({ length: 5000 }, () => random.normal());
  const probabilities = softmax(logits, [...logits.keys()]);
  const sorted = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!);
  for (const topP of [0.1, 0.9, 0.9999]) {
    let mass = 0;
    const nucleus = new Set<number>();
    for (const id of sorted) {
      if (mass >= topP) break;
      nucleus.add(id);
      mass += probabilities[id]!;
    }
    const sample = createSampler({ temperature: 1, topP });
    for (let i = 0; i < 50; i++) assert(nucleus.has(sample(logits, [])));
  }
});

test("a bias and OpenAI's penalties move logits; penalties count generated tokens alone", () => {
  const greedy = (options: SamplingOptions, history: number[], promptLength: number): number =>
    createSampler(options, { promptLength })(LOGITS, history);
  assert.equal(greedy({ logitBias: new Map([[4, 10]]) }, [], 0), 4);
  assert.equal(
    greedy(
      {
        logitBias: new Map([
          [1, -100],
          [3, -100],
        ]),
      },
      [],
      0,
    ),
    2,
  );
  // Ids 1 and 3 have logit 3, id 2 has 2: one presence of 0.5 decides the tie, prompts do not count.
  assert.equal(greedy({ presencePenalty: 0.5 }, [1], 0), 3);
  assert.equal(greedy({ presencePenalty: 0.5 }, [1], 1), 1);
  assert.equal(greedy({ presencePenalty: 0.5 }, [1, 1, 1, 3], 0), 1, "presence counts once");
  assert.equal(greedy({ frequencyPenalty: 0.3 }, [1, 1, 1, 3], 0), 3, "frequency counts each");
  assert.equal(greedy({ frequencyPenalty: 0.6 }, [1, 1, 3, 3], 0), 2);
  assert.deepEqual([...LOGITS], [1, 3, 2, 3, -1], "the model's logits are left alone");
});
