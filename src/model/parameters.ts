// The list of a decoder's weights: names as its checkpoints have them, shapes, and what each is for.
import {
  ARCHITECTURE_TRAITS,
  type Architecture,
  type LayerRole,
  type WeightNames,
  type WeightRole,
} from "./architectures.ts";
import type { ModelConfig } from "./config.ts";

/** A weight of the checkpoint. */
export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
  readonly role: WeightRole;
  readonly kind: "weight" | "bias";
  /** Absent for weights outside the layers. */
  readonly layer?: number;
}

/** Which part of a configuration says that a projection has a bias. */
const BIASES: Readonly<Partial<Record<WeightRole, "attentionBias" | "attentionOutputBias" | "mlpBias">>> = {
  query: "attentionBias",
  key: "attentionBias",
  value: "attentionBias",
  "query-key-value": "attentionBias",
  "attention-output": "attentionOutputBias",
  "mlp-gate": "mlpBias",
  "mlp-up": "mlpBias",
  "mlp-down": "mlpBias",
};

/** Whether a projection has a bias. */
export function hasBias(config: ModelConfig, role: WeightRole): boolean {
  const key = BIASES[role];
  return key !== undefined && config[key] === true;
}

/** Shapes within a layer; a projection is [out, in]. */
const LAYER_SHAPES: Readonly<Record<LayerRole, (config: ModelConfig) => readonly number[]>> = {
  "attention-norm": (c) => [c.hiddenSize],
  query: (c) => [c.heads * c.headSize, c.hiddenSize],
  key: (c) => [c.keyValueHeads * c.headSize, c.hiddenSize],
  value: (c) => [c.keyValueHeads * c.headSize, c.hiddenSize],
  // Rows of the queries, then of the keys, then of the values.
  "query-key-value": (c) => [(c.heads + 2 * c.keyValueHeads) * c.headSize, c.hiddenSize],
  "query-norm": (c) => [c.headSize],
  "key-norm": (c) => [c.headSize],
  "attention-output": (c) => [c.hiddenSize, c.heads * c.headSize],
  "attention-output-norm": (c) => [c.hiddenSize],
  "mlp-norm": (c) => [c.hiddenSize],
  "mlp-gate": (c) => [c.intermediateSize, c.hiddenSize],
  "mlp-up": (c) => [c.intermediateSize, c.hiddenSize],
  "mlp-down": (c) => [c.hiddenSize, c.intermediateSize],
  "mlp-output-norm": (c) => [c.hiddenSize],
};

/** The name of a weight in a checkpoint of this architecture; `layer` for those of a layer. */
export function weightName(
  architecture: Architecture,
  role: WeightRole,
  layer?: number,
  kind: "weight" | "bias" = "weight",
): string {
  const { names } = ARCHITECTURE_TRAITS[architecture];
  return `${stem(names, role, layer)}.${kind}`;
}

function stem(names: WeightNames, role: WeightRole, layer: number | undefined): string {
  switch (role) {
    case "embedding":
      return names.embedding;
    case "final-norm":
      return names.finalNorm;
    case "head":
      return names.head;
    default:
      return `${names.layers}.${layer}.${names.layer[role]}`;
  }
}

/** Every weight of the model, in checkpoint order. */
export function parameterShapes(config: ModelConfig): ParameterShape[] {
  const { architecture, vocabularySize, hiddenSize } = config;
  const shapes: ParameterShape[] = [];
  const add = (role: WeightRole, shape: readonly number[], layer?: number): void => {
    const place = layer === undefined ? {} : { layer };
    const name = (kind: "weight" | "bias"): string => weightName(architecture, role, layer, kind);
    shapes.push({ name: name("weight"), shape, role, kind: "weight", ...place });
    if (!hasBias(config, role)) return;
    shapes.push({ name: name("bias"), shape: shape.slice(0, 1), role, kind: "bias", ...place });
  };
  add("embedding", [vocabularySize, hiddenSize]);
  const roles = Object.keys(ARCHITECTURE_TRAITS[architecture].names.layer) as LayerRole[];
  for (let layer = 0; layer < config.layers; layer++) {
    for (const role of roles) add(role, LAYER_SHAPES[role](config), layer);
  }
  add("final-norm", [hiddenSize]);
  if (!config.tiedEmbeddings) add("head", [vocabularySize, hiddenSize]);
  return shapes;
}

/** Number of weights. */
export function parameterCount(config: ModelConfig): number {
  return parameterShapes(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
}
