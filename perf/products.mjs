// The matrix products of a 100M training step, ONNX Runtime's beside PyTorch's, one thread, in turns: GFLOP/s by processor time, median of the rounds.
// node perf/products.mjs [rounds]; APOLLO_PYTHON is a Python with torch. With it, what no graph of ours can be faster than is known.
// "packed" is the same product with a right operand that never changes, which the runtime packs once (lora.prepackBase).
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { createSession, Graph } from "../dist/graph/index.js";
import { matmul } from "../dist/graph/operators.js";

const [rounds, rows, width, inner, classes] = [Number(process.argv[2] ?? 5), 512, 768, 2048, 32_000];
/** What is multiplied: [rows, k] by the transpose of [n, k]; by [k, n]; or the transpose of [k, rows] by [k, n]. */
const KINDS = { "x W^T": [false, true], "dy W": [false, false], "dy^T x": [true, false] };
const SHAPES = [
  ["x W^T", rows, width, width],
  ["x W^T", rows, width, inner],
  ["x W^T", rows, inner, width],
  ["x W^T", rows, width, classes],
  ["dy W", rows, width, width],
  ["dy W", rows, inner, width],
  ["dy W", rows, width, inner],
  ["dy W", rows, classes, width],
  ["dy^T x", width, rows, width],
  ["dy^T x", inner, rows, width],
  ["dy^T x", width, rows, inner],
  // The head's, as its transpose (head-loss.ts).
  ["dy^T x", width, rows, classes],
];
const TORCH = `
import json, sys, time, torch
torch.set_num_threads(1)
for line in sys.stdin:
    a_shape, b_shape, ta, tb = json.loads(line)
    a, b = torch.randn(a_shape), torch.randn(b_shape)
    x, y = a.t() if ta else a, b.t() if tb else b
    out = torch.mm(x, y)
    began = time.process_time()
    torch.mm(x, y, out=out)
    print(time.process_time() - began, flush=True)
`;
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const python = process.env.APOLLO_PYTHON;
const child =
  python === undefined
    ? undefined
    : spawn(python, ["-c", TORCH], {
        env: { ...process.env, OMP_NUM_THREADS: "1" },
        stdio: ["pipe", "pipe", "inherit"],
      });
const lines = child && createInterface({ input: child.stdout })[Symbol.asyncIterator]();

for (const [kind, m, k, n] of SHAPES) {
  const [transposeA, transposeB] = KINDS[kind];
  const shapes = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
  const feed = (shape) => ({ shape, data: new Float32Array(shape[0] * shape[1]).map((_, i) => Math.sin(i)) });
  const [left, right] = shapes.map(feed);
  const open = (packed) => {
    const graph = new Graph();
    const a = graph.input("a", left.shape);
    const b = packed ? graph.constant(right.data, right.shape) : graph.input("b", right.shape);
    graph.output(matmul(a, b, { transposeA, transposeB }), "y");
    return createSession(graph.encode(), { threads: 1, results: graph.outputs });
  };
  // The right operand of a weight's gradient is new in every step.
  const sides = { ours: await open(false), ...(transposeA ? {} : { packed: await open(true) }) };
  const found = { ours: [], packed: [], theirs: [] };
  for (let round = -1; round < rounds; round++) {
    for (const [side, session] of Object.entries(sides)) {
      const feeds = { a: left, ...(side === "ours" ? { b: right } : {}) };
      const before = process.cpuUsage();
      await session.run(feeds);
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) found[side].push((user + system) / 1e6);
    }
    if (lines === undefined || round < 0) continue;
    child.stdin.write(`${JSON.stringify([...shapes, transposeA, transposeB])}\n`);
    found.theirs.push(Number((await lines.next()).value));
  }
  for (const session of Object.values(sides)) await session.close();
  const rate = (times) => (2 * m * k * n) / median(times) / 1e9;
  const shown = (times) => rate(times).toFixed(0).padStart(4);
  const ours = rate(found.ours);
  const packed = found.packed.length === 0 ? "" : `  packed ${shown(found.packed)}`;
  const beside =
    lines === undefined ? "" : `  torch ${shown(found.theirs)}  ${(ours / rate(found.theirs)).toFixed(2)} x`;
  console.log(`${kind.padEnd(7)} ${`${m} x ${k} x ${n}`.padEnd(20)} ${shown(found.ours)}${beside}${packed}`);
}
child?.stdin.end();
