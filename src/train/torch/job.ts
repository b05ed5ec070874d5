// What PyTorch is told of a run: the files of a job folder and the commands that start it, as values. Reads no weights and starts nothing,
// so that `--print` shows just what a run would submit.
import { UserError } from "../../core/index.ts";
import type { ModelConfig } from "../../model/index.ts";
import type { Recipe } from "../recipe.ts";
import { type TorchSettings, torchSettings } from "./settings.ts";

/** What `python/train.py` reads as job.json. */
export interface Job {
  /** Hash of recipe, data and base: a run is resumed only by the same ones. */
  readonly run_key: string;
  /** Folder or name on the hub; `null`: `initial/` is the model. */
  readonly base: string | null;
  readonly revision: string | null;
  /** `initial/` holds an adapter in PEFT's layout. */
  readonly adapter: boolean;
  readonly device: TorchSettings["device"];
  /** Rows a step, over all processes. */
  readonly batch: number;
  readonly processes: number;
  /** After the last row comes the first again; else rows without labels. */
  readonly wrap: boolean;
  readonly attention: Recipe["attention"];
  readonly attentionKernel: TorchSettings["attentionKernel"];
  readonly decay: Recipe["decay"];
  /** Steps of the warm-up and of the whole schedule (../schedule.ts). */
  readonly schedule: { readonly rising: number; readonly steps: number };
  readonly seed: number;
  /** How weights are loaded: `"auto"` as the base stores them. */
  readonly loadDtype: "float32" | "bfloat16" | "auto";
  readonly saveDtype: "float32" | "bfloat16";
  readonly quantize: "nf4" | null;
  /** Weights are cut into parts; checked against what the Trainer really does. */
  readonly sharded: boolean;
}

/** Everything about a run with PyTorch that can be known before it starts. */
export interface TorchPlan {
  readonly settings: TorchSettings;
  readonly job: Job;
  /** transformers' `TrainingArguments`, but for the folder. */
  readonly trainingArguments: Readonly<Record<string, unknown>>;
  readonly steps: number;
  /** Micro-batches of a process in a step. */
  readonly accumulate: number;
}

/** What a plan is made of. */
export interface TorchPlanOptions {
  readonly recipe: Recipe;
  /** The model, or the base's. */
  readonly config: ModelConfig;
  /** Packed rows there are. */
  readonly rows: number;
  /** See `Job`. */
  readonly base: string | null;
  readonly revision: string | null;
  readonly key: string;
}

/**
 * Plans a run: the same global batches, schedule, decay and clipping as our own engine's. `UserError` `cannot-honour` names the part of the
 * recipe that this trainer cannot follow.
 */
export function planTorch(options: TorchPlanOptions): TorchPlan {
  const { recipe, config, rows, key, base, revision } = options;
  const settings = torchSettings(recipe.torch);
  const processes = settings.nodes * settings.processesPerNode;
  refuseUnfit(recipe, settings, config);
  const atOnce = processes * settings.rowsPerProcess;
  if (recipe.batch % atOnce !== 0) {
    throw new UserError(
      "cannot-honour",
      `${processes} processes (${settings.nodes} x ${settings.processesPerNode}) with ${settings.rowsPerProcess} rows each do not divide a batch of ${recipe.batch} rows`,
      {
        at: "batch",
        remedy: `Set batch to a multiple of ${atOnce}, or change torch.nodes, torch.processesPerNode or torch.rowsPerProcess.`,
      },
    );
  }
  const accumulate = recipe.batch / atOnce;
  const steps = recipe.steps ?? Math.ceil(rows / recipe.batch);
  const scheduled = Math.floor(steps * recipe.cosineSpan);
  const lora = recipe.lora !== undefined;
  const sharded = settings.sharding === "fsdp2";
  const half = settings.precision === "bf16";
  return {
    settings,
    steps,
    accumulate,
    job: {
      run_key: key,
      base,
      revision,
      adapter: lora,
      device: settings.device,
      batch: recipe.batch,
      processes,
      wrap: recipe.steps !== undefined,
      attention: recipe.attention,
      attentionKernel: settings.attentionKernel,
      decay: recipe.decay,
      schedule: { rising: Math.round(scheduled * recipe.warmup), steps: scheduled },
      seed: recipe.seed,
      // Weights that are trained must be float32. Under FSDP2 they are read as stored, cut, and widened then: a process never holds all
      // of them in float32.
      loadDtype: !half ? "float32" : lora ? "bfloat16" : sharded ? "auto" : "float32",
      saveDtype: half && !lora ? "bfloat16" : "float32",
      quantize: settings.quantize ?? null,
      sharded,
    },
    trainingArguments: {
      max_steps: steps,
      per_device_train_batch_size: settings.rowsPerProcess,
      gradient_accumulation_steps: accumulate,
      // Rows in the order of the file: accelerate gives process p of W the micro-batches p, p + W, p + 2 W and so on.
      train_sampling_strategy: "sequential",
      average_tokens_across_devices: true,
      remove_unused_columns: false,
      dataloader_num_workers: settings.device === "cpu" ? 0 : 1,
      dataloader_pin_memory: settings.device === "cuda",
      learning_rate: recipe.learningRate,
      optim: settings.device === "cuda" ? "adamw_torch_fused" : "adamw_torch",
      weight_decay: recipe.weightDecay,
      adam_beta1: recipe.adamBeta1,
      adam_beta2: recipe.adamBeta2,
      adam_epsilon: recipe.adamEpsilon,
      max_grad_norm: recipe.gradientClip,
      bf16: half,
      use_cpu: settings.device === "cpu",
      logging_strategy: "steps",
      logging_steps: 1,
      logging_nan_inf_filter: false,
      save_strategy: "steps",
      save_steps: recipe.checkpointEvery,
      // One more than asked for: the newest may be one that was never finished.
      save_total_limit: recipe.keepCheckpoints + 1,
      seed: recipe.seed,
      report_to: "none",
      disable_tqdm: true,
      ...(sharded
        ? {
            fsdp: true,
            fsdp_config: {
              version: 2,
              reshard_after_forward: true,
              cpu_ram_efficient_loading: true,
              cpu_offload: settings.offload,
              activation_checkpointing: recipe.recomputeActivations,
              // Each process writes its part; of adapters there is little, and the frozen base need not be written at all.
              state_dict_type: lora ? "FULL_STATE_DICT" : "SHARDED_STATE_DICT",
            },
          }
        : {
            ddp_find_unused_parameters: false,
            ...(recipe.recomputeActivations
              ? { activation_checkpointing: true, activation_checkpointing_kwargs: { use_reentrant: false } }
              : {}),
          }),
    },
  };
}

