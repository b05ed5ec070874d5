import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../core/index.ts";
import { clipFactor, createOptimizer } from "./optimizer.ts";

test("three steps follow algorithm 2 of the paper, written out for one number", async () => {
  const adam = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
  const optimizer = createOptimizer(adam, 1);
  const random = createRandom("adamw");
  const [size, decay, factor, learningRate] = [7, 0.2, 0.5, 0.1];
  const weight = Float32Array.from({ length: size }, () => random.normal());
  const state = { weight, firstMoment: new Float32Array(size), secondMoment: new Float32Array(size) };
  const expected = Array.from(weight, (w) => ({ w, m: 0, v: 0 }));
  for (let number = 1; number <= 3; number++) {
    const gradient = Float32Array.from({ length: size }, () => random.normal());
    await optimizer.adamW([
      [
        { ...state, gradient },
        { number, learningRate, decay, factor },
      ],
    ]);
    expected.forEach((e, i) => {
      const g = gradient[i]! * factor;
      e.m = adam.beta1 * e.m + (1 - adam.beta1) * g;
      e.v = adam.beta2 * e.v + (1 - adam.beta2) * g ** 2;
      const [m, v] = [e.m / (1 - adam.beta1 ** number), e.v / (1 - adam.beta2 ** number)];
      e.w = e.w - learningRate * decay * e.w - (learningRate * m) / (Math.sqrt(v) + adam.epsilon);
    });
  }
  expected.forEach(({ w, m, v }, i) => {
    assert.ok(Math.abs(weight[i]! - w) < 1e-6, `${weight[i]} and ${w}`);
    assert.ok(Math.abs(state.firstMoment[i]! - m) < 1e-6);
    assert.ok(Math.abs(state.secondMoment[i]! - v) < 1e-6);
  });
});

test("over several blocks every weight is the same float32 arithmetic, to the bit", async () => {
  const size = 2 * 8192 + 3;
  const random = createRandom("blocks");
  const draw = (scale: number): Float32Array =>
    Float32Array.from({ length: size }, () => scale * random.normal());
  const [weight, gradient, firstMoment] = [draw(1), draw(0.1), draw(0.01)] as const;
  const secondMoment = draw(0.01).map(Math.abs);
  const adam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  const [number, learningRate, decay, factor] = [3, 1e-6, 0.1, 0.7];
  const f = Math.fround;
  const root = Math.sqrt(1 - adam.beta2 ** number);
  const rate = f((learningRate * root) / (1 - adam.beta1 ** number));
  const expected = Array.from(weight, (w, i) => {
    const g = f(gradient[i]! * f(factor));
    const m = f(f(firstMoment[i]! * f(adam.beta1)) + f(g * f(1 - adam.beta1)));
    const v = f(f(secondMoment[i]! * f(adam.beta2)) + f(f(g * g) * f(1 - adam.beta2)));
    const step = f(f(rate * m) / f(f(Math.sqrt(v)) + f(adam.epsilon * root)));
    return { w: f(w - f(f(w * f(learningRate * decay)) + step)), m, v };
  });
  const optimizer = createOptimizer(adam, 1);
  await optimizer.adamW([
    [
      { weight, gradient, firstMoment, secondMoment },
      { number, learningRate, decay, factor },
    ],
  ]);
  assert.deepEqual(
    Array.from(weight),
    expected.map(({ w }) => w),
  );
  assert.deepEqual(
    Array.from(firstMoment),
    expected.map(({ m }) => m),
  );
  assert.deepEqual(
    Array.from(secondMoment),
    expected.map(({ v }) => v),
  );
  const exact = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
  assert.ok(Math.abs((await optimizer.norm([gradient])) / exact - 1) < 1e-12);
});

test("the norm is that of all gradients together; larger ones are clipped to the limit", async () => {
  const { norm: globalNorm } = createOptimizer({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, 1);
  const parts = [Float32Array.of(1, 2, 3, 4, 5), Float32Array.of(6)];
  const norm = await globalNorm(parts);
  assert.ok(Math.abs(norm - Math.sqrt(91)) < 1e-12);
  assert.equal(clipFactor(norm, 100), 1);
  assert.ok(Math.abs(clipFactor(norm, 1) * norm - 1) < 1e-6);
  assert.equal(await globalNorm([Float32Array.of(1, Number.NaN)]), Number.NaN);
});

test("threads give the numbers of one, to the bit: the norm, sums of gradients, AdamW", async () => {
  const random = createRandom("threads");
  // Enough to be shared; the last range is short, and small arrays stand between large ones.
  const sizes = [2 ** 20 + 5, 3, 2 ** 21, 700];
  const draw = (scale: number): Float32Array[] =>
    sizes.map((size) => Float32Array.from({ length: size }, () => scale * (random.next() - 0.5)));
  const [weights, gradients, parts, moments] = [draw(1), draw(0.1), draw(0.1), draw(0.01)] as const;
  const copies = (arrays: readonly Float32Array[]): Float32Array[] => arrays.map((array) => array.slice());
  const run = async (threads: number): Promise<unknown[]> => {
    const optimizer = createOptimizer({ beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }, threads);
    const sums = copies(gradients);
    const [weight, first, second] = [weights, moments, moments.map((own) => own.map(Math.abs))].map(copies);
    await optimizer.accumulate(sums.map((sum, i) => [sum, parts[i]!]));
    const norm = await optimizer.norm(sums);
    await optimizer.adamW(
      sizes.map((_, i) => [
        { weight: weight![i]!, gradient: sums[i]!, firstMoment: first![i]!, secondMoment: second![i]! },
        { number: 2, learningRate: 1e-3, decay: 0.1, factor: 0.9 },
      ]),
    );
    await optimizer.close();
    return [norm, sums, weight, first, second];
  };
  const one = await run(1);
  assert.notDeepEqual(one[1], gradients);
  assert.deepEqual(
    (one[1] as Float32Array[])[1],
    gradients[1]!.map((value, i) => value + parts[1]![i]!),
  );
  assert.deepEqual(await run(3), one);
});
