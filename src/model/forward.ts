// The decoder's forward pass as graph expressions: pre-norm blocks with grouped-query attention, one for all architectures
// of architectures.ts.
// Shapes: B batch, T time, N = B * T, H heads, K key/value heads, D head size, C hidden size, V vocabulary.
import {
  add,
  crossEntropy,
  type Graph,
  gatherRows,
  geluTanh,
  matmul,
  multiply,
  reshape,
  rmsNorm,
  rotaryEmbedding,
  rotaryTables,
  silu,
  slice,
  softcap,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import { ARCHITECTURE_TRAITS, type LayerRole, slides } from "./architectures.ts";
import type { ModelConfig } from "./config.ts";
import { weightName } from "./parameters.ts";
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

/** Masked attention scores; large enough to vanish in float32, small enough not to overflow when added to. */
const MASKED = -1e9;

/** Logits [N, V] of every position. `T` positions at most are distinguished by the rotary tables. */
export function decoderLogits(
  graph: Graph,
  config: ModelConfig,
  weight: WeightLookup,
  inputs: ForwardInputs,
): Tensor {
  const [B, T] = inputs.tokens.shape as [number, number];
  const { architecture, hiddenSize: C, headSize: D, heads: H, keyValueHeads: K, normEpsilon } = config;
  const traits = ARCHITECTURE_TRAITS[architecture];
  const tables = rotaryTables(graph, T, D, config.ropeTheta, rotaryDivisors(config));
  // The tables are constants, so no gradient flows; one row for each token, shared by all heads.
  const cos_B1TD = reshape(gatherRows(tables.cos, inputs.positions), [B, 1, T, D]);
  const sin_B1TD = reshape(gatherRows(tables.sin, inputs.positions), [B, 1, T, D]);
  // One of each kind that there are layers for: at T = 4096 a mask is 64 MB.
  const masks = new Map<number, Tensor>();
  const maskOf = (window: number): Tensor => {
    const mask = masks.get(window) ?? attentionMask(graph, B, T, inputs.segments, window);
    masks.set(window, mask);
    return mask;
  };
  // 1/sqrt(D) on the queries: D values a token instead of T.
  const scale = graph.scalar(1 / Math.sqrt(config.queryScalar ?? D));
  const capped = (x: Tensor, cap: number | undefined): Tensor => (cap === undefined ? x : softcap(x, cap));
  const normalise = (x: Tensor, w: Tensor): Tensor =>
    rmsNorm(x, traits.normOffset === 0 ? w : add(w, graph.scalar(traits.normOffset)), normEpsilon);
  const activate = ACTIVATIONS[traits.activation];

  /** The operations of one layer, each by the role of its weights. */
  const layerOperations = (layer: number) => {
    const mask = maskOf(slides(traits, layer) ? Math.min(T, config.slidingWindow ?? T) : T);
    const named = (role: LayerRole, kind: "weight" | "bias" = "weight"): Tensor =>
      weight(weightName(architecture, role, layer, kind));
    const linear = (x: Tensor, role: LayerRole): Tensor => matmul(x, named(role), { transposeB: true });
    /** A norm that the architecture does not have changes nothing. */
    const norm = (x: Tensor, role: LayerRole): Tensor =>
      traits.names.layer[role] === undefined ? x : normalise(x, named(role));
    const projection = (x: Tensor, role: LayerRole): Tensor => {
      const y = linear(x, role);
      return config.attentionBias ? add(y, named(role, "bias")) : y;
    };
    const projections = (x: Tensor): [Tensor, Tensor, Tensor] => {
      if (traits.names.layer["query-key-value"] === undefined)
        return [projection(x, "query"), projection(x, "key"), projection(x, "value")];
      const fused = projection(x, "query-key-value");
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
      const turned = (x: Tensor): Tensor => rotaryEmbedding(x, cos_B1TD, sin_B1TD);
      // The H/K query heads that share a key head become more rows of one product: keys need not be repeated.
      const grouped = reshape(multiply(turned(q), scale), [B, K, (H / K) * T, D]);
      const scores = reshape(matmul(grouped, turned(k), { transposeB: true }), [B, H, T, T]);
      const weights_BHTT = softmax(add(capped(scores, config.attentionSoftcap), mask));
      const mixed = matmul(reshape(weights_BHTT, [B, K, (H / K) * T, T]), v);
      const joined = reshape(transpose(reshape(mixed, [B, H, T, D]), [0, 2, 1, 3]), [B * T, H * D]);
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
    const attended = attention(norm(x_NC, "attention-norm"));
    x_NC = add(x_NC, norm(attended, "attention-output-norm"));
    const thought = mlp(norm(x_NC, "mlp-norm"));
    x_NC = add(x_NC, norm(thought, "mlp-output-norm"));
  }
  const normal = normalise(x_NC, weight(weightName(architecture, "final-norm")));
  const head = config.tiedEmbeddings ? embedding : weight(weightName(architecture, "head"));
  return capped(matmul(normal, head, { transposeB: true }), config.finalSoftcap);
}

/**
 * Next-token loss in nats: the weighted sum of cross-entropies. `targets` int64 [B, T] is what each position should predict
 * (already shifted), `targetWeights` [B, T] how much it counts.
 */
export function nextTokenLoss(logits_NV: Tensor, targets: Tensor, targetWeights: Tensor): Tensor {
  const rows = logits_NV.shape[0]!;
  return crossEntropy(logits_NV, flat(targets, rows), flat(targetWeights, rows));
}

function flat(x: Tensor, size: number): Tensor {
  return x.graph.emit("Reshape", [x, x.graph.integers([size])], [size]);
}

/**
 * Additive mask: 0 where a query may look, `MASKED` elsewhere: the future, and keys `window` or more positions back.
 * [T, T], or [B, 1, T, T] when documents are isolated.
 */
function attentionMask(
  graph: Graph,
  B: number,
  T: number,
  segments: Tensor | undefined,
  window: number,
): Tensor {
  const hidden = new Float32Array(T * T);
  for (let query = 0; query < T; query++) {
    hidden.fill(MASKED, query * T + query + 1, (query + 1) * T);
    const past = Math.max(0, query - window + 1);
    hidden.fill(MASKED, query * T, query * T + past);
  }
  const causal = graph.constant(hidden, [T, T]);
  if (segments === undefined) return causal;
  const side = (shape: readonly number[]): Tensor =>
    graph.emit("Reshape", [segments, graph.integers(shape)], shape);
  const shape = [B, 1, T, T];
  const same = graph.emit("Equal", [side([B, 1, T, 1]), side([B, 1, 1, T])], shape, {}, "bool");
  return graph.emit("Where", [same, causal, graph.scalar(MASKED)], shape, {}, graph.floatType);
}
