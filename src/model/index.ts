export { type Checkpoint, openCheckpoint } from "./checkpoint.ts";
export {
  ARCHITECTURES,
  type Architecture,
  type ModelConfig,
  type ParameterShape,
  parameterCount,
  parameterShapes,
  parseModelConfig,
  readModelConfig,
  toHuggingFaceConfig,
} from "./config.ts";
export { decoderLogits, type ForwardInputs, nextTokenLoss, type WeightLookup } from "./forward.ts";
export {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from "./half-precision.ts";
export { initializeWeights } from "./initialize.ts";
export {
  openSafetensors,
  type Safetensors,
  type TensorInfo,
  type TensorToWrite,
  writeSafetensors,
} from "./safetensors.ts";
