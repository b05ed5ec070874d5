// Options of every command that runs models: how much of the machine they get.
import { CHAT_FORMAT_NAMES } from "../engine/index.ts";
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
  "chat-format": {
    type: "string",
    value: "NAME",
    help: `prompt format of a local model: ${CHAT_FORMAT_NAMES.join(", ")}; default the file's own chat template`,
  },
} as const satisfies Record<string, OptionDefinition>;

/** What the user gave, as `openModel` takes it; ranges are checked there. */
export function readModelOptions(options: {
  readonly threads: number | undefined;
  readonly "gpu-layers": number | undefined;
  readonly "chat-format": string | undefined;
}): OpenModelOptions {
  const { threads, "gpu-layers": gpuLayers, "chat-format": chatFormat } = options;
  return {
    ...(threads === undefined ? {} : { threads }),
    ...(gpuLayers === undefined ? {} : { gpuLayers }),
    ...(chatFormat === undefined ? {} : { chatFormat }),
  };
}
