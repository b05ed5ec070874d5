// Every operator, value and gradient in float32, on other devices than the CPU: some fused kernels were found to be silently wrong
// there. What stays on a device is tried on the CPU too, whose memory is a device's like any other. Runs where there is a GPU, and
// says so where there is none.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom, UserError } from "../core/index.ts";
import { Graph } from "./graph.ts";
import { caseGraph, OPERATOR_CASES } from "./operator-cases.test.helper.ts";
import { add, multiply, sum } from "./operators.ts";
import { deviceFailure, noDevice, type Provider } from "./providers.ts";
import { createSession } from "./run.ts";
import { copyFromDevice, createDeviceSession, deviceHolds, requireDevice } from "./run-on-device.ts";
import type { DeviceValue, TensorValue } from "./session.ts";

/** Why a device's tests are skipped; false where it is there. Another error than that of a missing device is ours. */
async function missing(provider: Exclude<Provider, "cpu">): Promise<string | false> {
  try {
    await requireDevice(provider);
    return false;
  } catch (error) {
    assert.ok(error instanceof UserError && error.code === "no-gpu", String(error));
    assert.match(error.line, /^no .* here/u);
    return error.message;
  }
}

const SKIP = {
  cpu: false,
  webgpu: await missing("webgpu"),
  cuda: await missing("cuda"),
} satisfies Record<Provider, unknown>;

test("a GPU that is not there is said with what would bring it", () => {
  // What ONNX Runtime 1.30.0 says, one obstacle after the other out of the way.
  const load = "[ONNXRuntimeError] : 1 : FAIL : Failed to load library /m/";
  const open = "cannot open shared object file: No such file or directory";
  for (const [message, line] of [
    [
      `${load}libonnxruntime_providers_shared.so with error: /m/libonnxruntime_providers_shared.so: ${open}`,
      /CUDA can use: libonnxruntime_providers_shared\.so is not installed\. Use --device cpu or webgpu, or install ONNX .*: node .*install\.js --onnxruntime-node-install=cuda12$/u,
    ],
    [
      `${load}libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: ${open}`,
      /: libcublasLt\.so\.13 is not installed\..* that version of the CUDA libraries .* LD_LIBRARY_PATH\.$/u,
    ],
    [
      `${load}libonnxruntime_providers_cuda.so with error: libcuda.so.1: ${open}`,
      /: libcuda\.so\.1 is not installed\..* the GPU's driver/u,
    ],
    [
      `Non-zero status code returned while running ReduceMax node. Status Message: cuDNN is unavailable for CUDA Execution Provider: dlopen failed for libcudnn.so: libcudnn.so: ${open}`,
      /: libcudnn\.so is not installed\..* cuDNN 9/u,
    ],
    [
      'Failed to parse provider option "device_id": CUDA failure 100: no CUDA-capable device is detected ; GPU=-1 ;',
      /: no CUDA-capable device is detected\..* nvidia-smi/u,
    ],
    ["CUDA execution provider is not enabled in this build. ", /not enabled in this build\..* Linux on x64/u],
  ] as const)
    assert.match(noDevice("cuda", new Error(`ONNX Runtime: ${message}`)).line, line);
  assert.match(noDevice("webgpu", new Error("No supported adapters")).line, /no GPU.*WebGPU.*CPU/u);
});

test("a GPU whose memory is too small is said; other failures stay what they are", () => {
  const line = (message: string): string => {
    const error = deviceFailure("cuda", new Error(`ONNX Runtime: ${message}`));
    assert.ok(error instanceof UserError && error.code === "gpu-memory", String(error));
    return error.line;
  };
  assert.match(
    line(
      "Non-zero status code returned while running Softmax node. Failed to allocate memory for requested buffer of size 33554432",
    ),
    /no room for another 32\.0 MiB\. .*accumulate/u,
  );
  assert.match(
    line("Too many storage buffers in shader. Current: 33, Max is 16"),
    /larger than .* driver takes/u,
  );
  const ours = new Error("ONNX Runtime: Missing Input: x");
  assert.equal(deviceFailure("cuda", ours), ours);
});

