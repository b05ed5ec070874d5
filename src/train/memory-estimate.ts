// How much memory a run will take, by kind, from its shape alone. Weights and moments are counted; activations and what the runtime
// holds on to are modelled, with factors fitted to measured peaks (docs in README.md).
import { headChunkRows } from "../graph/index.ts";
import { type ModelConfig, parameterShapes } from "../model/index.ts";
import { adapterShapes, linearWeights } from "./lora.ts";
import type { LoraSettings, Recipe } from "./recipe.ts";

/** Bytes by kind. */
export interface MemoryEstimate {
  /** Weights that are trained, float32. */
  readonly weights: number;
  /** Frozen weights, and an examined model's, mapped from their files: wanted, but given back when memory is short. */
  readonly mapped: number;
  /** Frozen weights in a packed layout, once for each product that they are in. */
  readonly packed: number;
  /** Gradients; twice where micro-batches are summed. */
  readonly gradients: number;
  /** Both moments of AdamW. */
  readonly optimizer: number;
  /** What is kept from the forward pass for the gradient, and what computing a layer takes on top. */
  readonly activations: number;
  /** Node, ONNX Runtime and casts of frozen weights. */
  readonly runtime: number;
  /** A second graph for held-out rows, a second model for the exam; 0 where nothing is evaluated. */
  readonly evaluation: number;
  /** All but `mapped`. */
  readonly total: number;
}

/** What decides the memory. */
export interface MemoryShape {
  readonly config: ModelConfig;
  readonly recipe: Pick<Recipe, "batch" | "accumulate" | "recomputeActivations" | "lora">;
  /** Positions of a row. */
  readonly length: number;
  /** Parameters of the adapters; 0 where all weights are trained. */
  readonly adapterParameters: number;
  /** Bytes of a weight in the base's files. */
  readonly baseBytes: number;
  /** What is looked at on the way. Default: nothing. */
  readonly evaluation?: EvaluationShape | undefined;
}

/** What of an evaluation decides its memory. */
export interface EvaluationShape {
  /** Positions of a held-out row; absent: none are measured. */
  readonly heldOutLength?: number | undefined;
  /** Whether checkpoints sit an exam, as GGUF files in F16. */
  readonly exam: boolean;
}

const FLOAT = 4;
/** Values of hidden size that a layer keeps of a token, counted over its operators and the blocks of attention. */
const KEPT_HIDDEN = 29;
/** The same of the width of the gated MLP. */
const KEPT_INNER = 5;
/** Attention computes slightly more than the causal half of its scores. */
const CAUSAL_SHARE = 0.5625;
/** Masks of dropout, what they leave, and what they are made of, in values of what goes into a weight with an adapter. */
const KEPT_DROPOUT = 2.5;
/** Buffers of one layer's gradient, in layers' worth of kept values. */
const WORKING_LAYERS = 3;
/** The runtime's memory is not filled to the last byte. */
const ARENA = 1.1;
/** Buffers of the head's size: logits, probabilities and their gradients of one chunk. */
const HEAD_BUFFERS = 4;
/** Layers' worth of values that a forward pass alone holds at once. */
const FORWARD_LAYERS = 1;
const HALF = 2;
/** Largest weights in memory while a checkpoint is merged, converted and tried out. */
const EXAM_WEIGHTS = 3;
/** llama.cpp's cache and buffers. */
const EXAM_BYTES = 256 * 2 ** 20;
/** Node with its modules, and the graph. */
const PROCESS_BYTES = 160 * 2 ** 20;

/** Values that go into all weights with adapters, of one token. */
function adapterInputs(config: ModelConfig, lora: LoraSettings): number {
  const matrices = adapterShapes(config, lora).filter(({ name }) => name.endsWith(".lora_A.weight"));
  return matrices.reduce((sum, { shape }) => sum + shape[1]!, 0);
}

/** Frozen matrices in all their copies: one for the product, one for its gradient, one where a layer is computed again. */
function packedValues(
  config: ModelConfig,
  { recomputeActivations }: Pick<Recipe, "recomputeActivations">,
  tokens: number,
): number {
  const sizes = linearWeights(config).map(({ shape }) => shape[0]! * shape[1]!);
  const layers = (recomputeActivations ? 3 : 2) * sizes.reduce((a, b) => a + b, 0);
  const { vocabularySize, hiddenSize } = config;
  // A head that is multiplied in chunks is not packed.
  return layers + (tokens <= headChunkRows(vocabularySize) ? 2 * vocabularySize * hiddenSize : 0);
}

/** Estimates the peak of a run's memory. */
export function estimateMemory({ config, recipe, length, ...adapters }: MemoryShape): MemoryEstimate {
  const { hiddenSize, intermediateSize, heads, headSize, layers, vocabularySize } = config;
  const shapes = parameterShapes(config).map(({ shape }) => shape.reduce((a, b) => a * b, 1));
  const parameters = shapes.reduce((a, b) => a + b, 0);
  const frozen = recipe.lora !== undefined;
  const trained = frozen ? adapters.adapterParameters : parameters;
  const tokens = (recipe.batch / recipe.accumulate) * length;
  // Heads may be wider together than the hidden size.
  const width = Math.max(hiddenSize, heads * headSize);
  const layerValues = (rowLength: number): number =>
    KEPT_HIDDEN * width + KEPT_INNER * intermediateSize + heads * rowLength * CAUSAL_SHARE;
  const layer = layerValues(length);
  // Every adapter drops its own.
  const dropped = recipe.lora?.dropout ? KEPT_DROPOUT * adapterInputs(config, recipe.lora) : 0;
  const kept = recipe.recomputeActivations ? 2 * hiddenSize * layers : layer * layers + dropped;
  const logits = (positions: number): number =>
    HEAD_BUFFERS * Math.min(positions, headChunkRows(vocabularySize)) * vocabularySize;
  const head = logits(tokens) + (frozen ? 0 : 3 * vocabularySize * hiddenSize);
  const activations = FLOAT * ARENA * (tokens * (kept + WORKING_LAYERS * layer) + head);
  const weights = FLOAT * trained;
  const gradients = FLOAT * trained * (recipe.accumulate > 1 ? 2 : 1);
  const optimizer = 2 * FLOAT * trained;
  // Mapped weights of 16 bits are widened one at a time: the largest, and the next.
  const largest = FLOAT * Math.max(...shapes);
  const casts = frozen && adapters.baseBytes < FLOAT ? 2 * largest : 0;
  const runtime = PROCESS_BYTES + casts;
  const packed = recipe.lora?.prepackBase ? FLOAT * packedValues(config, recipe, tokens) : 0;
  const { heldOutLength: held = 0, exam = false } = adapters.evaluation ?? {};
  const heldOut = FLOAT * ARENA * (held * FORWARD_LAYERS * layerValues(held) + logits(held));
  const examined = exam ? EXAM_WEIGHTS * largest + EXAM_BYTES : 0;
  const evaluation = heldOut + (held > 0 ? casts : 0) + examined;
  return {
    weights,
    mapped: parameters * ((frozen ? adapters.baseBytes : 0) + (exam ? HALF : 0)),
    packed,
    gradients,
    optimizer,
    activations,
    runtime,
    evaluation,
    total: weights + packed + gradients + optimizer + activations + runtime + evaluation,
  };
}