/** `UserError` for what a recipe asks and this trainer cannot do. */
function refuseUnfit(recipe: Recipe, settings: TorchSettings, config: ModelConfig): void {
  const refuse = (at: string, message: string, remedy: string): never => {
    throw new UserError("cannot-honour", message, { at, remedy });
  };
  const { quantize, device, sharding, attentionKernel } = settings;
  if (quantize !== undefined && recipe.lora === undefined)
    refuse(
      "torch.quantize",
      "a base in four bits cannot be trained itself",
      "Add lora, or leave out torch.quantize.",
    );
  if (quantize !== undefined && device === "cpu")
    refuse(
      "torch.quantize",
      "a base in four bits (QLoRA) needs a GPU",
      "Leave out torch.quantize, or set torch.device: cuda.",
    );
  if (quantize !== undefined && sharding !== "none") {
    refuse(
      "torch.sharding",
      "a base in four bits is not cut into parts here",
      "Set torch.sharding: none; every GPU then holds the whole base, at about 0.55 bytes a parameter.",
    );
  }
  if (sharding !== "none" && device === "cpu") {
    refuse(
      "torch.sharding",
      "accelerate cuts no weights on CPUs (it would train on, each process with all of them)",
      "Set torch.sharding: none.",
    );
  }
  if (sharding !== "none" && settings.nodes * settings.processesPerNode === 1)
    refuse("torch.sharding", "there is one process, and nothing to share", "Set torch.sharding: none.");
  if (settings.offload && sharding === "none")
    refuse(
      "torch.offload",
      "is for weights that are cut into parts",
      "Set torch.sharding: fsdp2, or leave it out.",
    );
  if (attentionKernel !== "sdpa" && device === "cpu")
    refuse("torch.attentionKernel", `${attentionKernel} needs a GPU`, "Set torch.attentionKernel: sdpa.");
  if (attentionKernel !== "sdpa" && settings.precision === "float32")
    refuse(
      "torch.attentionKernel",
      `${attentionKernel} needs bf16`,
      "Set torch.attentionKernel: sdpa, or torch.precision: bf16.",
    );
  if (attentionKernel === "sdpa" && config.attentionSoftcap !== undefined)
    refuse(
      "torch.attentionKernel",
      `sdpa knows no soft caps, which ${config.architecture} has`,
      "Set torch.attentionKernel: flash_attention_2, on a GPU, or train with --engine local.",
    );
}

/** What has to be in place before the command runs, and the command: one for each machine. */
export function launchCommands(
  { settings }: Pick<TorchPlan, "settings">,
  folder: string,
  { python, script }: { readonly python: string; readonly script: string },
): string[][] {
  const { nodes, processesPerNode } = settings;
  const common = [`--nproc-per-node=${processesPerNode}`];
  if (nodes === 1)
    return [[python, "-m", "torch.distributed.run", "--standalone", ...common, script, folder]];
  return Array.from({ length: nodes }, (_, rank) => [
    ...[python, "-m", "torch.distributed.run", `--nnodes=${nodes}`, `--node-rank=${rank}`],
    ...["--rdzv-backend=c10d", "--rdzv-endpoint=HEAD:29400", "--rdzv-id=apollo", ...common, script, folder],
  ]);
}