test("webgpu: a tensor that no driver takes is refused, and the session goes on", {
  skip: SKIP.webgpu,
}, async () => {
  assert.equal(await deviceHolds("webgpu", 2 ** 20), true);
  assert.equal(await deviceHolds("webgpu", 2 ** 37), false);
  await requireDevice("webgpu");
});

for (const provider of ["webgpu", "cuda"] as const) {
  test(`${provider}: every operator and its gradient agree with the CPU`, {
    skip: SKIP[provider],
  }, async () => {
    for (const operator of OPERATOR_CASES) {
      const graph = caseGraph(operator);
      const device = await createDeviceSession(graph.encode(), { provider, results: graph.outputs });
      const cpu = await createSession(graph.encode());
      const random = createRandom(operator.name);
      const feeds: Record<string, TensorValue> = {};
      operator.shapes.forEach((shape, i) => {
        const size = shape.reduce((a, b) => a * b, 1);
        feeds[`x${i}`] = { data: Float32Array.from({ length: size }, () => random.normal() + 0.1), shape };
      });
      const [expected, { read }] = [await cpu.run(feeds), await device.run(feeds)];
      for (const [name, { data }] of Object.entries(expected)) {
        (data as Float32Array).forEach((value, i) => {
          const other = Number(read[name]!.data[i]);
          const close = Math.abs(other - value) <= 1e-4 * Math.max(1, Math.abs(value));
          assert.ok(close, `${operator.name}: ${name}[${i}] is ${other}, ${value} on the CPU`);
        });
      }
      await cpu.close();
      await device.close();
    }
  });
}

for (const provider of ["cpu", "webgpu", "cuda"] as const) {
  test(`${provider}: results stay on the device, are fed again, and are read when asked for`, {
    skip: SKIP[provider],
  }, async () => {
    const graph = new Graph();
    const x = graph.input("x", [2, 3]);
    graph.output(sum(x), "sum");
    graph.output(add(x, graph.constant([1], [])), "next");
    graph.output(multiply(x, x), "square");
    const open = () =>
      createDeviceSession(graph.encode(), { provider, results: graph.outputs, kept: ["square", "next"] });
    const session = await open();
    const start = { data: new Float32Array(6), shape: [2, 3] };
    let value: TensorValue | DeviceValue = start;
    for (let step = 0; step < 4; step++) {
      const { read, kept } = await session.run({ x: value });
      assert.deepEqual(Object.keys(read), ["sum"]);
      assert.deepEqual([...read.sum!.data], [6 * step]);
      assert.deepEqual(kept.next!.shape, [2, 3]);
      if ("release" in value) value.release();
      kept.square!.release();
      value = kept.next!;
    }
    // Another session takes it, and it is the value itself that a later run has not changed.
    const other = await open();
    const { kept } = await other.run({ x: value });
    const copies = await copyFromDevice(provider, new Map(Object.entries({ value, square: kept.square! })));
    await other.close();
    assert.deepEqual(copies.get("value"), { data: new Float32Array(6).fill(4), shape: [2, 3] });
    assert.deepEqual(copies.get("square"), { data: new Float32Array(6).fill(16), shape: [2, 3] });
    assert.deepEqual(start.data, new Float32Array(6));
    // What was not released is, with its session; released once more it stays so, and is not fed any more.
    const again = await open();
    (value as DeviceValue).release();
    await session.close();
    (value as DeviceValue).release();
    await assert.rejects(again.run({ x: value }), /x was released/);
    await assert.rejects(again.run({ y: start }), /ONNX Runtime: .*y/);
    assert.deepEqual([...(await again.run({ x: start })).read.sum!.data], [0]);
    await again.close();
  });
}
