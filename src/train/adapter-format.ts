// Adapters as PEFT stores them: adapter_config.json and adapter_model.safetensors.
import { join } from "node:path";
import { z } from "zod";
import { isFolder, readJson, UserError } from "../core/index.ts";
import type { CheckpointFormat } from "./checkpoint.ts";
import type { LoraSettings } from "./recipe.ts";

/** What PEFT puts before the module's name in the base model. */
export const ADAPTER_PREFIX = "base_model.model.";

const CONFIG_FILE = "adapter_config.json";
/** The adapters' weights. */
export const ADAPTER_FILE = "adapter_model.safetensors";

/** Files of an adapter checkpoint. Only keys that every release of PEFT knows: older ones refuse the others. */
export function adapterFormat(
  base: string,
  { rank, alpha, targets, dropout }: LoraSettings,
): CheckpointFormat {
  return {
    weightFile: ADAPTER_FILE,
    json: {
      [CONFIG_FILE]: {
        alpha_pattern: {},
        auto_mapping: null,
        base_model_name_or_path: base,
        bias: "none",
        fan_in_fan_out: false,
        inference_mode: true,
        init_lora_weights: true,
        layers_pattern: null,
        layers_to_transform: null,
        lora_alpha: alpha,
        lora_dropout: dropout,
        modules_to_save: null,
        peft_type: "LORA",
        r: rank,
        rank_pattern: {},
        revision: null,
        target_modules: targets,
        task_type: "CAUSAL_LM",
        use_rslora: false,
      },
    },
  };
}

const none = (what: string) =>
  z
    .unknown()
    .optional()
    .refine(
      (value) => !value || (typeof value === "object" && Object.keys(value).length === 0),
      `${what} cannot be merged here`,
    );

const ignored = z.unknown().optional();

// Keys that change what is added to the base are read or refused, those that PEFT will yet invent too.
const configSchema = z
  .object({
    peft_type: z.literal("LORA"),
    base_model_name_or_path: z.string().nullish(),
    r: z.number().int().positive(),
    lora_alpha: z.number(),
    use_rslora: z.boolean().nullish(),
    bias: z.literal("none", "trained biases cannot be merged here").default("none"),
    // PiSSA, OLoRA, CorDA, LoftQ and LoRA-GA take a part out of the base and train beside the rest.
    init_lora_weights: z
      .union([z.boolean(), z.enum(["gaussian", "orthogonal", "eva"])], {
        error: ({ input }) =>
          `${JSON.stringify(input)} trains beside a changed base: save it with PEFT's path_initial_model_for_weight_conversion`,
      })
      .nullish(),
    fan_in_fan_out: none("transposed weights"),
    use_dora: none("DoRA"),
    modules_to_save: none("whole modules"),
    rank_pattern: none("ranks that differ"),
    alpha_pattern: none("alphas that differ"),
    // What says where adapters are is asked of their file.
    target_modules: ignored,
    exclude_modules: ignored,
    layers_to_transform: ignored,
    layers_pattern: ignored,
    // Training, starts and defaults that mean nothing by themselves.
    lora_dropout: ignored,
    inference_mode: ignored,
    task_type: ignored,
    auto_mapping: ignored,
    revision: ignored,
    peft_version: ignored,
    runtime_config: ignored,
    loftq_config: ignored,
    eva_config: ignored,
    megatron_core: ignored,
    qalora_group_size: ignored,
  })
  .catchall(none("this kind of LoRA"));

/** What merging needs to know of an adapter folder. */
export interface AdapterConfig {
  readonly base: string | undefined;
  readonly rank: number;
  /** The factor of B A. */
  readonly scale: number;
}

/** Reads `adapter_config.json`; `UserError` names the field that is wrong, or that asks for more than plain LoRA. */
export async function readAdapterConfig(folder: string): Promise<AdapterConfig> {
  if (!(await isFolder(folder))) {
    throw new UserError("file-not-found", "no such adapter folder", {
      file: folder,
      remedy: `Point at a folder with ${CONFIG_FILE} and ${ADAPTER_FILE}.`,
    });
  }
  const file = join(folder, CONFIG_FILE);
  const parsed = configSchema.safeParse(await readJson(file));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError("bad-adapter", issue?.message ?? "not an adapter's configuration", {
      file,
      at: issue?.path.join("."),
      remedy: "The folder must hold a plain LoRA adapter in PEFT's layout.",
    });
  }
  const { base_model_name_or_path: base, r: rank, lora_alpha: alpha, use_rslora: rankStable } = parsed.data;
  return { base: base || undefined, rank, scale: alpha / (rankStable ? Math.sqrt(rank) : rank) };
}
