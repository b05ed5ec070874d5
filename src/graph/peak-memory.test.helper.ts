// Child process of peak-memory.test.ts: loss, gradients and peak memory of a deep stack, its layers kept or computed again.
// Arguments: "kept" or "again". Prints {loss, gradient, growth}; growth is what running added to the peak, in bytes.

import { Graph, type Tensor } from "./graph.ts";
import { add, matmul, multiply, silu, sum } from "./operators.ts";
import { rmsNorm } from "./rms-norm.ts";
import { createSession } from "./run.ts";

const [LAYERS, ROWS, WIDTH, INNER] = [12, 1024, 64, 512];

const graph = new Graph();
const x = graph.input("x", [ROWS, WIDTH]);
const trained: Tensor[] = [];
const weight = (name: string, shape: readonly number[]): Tensor => {
  const tensor = graph.input(name, shape);
  trained.push(tensor);
  return tensor;
};
let y = x;
for (let layer = 0; layer < LAYERS; layer++) {
  const norm = weight(`norm${layer}`, [WIDTH]);
  const [gate, up] = ["gate", "up"].map((name) => weight(`${name}${layer}`, [INNER, WIDTH]));
  const down = weight(`down${layer}`, [WIDTH, INNER]);
  const block = (input: Tensor): Tensor => {
    const normal = rmsNorm(input, norm, 1e-6);
    const wide = (w: Tensor): Tensor => matmul(normal, w, { transposeB: true });
    return add(input, matmul(multiply(silu(wide(gate!)), wide(up!)), down, { transposeB: true }));
  };
  y = process.argv[2] === "again" ? graph.recomputed(y, block) : block(y);
}
const loss = multiply(sum(multiply(y, y)), graph.scalar(1 / (ROWS * WIDTH)));
graph.output(loss, "loss");
graph.gradients(loss, trained).forEach((gradient, i) => {
  graph.output(gradient, `gradient ${i}`);
});
const session = await createSession(graph.encode());
const feeds = Object.fromEntries(
  [x, ...trained].map(({ name, shape }) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from({ length: size }, (_, i) => Math.sin(i * 1.7 + name.length) * 0.2);
    return [name, { data, shape }];
  }),
);
const peak = (): number => process.resourceUsage().maxRSS * 1024;
const before = peak();
const results = await session.run(feeds);
const growth = peak() - before;
const gradient = trained.reduce((total, _, i) => {
  const data = results[`gradient ${i}`]!.data as Float32Array;
  return total + data.reduce((s, v) => s + v * v, 0);
}, 0);
process.stdout.write(JSON.stringify({ loss: Number(results.loss!.data[0]), gradient, growth }));
