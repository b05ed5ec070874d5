import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../core/index.ts";
import { adamW, clipFactor, globalNorm } from "./optimizer.ts";

test("three steps follow algorithm 2 of the paper, written out for one number", () => {
  const adam = { beta1: 0.9, beta2: 0.99, epsilon: 1e-3 };
  const random = createRandom("adamw");
  const [size, decay, factor, learningRate] = [7, 0.2, 0.5, 0.1];
  const weight = Float32Array.from({ length: size }, () => random.normal());
  const state = { weight, firstMoment: new Float32Array(size), secondMoment: new Float32Array(size) };
  const expected = Array.from(weight, (w) => ({ w, m: 0, v: 0 }));
  for (let number = 1; number <= 3; number++) {
    const gradient = Float32Array.from({ length: size }, () => random.normal());
    adamW({ ...state, gradient }, { number, learningRate, decay, factor }, adam);
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

test("over several blocks every weight is the same float32 arithmetic, to the bit", () => {
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
  adamW({ weight, gradient, firstMoment, secondMoment }, { number, learningRate, decay, factor }, adam);
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
  assert.ok(Math.abs(globalNorm([gradient]) / exact - 1) < 1e-12);
});

test("the norm is that of all gradients together; larger ones are clipped to the limit", () => {
  const parts = [Float32Array.of(1, 2, 3, 4, 5), Float32Array.of(6)];
  const norm = globalNorm(parts);
  assert.ok(Math.abs(norm - Math.sqrt(91)) < 1e-12);
  assert.equal(clipFactor(norm, 100), 1);
  assert.ok(Math.abs(clipFactor(norm, 1) * norm - 1) < 1e-6);
  assert.equal(globalNorm([Float32Array.of(1, Number.NaN)]), Number.NaN);
});
