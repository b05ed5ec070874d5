// LoRA (Hu et al. 2021): the base stays as it is, beside some of its matrices two small ones A and B are trained:
// y = x W^T + s (x A^T) B^T with s = alpha / rank. W + s B A is never made, and no gradient of W either.
import { createRandom } from "../core/index.ts";
import {
  add,
  type Backward,
  Graph,
  type GraphOptions,
  matmul,
  multiply,
  type Tensor,
} from "../graph/index.ts";
import { type Checkpoint, type ModelConfig, parameterShapes } from "../model/index.ts";
import { ADAPTER_PREFIX, adapterFormat } from "./adapter-format.ts";
import { placeFrozenWeights } from "./frozen-weights.ts";
import { declareTrained, type Method, type TrainedShape } from "./method.ts";
import type { LoraSettings } from "./recipe.ts";
import type { WeightMap } from "./training-step.ts";

/** A base weight's name, and its adapter's: A is [rank, in], B is [out, rank]. */
interface Adapter {
  readonly weight: string;
  readonly a: TrainedShape;
  readonly b: TrainedShape;
}

/** Training of adapters beside the frozen weights of `base`, which `baseName` names in the adapter's configuration. */
export async function loraTraining(base: Checkpoint, baseName: string, lora: LoraSettings): Promise<Method> {
  const { config } = base;
  const adapters = listAdapters(config, lora);
  const parameters = adapters.flatMap(({ a, b }) => [a, b]);
  const frozen = await placeFrozenWeights(base);
  return {
    config,
    parameters,
    frozen,
    checkpoint: adapterFormat(baseName, lora),
    declare(options) {
      const graph = new AdaptedGraph(lora.alpha / lora.rank, options);
      const trained = declareTrained(graph, parameters);
      const weights = new Map(
        parameterShapes(config).map(({ name, shape }) => [name, frozen.declare(graph, name, shape)]),
      );
      for (const { weight, a, b } of adapters)
        graph.adapt(weights.get(weight)!, trained.get(a.name)!, trained.get(b.name)!);
      return { graph, trained, weight: (name) => weights.get(name)! };
    },
  };
}

/**
 * Adapters before the first step: A uniform within 1 / sqrt(in) (Kaiming with a = sqrt(5), as PEFT does), B zero, so that
 * the model is the base.
 */
export function initializeAdapters(config: ModelConfig, lora: LoraSettings, seed: number): WeightMap {
  const values: WeightMap = new Map();
  for (const { a, b } of listAdapters(config, lora)) {
    const [rank, width] = a.shape as [number, number];
    // A stream of its own for each, as for initial weights.
    const random = createRandom(`${seed}/${a.name}`);
    const bound = 1 / Math.sqrt(width);
    values.set(a.name, {
      shape: a.shape,
      data: Float32Array.from({ length: rank * width }, () => (2 * random.next() - 1) * bound),
    });
    values.set(b.name, { shape: b.shape, data: new Float32Array(b.shape[0]! * rank) });
  }
  return values;
}

function listAdapters(config: ModelConfig, { rank, targets }: LoraSettings): Adapter[] {
  return parameterShapes(config).flatMap(({ name, shape }) => {
    const [, module, last] = /^(.*\.(\w+_proj))\.weight$/u.exec(name) ?? [];
    if (!(targets as readonly (string | undefined)[]).includes(last)) return [];
    const [out, width] = shape as [number, number];
    const prefix = `${ADAPTER_PREFIX}${module}`;
    return [
      {
        weight: name,
        a: { name: `${prefix}.lora_A.weight`, shape: [rank, width] },
        b: { name: `${prefix}.lora_B.weight`, shape: [out, rank] },
      },
    ];
  });
}

/**
 * A graph in which a product x W^T with an adapted W comes with the adapter's share added. The forward pass asks for weights
 * by name and multiplies by them itself, so the product is met here, where an operator is put on the tape.
 */
class AdaptedGraph extends Graph {
  readonly #scale: number;
  readonly #adapters = new Map<string, { a: Tensor; b: Tensor }>();

  constructor(scale: number, options?: GraphOptions) {
    super(options);
    this.#scale = scale;
  }

  /** From now on, products with `weight` [out, in] have the share of A [rank, in] and B [out, rank]. */
  adapt(weight: Tensor, a: Tensor, b: Tensor): void {
    this.#adapters.set(weight.name, { a, b });
  }

  override record(inputs: readonly Tensor[], output: Tensor, backward: Backward): Tensor {
    const y = super.record(inputs, output, backward);
    const [x, weight] = inputs;
    const adapter = this.#adapters.get(weight?.name ?? "");
    if (x === undefined || adapter === undefined) return y;
    // x A^T is [N, rank]: scaling it is the cheapest place for s.
    const inner = multiply(matmul(x, adapter.a, { transposeB: true }), this.scalar(this.#scale));
    return add(y, matmul(inner, adapter.b, { transposeB: true }));
  }
}
