// Smooth non-linear functions with hand-derived gradients: what a decoder's MLP and its soft caps need.
import type { Tensor } from "./graph.ts";

/** cap * tanh(x / cap): nearly x while small, never beyond the cap. Source: Gemma 2 (arXiv 2408.00118), section 2. */
export function softcap(x: Tensor, cap: number): Tensor {
  const { graph } = x;
  const emit = (operator: string, ...inputs: Tensor[]): Tensor => graph.emit(operator, inputs, x.shape);
  const bent = emit("Tanh", emit("Div", x, graph.scalar(cap)));
  return graph.record([x], emit("Mul", bent, graph.scalar(cap)), (dy) => [
    graph.emit("Mul", [dy, softcapSlope(bent)], x.shape),
  ]);
}

/** Derivative of `softcap` where its hyperbolic tangent is `bent`: 1 - tanh^2. */
export function softcapSlope(bent: Tensor): Tensor {
  const { graph, shape } = bent;
  return graph.emit("Sub", [graph.scalar(1), graph.emit("Mul", [bent, bent], shape)], shape);
}

/** GELU in its tanh form: x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))). Source: Hendrycks and Gimpel 2016, section 2. */
export function geluTanh(x: Tensor): Tensor {
  const { graph } = x;
  const emit = (operator: string, ...inputs: Tensor[]): Tensor => graph.emit(operator, inputs, x.shape);
  const root = Math.sqrt(2 / Math.PI);
  const cubic = 0.044715;
  const square = emit("Mul", x, x);
  const one = graph.scalar(1);
  const inner = emit("Add", emit("Mul", square, graph.scalar(root * cubic)), graph.scalar(root));
  const bent = emit("Tanh", emit("Mul", x, inner));
  const half = emit("Mul", x, graph.scalar(0.5));
  const gate = emit("Add", bent, one);
  return graph.record([x], emit("Mul", half, gate), (dy) => {
    // d = gate/2 + x/2 (1 - tanh^2) sqrt(2/pi) (1 + 3 * 0.044715 x^2)
    const steep = emit("Add", emit("Mul", square, graph.scalar(3 * root * cubic)), graph.scalar(root));
    const bend = emit("Mul", emit("Sub", one, emit("Mul", bent, bent)), steep);
    const slope = emit("Add", emit("Mul", gate, graph.scalar(0.5)), emit("Mul", half, bend));
    return [emit("Mul", dy, slope)];
  });
}
