// The decoder's forward pass as graph expressions: pre-norm blocks with grouped-query attention, one for all architectures
// of architectures.ts.
// Shapes: B batch, T time, N = B * T, H heads, K key/value heads, D head size, C hidden size, V vocabulary.
import {
  type AttentionMask,
  add,
  causalAttention,
  causalMask,
  type Graph,
  gatherRows,
  geluTanh,
  type HeadLoss,
  headLoss,
  matmul,
  multiply,
  type RotaryTables,
  reshape,
  rmsNorm,
  rotaryEmbedding,
  rotaryTables,
  silu,
  slice,
  softcap,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import { ARCHITECTURE_TRAITS, type LayerRole, slides } from "./architectures.ts";
import type { ModelConfig } from "./config.ts";
import { hasBias, weightName } from "./parameters.ts";
import { rotaryDivisors } from "./rope-scaling.ts";

/** Inputs of a forward pass. */
export interface ForwardInputs {
  /** Token ids, int64 [B, T]. */
  readonly tokens: Tensor;
  /** Position of each token in its document, int64 [B, T], each below `positions`. */
  readonly positions: Tensor;
  /** Document of each token, int64 [B, T]: tokens attend only within their own. Absent: each row is one document. */
  readonly segments?: Tensor;
}

/** Gives the tensor of a weight by its checkpoint name. */
export type WeightLookup = (name: string) => Tensor;

const ACTIVATIONS = { silu, "gelu-tanh": geluTanh } as const;

/** Logits [N, V] of every position. `T` positions at most are distinguished by the rotary tables. */
export function decoderLogits(
  graph: Graph,
  config: ModelConfig,
  weight: WeightLookup,
  inputs: ForwardInputs,
): Tensor {
  const states = finalStates(graph, config, weight, inputs, false);
  const logits = matmul(states, weight(headName(config)), { transposeB: true });
  return config.finalSoftcap === undefined ? logits : softcap(logits, config.finalSoftcap);
}

/** What a training loss needs besides the inputs of the forward pass. */
export interface LossInputs extends ForwardInputs {
  /** What each position should predict (already shifted), int64 [B, T]. */
  readonly targets: Tensor;
  /** How much each position counts, [B, T]. */
  readonly targetWeights: Tensor;
}

/** How a training loss is computed. */
export interface LossOptions {
  /** Whether the gradient of this weight will be asked for. */
  readonly trains: (name: string) => boolean;
  /** Compute each layer again for its gradient instead of keeping its activations. Default false. */
  readonly recompute?: boolean;
  /** The runtime will keep every constant matrix in a packed layout, once for each product that it is in. Default false. */
  readonly prepack?: boolean;
}

/** Next-token loss in nats: the weighted sum of cross-entropies over all positions, and the share of each, [B * T, 1]. */
export function decoderLoss(
  graph: Graph,
  config: ModelConfig,
  weight: WeightLookup,
  inputs: LossInputs,
  { trains, recompute = false, prepack = false }: LossOptions,
): HeadLoss {
  const states = finalStates(graph, config, weight, inputs, recompute);
  const N = states.shape[0]!;
  const flat = (x: Tensor): Tensor => graph.emit("Reshape", [x, graph.integers([N])], [N]);
  const head = headName(config);
  return headLoss(states, weight(head), flat(inputs.targets), flat(inputs.targetWeights), {
    trainHead: trains(head),
    prepack,
    softcap: config.finalSoftcap,
  });
}

/** The weight that turns states into logits. */
function headName({ architecture, tiedEmbeddings }: ModelConfig): string {
  return weightName(architecture, tiedEmbeddings ? "embedding" : "head");
}

/** Normalised states [N, C] after the last layer. */
function finalStates(
  graph: Graph,
  config: ModelConfig,
  weight: WeightLookup,
  inputs: ForwardInputs,
  recompute: boolean,
): Tensor {
  const [B, T] = inputs.tokens.shape as [number, number];
  const { architecture, hiddenSize: C, headSize: D, heads: H, keyValueHeads: K, normEpsilon } = config;
  const traits = ARCHITECTURE_TRAITS[architecture];
  const divisors = rotaryDivisors(config);
  // 1/sqrt(D) on the queries: D values a token instead of T, and on the way.
  const scale = 1 / Math.sqrt(config.queryScalar ?? D);
  const queryTables = rotaryTables(graph, T, D, config.ropeTheta, { divisors, scale });
  const keyTables = rotaryTables(graph, T, D, config.ropeTheta, { divisors });
  // One of each kind that there are layers for: at T = 4096 a mask is 64 MB.
  const masks = new Map<number, AttentionMask>();
  const maskOf = (window: number): AttentionMask => {
    const mask = masks.get(window) ?? causalMask(graph, T, { segments: inputs.segments, window });
    masks.set(window, mask);
    return mask;
  };
  const normalise = (x: Tensor, w: Tensor): Tensor =>
    rmsNorm(x, traits.normOffset === 0 ? w : add(w, graph.scalar(traits.normOffset)), normEpsilon);
  const activate = ACTIVATIONS[traits.activation];

  /** The operations of one layer, each by the role of its weights. */
  const layerOperations = (layer: number) => {
    const mask = maskOf(slides(traits, layer) ? Math.min(T, config.slidingWindow ?? T) : T);
    const named = (role: LayerRole, kind: "weight" | "bias" = "weight"): Tensor =>
      weight(weightName(architecture, role, layer, kind));
    const linear = (x: Tensor, role: LayerRole): Tensor => {
      const y = matmul(x, named(role), { transposeB: true });
      return hasBias(config, role) ? add(y, named(role, "bias")) : y;
    };
    /** A norm that the architecture does not have changes nothing. */
    const norm = (x: Tensor, role: LayerRole): Tensor =>
      traits.names.layer[role] === undefined ? x : normalise(x, named(role));
    const projections = (x: Tensor): [Tensor, Tensor, Tensor] => {
      if (traits.names.layer["query-key-value"] === undefined)
        return [linear(x, "query"), linear(x, "key"), linear(x, "value")];
      const fused = linear(x, "query-key-value");
      const heads = (from: number, to: number): Tensor => slice(fused, 1, from * D, to * D);
      return [heads(0, H), heads(H, H + K), heads(H + K, H + 2 * K)];
    };
    /** [N, heads * D] to [B, heads, T, D], each head normalised where the architecture does so. */
    const splitHeads = (x: Tensor, heads: number, normRole?: LayerRole): Tensor => {
      const rows = reshape(x, [B * T * heads, D]);
      const normal = normRole === undefined ? rows : norm(rows, normRole);
      return transpose(reshape(normal, [B, T, heads, D]), [0, 2, 1, 3]);
    };
    const attention = (x_NC: Tensor): Tensor => {
      const [queries, keys, values] = projections(x_NC);
      const q = splitHeads(queries, H, "query-norm");
      const k = splitHeads(keys, K, "key-norm");
      const v = splitHeads(values, K);
      const turned = (x: Tensor, tables: RotaryTables): Tensor =>
        rotaryEmbedding(x, inputs.positions, tables);
      const [queriesTurned, keysTurned] = [turned(q, queryTables), turned(k, keyTables)];
      const mixed = causalAttention(queriesTurned, keysTurned, v, mask, config.attentionSoftcap);
      const joined = reshape(transpose(mixed, [0, 2, 1, 3]), [B * T, H * D]);
      return linear(joined, "attention-output");
    };
    const mlp = (x: Tensor): Tensor =>
      linear(multiply(activate(linear(x, "mlp-gate")), linear(x, "mlp-up")), "mlp-down");
    return { norm, attention, mlp };
  };

  const embedding = weight(weightName(architecture, "embedding"));
  let x_NC = reshape(gatherRows(embedding, inputs.tokens), [B * T, C]);
  if (traits.scaledEmbeddings) x_NC = multiply(x_NC, graph.scalar(Math.sqrt(C)));
  for (let layer = 0; layer < config.layers; layer++) {
    const { norm, attention, mlp } = layerOperations(layer);
    const block = (x: Tensor): Tensor => {
      const attended = attention(norm(x, "attention-norm"));
      const middle = add(x, norm(attended, "attention-output-norm"));
      const thought = mlp(norm(middle, "mlp-norm"));
      return add(middle, norm(thought, "mlp-output-norm"));
    };
    x_NC = recompute ? graph.recomputed(x_NC, block) : block(x_NC);
  }
  return normalise(x_NC, weight(weightName(architecture, "final-norm")));
}
