// The decoder's forward pass as graph expressions: Llama and Qwen2, pre-norm blocks with grouped-query attention.
// Shapes: B batch, T time, N = B * T, H heads, K key/value heads, D head size, C hidden size, V vocabulary.
import {
  add,
  crossEntropy,
  type Graph,
  gatherRows,
  matmul,
  multiply,
  reshape,
  rmsNorm,
  rotaryEmbedding,
  rotaryTables,
  silu,
  softmax,
  type Tensor,
  transpose,
} from "../graph/index.ts";
import type { ModelConfig } from "./config.ts";

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
  const { hiddenSize: C, headSize: D, heads: H, keyValueHeads: K, normEpsilon } = config;
  const tables = rotaryTables(graph, T, D, config.ropeTheta);
  // The tables are constants, so no gradient flows; one row for each token, shared by all heads.
  const cos_B1TD = reshape(gatherRows(tables.cos, inputs.positions), [B, 1, T, D]);
  const sin_B1TD = reshape(gatherRows(tables.sin, inputs.positions), [B, 1, T, D]);
  const mask = attentionMask(graph, B, T, inputs.segments);
  // 1/sqrt(D) on the queries: D values a token instead of T.
  const scale = graph.scalar(1 / Math.sqrt(D));

  const linear = (x: Tensor, name: string): Tensor =>
    matmul(x, weight(`${name}.weight`), { transposeB: true });
  const projection = (x: Tensor, name: string): Tensor => {
    const y = linear(x, name);
    return config.attentionBias ? add(y, weight(`${name}.bias`)) : y;
  };
  const splitHeads = (x: Tensor, heads: number): Tensor =>
    transpose(reshape(x, [B, T, heads, D]), [0, 2, 1, 3]);

  const attention = (x_NC: Tensor, prefix: string): Tensor => {
    const q = rotaryEmbedding(splitHeads(projection(x_NC, `${prefix}.q_proj`), H), cos_B1TD, sin_B1TD);
    const k = rotaryEmbedding(splitHeads(projection(x_NC, `${prefix}.k_proj`), K), cos_B1TD, sin_B1TD);
    const v = splitHeads(projection(x_NC, `${prefix}.v_proj`), K);
    // The H/K query heads that share a key head become more rows of one product: keys need not be repeated.
    const grouped = [B, K, (H / K) * T, D];
    const scores = matmul(reshape(multiply(q, scale), grouped), k, { transposeB: true });
    const weights_BHTT = softmax(add(reshape(scores, [B, H, T, T]), mask));
    const mixed = matmul(reshape(weights_BHTT, [B, K, (H / K) * T, T]), v);
    const joined = reshape(transpose(reshape(mixed, [B, H, T, D]), [0, 2, 1, 3]), [B * T, H * D]);
    return linear(joined, `${prefix}.o_proj`);
  };
  const mlp = (x: Tensor, prefix: string): Tensor =>
    linear(
      multiply(silu(linear(x, `${prefix}.gate_proj`)), linear(x, `${prefix}.up_proj`)),
      `${prefix}.down_proj`,
    );

  let x_NC = reshape(gatherRows(weight("model.embed_tokens.weight"), inputs.tokens), [B * T, C]);
  for (let layer = 0; layer < config.layers; layer++) {
    const prefix = `model.layers.${layer}`;
    const norm = (x: Tensor, name: string): Tensor =>
      rmsNorm(x, weight(`${prefix}.${name}.weight`), normEpsilon);
    x_NC = add(x_NC, attention(norm(x_NC, "input_layernorm"), `${prefix}.self_attn`));
    x_NC = add(x_NC, mlp(norm(x_NC, "post_attention_layernorm"), `${prefix}.mlp`));
  }
  const head = config.tiedEmbeddings ? "model.embed_tokens.weight" : "lm_head.weight";
  return matmul(rmsNorm(x_NC, weight("model.norm.weight"), normEpsilon), weight(head), { transposeB: true });
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

/** Additive mask: 0 where a query may look, `MASKED` elsewhere. [T, T], or [B, 1, T, T] when documents are isolated. */
function attentionMask(graph: Graph, B: number, T: number, segments: Tensor | undefined): Tensor {
  const future = new Float32Array(T * T);
  for (let query = 0; query < T; query++) future.fill(MASKED, query * T + query + 1, (query + 1) * T);
  const causal = graph.constant(future, [T, T]);
  if (segments === undefined) return causal;
  const side = (shape: readonly number[]): Tensor =>
    graph.emit("Reshape", [segments, graph.integers(shape)], shape);
  const shape = [B, 1, T, T];
  const same = graph.emit("Equal", [side([B, 1, T, 1]), side([B, 1, 1, T])], shape, {}, "bool");
  return graph.emit("Where", [same, causal, graph.scalar(MASKED)], shape, {}, graph.floatType);
}
