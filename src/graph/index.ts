export { geluTanh, softcap } from "./activations.ts";
export { type AttentionMask, causalAttention, causalMask, type MaskOptions } from "./attention.ts";
export { type Backward, Graph, type GraphOptions, type Tensor } from "./graph.ts";
export { type HeadLoss, type HeadLossOptions, headChunkRows, headLoss } from "./head-loss.ts";
export type { Attribute, ElementType } from "./onnx.ts";
export {
  add,
  gatherRows,
  type MatmulOptions,
  matmul,
  multiply,
  reshape,
  silu,
  slice,
  transpose,
} from "./operators.ts";
export type { Provider } from "./providers.ts";
export { rmsNorm } from "./rms-norm.ts";
export { type RotaryOptions, type RotaryTables, rotaryEmbedding, rotaryTables } from "./rotary.ts";
export { createSession, type SessionOptions } from "./run.ts";
export { copyFromDevice, createDeviceSession, deviceHolds, requireDevice } from "./run-on-device.ts";
export type {
  DeviceSession,
  DeviceValue,
  GraphSession,
  TensorData,
  TensorValue,
} from "./session.ts";
