// How much arithmetic a step is, and how fast this machine multiplies matrices: what tokens/s are measured by.
import { createSession, Graph, matmul } from "../graph/index.ts";
import { type ModelConfig, parameterShapes } from "../model/index.ts";

/**
 * Floating point operations a trained token takes: 2 for each weight of a matrix it meets, forward; as many for the gradient by
 * what goes in, and, where the weight is trained, for the gradient by the weight (Kaplan et al. 2020, section 2.1). Attention:
 * 2 x 2 x heads x head size for each key, on average half the row's, three times. Computing layers again is not counted.
 */
export function flopsPerToken(config: ModelConfig, length: number, trainsWeights: boolean): number {
  const matrices = parameterShapes(config)
    .filter(({ shape, role }) => shape.length === 2 && (role !== "embedding" || config.tiedEmbeddings))
    .reduce((sum, { shape }) => sum + shape[0]! * shape[1]!, 0);
  const attention = config.layers * 4 * config.heads * config.headSize * (length / 2);
  return (trainsWeights ? 6 : 4) * matrices + 3 * attention;
}

/** Sides of the measured product: large enough for its full rate, small enough for a tenth of a second. */
const [ROWS, WIDTH] = [512, 1024];
const ROUNDS = 5;

/** Floating point operations a second of ONNX Runtime's matrix product here, the best of some. */
export async function measureMatmulRate(threads: number): Promise<number> {
  const graph = new Graph();
  const x = graph.input("x", [ROWS, WIDTH]);
  const w = graph.input("w", [WIDTH, WIDTH]);
  graph.output(matmul(x, w), "y");
  const session = await createSession(graph.encode(), { threads });
  const feeds = {
    x: { data: new Float32Array(ROWS * WIDTH).fill(0.5), shape: [ROWS, WIDTH] },
    w: { data: new Float32Array(WIDTH * WIDTH).fill(0.5), shape: [WIDTH, WIDTH] },
  };
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    await session.run(feeds);
    best = Math.min(best, performance.now() - began);
  }
  await session.close();
  return (2 * ROWS * WIDTH * WIDTH) / (best / 1000);
}
