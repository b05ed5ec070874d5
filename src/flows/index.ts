export { type DoctorCheck, doctor } from "./doctor.ts";
export { type ModelSpec, parseModelSpec } from "./model-spec.ts";
export { modelIdentity, type OpenModelOptions, openModel } from "./open-model.ts";
export { type LanguageRow, type QuickstartOptions, type QuickstartResult, quickstart } from "./quickstart.ts";
