export {
  ARCHITECTURE_TRAITS,
  ARCHITECTURES,
  type Architecture,
  type ArchitectureTraits,
  type LayerRole,
  type WeightRole,
} from "./architectures.ts";
export { type Checkpoint, isCompanionFile, openCheckpoint } from "./checkpoint.ts";
export {
  type ModelConfig,
  parseModelConfig,
  readModelConfig,
} from "./config.ts";
export {
  decoderLogits,
  decoderLoss,
  type ForwardInputs,
  type LossInputs,
  type LossOptions,
  type WeightLookup,
} from "./forward.ts";
export { bfloat16ToFloat32, float16ToFloat32 } from "./half-precision.ts";
export { initializeWeights } from "./initialize.ts";
export { knownShape } from "./known-shapes.ts";
export { type ParameterShape, parameterCount, parameterShapes, weightName } from "./parameters.ts";
export { type RopeScaling, rotaryDivisors } from "./rope-scaling.ts";
export {
  elementsOf,
  encodeSafetensorsHeader,
  openSafetensors,
  type Safetensors,
  type TensorInfo,
  type TensorToWrite,
  writeSafetensors,
} from "./safetensors.ts";
export { asFloat32, configText, freshTraits, toHuggingFaceConfig } from "./write-config.ts";
