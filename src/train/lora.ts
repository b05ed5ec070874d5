// LoRA (Hu et al. 2021): the base stays as it is, beside some of its matrices two small ones A and B are trained:
// y = x W^T + s (x A^T) B^T with s = alpha / rank. W + s B A is never made, and no gradient of W either.
import { join } from "node:path";
import { createRandom, UserError } from "../core/index.ts";
import {
  add,
  type Backward,
  Graph,
  type GraphOptions,
  matmul,
  multiply,
  type Tensor,
} from "../graph/index.ts";
import {
  type Checkpoint,
  type ModelConfig,
  openSafetensors,
  type ParameterShape,
  parameterShapes,
} from "../model/index.ts";
import { ADAPTER_FILE, ADAPTER_PREFIX, adapterFormat, readAdapterConfig } from "./adapter-format.ts";
import { declareNoise, dropout } from "./dropout.ts";
import { placeFrozenWeights } from "./frozen-weights.ts";
import { declareTrained, type Method, type TrainedShape } from "./method.ts";
import type { LoraSettings } from "./recipe.ts";
import type { WeightMap } from "./training-step.ts";

/** Every matrix of the layers. */
const ALL_LINEAR = "all-linear";

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
    checkpoint: adapterFormat(baseName, { ...lora, targets: targetNames(config, lora) }),
    declare({ training = true, ...options } = {}) {
      const graph = new AdaptedGraph(training ? lora : { ...lora, dropout: 0 }, options);
      const trained = declareTrained(graph, parameters);
      const weights = new Map(
        parameterShapes(config).map(({ name, shape }) => [name, frozen.declare(graph, name, shape)]),
      );
      for (const { weight, a, b } of adapters)
        graph.adapt(weights.get(weight)!, trained.get(a.name)!, trained.get(b.name)!);
      return { graph, trained, weight: (name) => weights.get(name)!, noise: graph.noise };
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

/** The values of an adapter in PEFT's layout; `UserError` where it is not just what the recipe asks for. */
export async function readAdapters(
  config: ModelConfig,
  lora: LoraSettings,
  folder: string,
): Promise<WeightMap> {
  const adapter = await readAdapterConfig(folder);
  const refuse = (file: string, at: string, message: string): never => {
    throw new UserError("bad-adapter", message, {
      file: join(folder, file),
      at,
      remedy: "Give lora the adapter's own rank, alpha and targets, or leave out lora.from.",
    });
  };
  if (adapter.rank !== lora.rank)
    refuse("adapter_config.json", "r", `is ${adapter.rank}, the recipe asks for ${lora.rank}`);
  if (adapter.scale !== lora.alpha / lora.rank)
    refuse(
      "adapter_config.json",
      "lora_alpha",
      `scales by ${adapter.scale}, the recipe by ${lora.alpha / lora.rank}`,
    );
  const file = await openSafetensors(join(folder, ADAPTER_FILE));
  try {
    const values: WeightMap = new Map();
    for (const { name, shape } of listAdapters(config, lora).flatMap(({ a, b }) => [a, b])) {
      const found = file.tensors.get(name)?.shape ?? refuse(ADAPTER_FILE, name, "is missing");
      if (found.join() !== shape.join())
        refuse(ADAPTER_FILE, name, `has shape [${found}], expected [${shape}]`);
      values.set(name, { shape, data: await file.read(name) });
    }
    const other = [...file.tensors.keys()].find((name) => !values.has(name));
    if (other !== undefined) refuse(ADAPTER_FILE, other, "is not among the recipe's targets");
    return values;
  } finally {
    await file.close();
  }
}

/** What is trained of `lora` beside a model. */
export function adapterShapes(config: ModelConfig, lora: LoraSettings): TrainedShape[] {
  return listAdapters(config, lora).flatMap(({ a, b }) => [a, b]);
}

function listAdapters(config: ModelConfig, lora: LoraSettings): Adapter[] {
  const wanted = targetFilter(config, lora.targets);
  return linearWeights(config).flatMap(({ name, shape }) => {
    const module = moduleOf(name);
    if (!wanted(module)) return [];
    const [out, width] = shape as [number, number];
    const prefix = `${ADAPTER_PREFIX}${module}`;
    return [
      {
        weight: name,
        a: { name: `${prefix}.lora_A.weight`, shape: [lora.rank, width] },
        b: { name: `${prefix}.lora_B.weight`, shape: [out, lora.rank] },
      },
    ];
  });
}

/** The matrices of the layers. */
export function linearWeights(config: ModelConfig): ParameterShape[] {
  return parameterShapes(config).filter(({ layer, shape }) => layer !== undefined && shape.length === 2);
}

function moduleOf(weight: string): string {
  return weight.replace(/\.weight$/u, "");
}

/** What PEFT is told of the targets; "all-linear" spelt out, since it would count a model's other matrices in. */
export function targetNames(config: ModelConfig, { targets }: LoraSettings): LoraSettings["targets"] {
  if (targets !== ALL_LINEAR) return targets;
  const ends = linearWeights(config).map(({ name }) => moduleOf(name).replace(/^.*\./u, ""));
  return [...new Set(ends)] as [string, ...string[]];
}

/** Which modules the targets mean; `UserError` for those that mean none. */
function targetFilter(config: ModelConfig, targets: LoraSettings["targets"]): (module: string) => boolean {
  if (targets === ALL_LINEAR) return () => true;
  const modules = linearWeights(config).map(({ name }) => moduleOf(name));
  const refuse = (message: string): never => {
    throw new UserError("bad-recipe", message, {
      at: "lora.targets",
      remedy: `A list names the ends of names, ["q_proj"]; the model's matrices are called like ${modules.slice(0, 7).join(", ")}.`,
    });
  };
  const ends = (module: string, name: string): boolean => module === name || module.endsWith(`.${name}`);
  if (typeof targets !== "string") {
    for (const name of targets)
      if (!modules.some((module) => ends(module, name)))
        refuse(`no matrix is called ${JSON.stringify(name)}`);
    return (module) => targets.some((name) => ends(module, name));
  }
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^(?:${targets})$`, "u");
  } catch (error) {
    return refuse(`not a regular expression: ${(error as Error).message}`);
  }
  if (!modules.some((module) => pattern.test(module))) refuse(`no matrix matches ${JSON.stringify(targets)}`);
  return (module) => pattern.test(module);
}

/**
 * A graph in which a product x W^T with an adapted W comes with the adapter's share added. The forward pass asks for weights
 * by name and multiplies by them itself, so the product is met here, where an operator is put on the tape.
 */
class AdaptedGraph extends Graph {
  readonly #scale: number;
  readonly #dropout: number;
  readonly #adapters = new Map<string, { a: Tensor; b: Tensor }>();
  readonly #noise = new Map<string, [Tensor, Tensor]>();
  /** Inputs to fill with noise; grows with the forward pass. */
  readonly noise: Tensor[] = [];

  constructor({ rank, alpha, dropout }: LoraSettings, options?: GraphOptions) {
    super(options);
    this.#scale = alpha / rank;
    this.#dropout = dropout;
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
    const seen = this.#dropout === 0 ? x : dropout(x, this.#noiseFor(weight!.name, x), this.#dropout);
    // x A^T is [N, rank]: scaling it is the cheapest place for s.
    const inner = multiply(matmul(seen, adapter.a, { transposeB: true }), this.scalar(this.#scale));
    return add(y, matmul(inner, adapter.b, { transposeB: true }));
  }

  /** A layer that is computed again must drop the same. */
  #noiseFor(weight: string, x: Tensor): [Tensor, Tensor] {
    const known = this.#noise.get(weight);
    if (known !== undefined) return known;
    const noise = declareNoise(this, weight, x.shape as [number, number]);
    this.#noise.set(weight, noise);
    this.noise.push(...noise);
    return noise;
  }
}
