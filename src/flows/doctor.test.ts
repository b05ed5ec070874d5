import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { knownShape, parameterCount } from "../model/index.ts";
import { doctor } from "./doctor.ts";
import { parseCpuFlags } from "./machine.ts";
import { APOLLO_SIZES, modelFits } from "./model-sizes.ts";

test("on the machine that runs these tests every part works", async () => {
  const { checks, models } = await doctor(tmpdir());
  assert.ok(checks.length >= 5);
  for (const { name, ok, detail } of checks) {
    // Memory and disk are the machine's own affair.
    if (!["memory", "disk", "models that fit"].includes(name)) assert.ok(ok, `${name}: ${detail}`);
    assert.ok(detail.length > 0 && !detail.includes("\n"), name);
  }
  assert.equal(models.length, 21);
  assert.ok(models.every(({ tokensPerSecond }) => tokensPerSecond > 0 && Number.isFinite(tokensPerSecond)));
});

test("sizes of the published models: parameters as their bases state them, memory by file type", () => {
  // Model cards: Qwen1.5-0.5B 0.46, Qwen-1.8B 1.84, Gemma-2B 2.51, Yi-6B 6.06, Gemma-7B 8.54, Yi-34B 34.4, Qwen-72B 72.3 (billions).
  const stated = [0.464, 1.837, 2.506, 6.061, 8.538, 34.39, 72.29];
  APOLLO_SIZES.forEach((model, i) => {
    const parameters = parameterCount(knownShape(model.base)!);
    const share = parameters / 1e9 / stated[i]!;
    assert.ok(Math.abs(share - 1) < 0.005, `${model.name}: ${parameters}`);
  });
  const bytes = (model: string, quantisation: string): number =>
    modelFits(1e12, 1e10).find((one) => one.model === model && one.quantisation === quantisation)!.bytes;
  // Apollo-6B-q8_0.gguf is 6.44 GB; the cache of 4,096 tokens and the rest come to 0.8 GB.
  assert.ok(Math.abs(bytes("Apollo-6B", "q8_0") - 7.25e9) < 0.1e9);
  assert.ok(
    modelFits(8e9, 1e10).find((one) => one.model === "Apollo-7B" && one.quantisation === "q4_k_m")!.fits,
  );
  assert.ok(
    !modelFits(4e9, 1e10).find((one) => one.model === "Apollo-7B" && one.quantisation === "q4_k_m")!.fits,
  );
});

test("processor flags are those of the first processor, on x86 and on Arm", () => {
  assert.deepEqual(parseCpuFlags("processor : 0\nflags\t\t: fpu avx2 amx_tile\nbugs : x\n\nflags : other"), [
    "fpu",
    "avx2",
    "amx_tile",
  ]);
  assert.deepEqual(parseCpuFlags("Features\t: fp asimd i8mm\n"), ["fp", "asimd", "i8mm"]);
  assert.throws(() => parseCpuFlags("model name : mystery"));
});

test("what does not work says what to do, and does not hide the rest", async () => {
  const { checks } = await doctor(join(tmpdir(), "apollo", "nowhere"));
  const disk = checks.find(({ name }) => name === "disk");
  assert.equal(disk?.ok, false);
  assert.ok(disk?.remedy);
  assert.ok(checks.filter(({ ok }) => ok).length >= 4);
});
