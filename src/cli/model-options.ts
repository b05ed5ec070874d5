// Options of every command that runs models: how much of the machine they get.
import type { OpenModelOptions } from "../flows/index.ts";
import type { OptionDefinition } from "./command.ts";

/** To be spread into a command's options. */
export const MODEL_OPTIONS = {
  threads: { type: "number", value: "N", help: "CPU threads of a local model; default all cores, at most 8" },
  "gpu-layers": {
    type: "number",
    value: "N",
    help: "layers of a local model kept on a GPU, where llama.cpp has one; -1 = all, default 0",
  },
} as const satisfies Record<string, OptionDefinition>;

/** What the user gave, as `openModel` takes it; ranges are checked there. */
export function readModelOptions(options: {
  readonly threads: number | undefined;
  readonly "gpu-layers": number | undefined;
}): OpenModelOptions {
  const { threads, "gpu-layers": gpuLayers } = options;
  return { ...(threads === undefined ? {} : { threads }), ...(gpuLayers === undefined ? {} : { gpuLayers }) };
}
