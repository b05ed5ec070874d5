// A training recipe: what to train, from what, for how long. Read from YAML, JSON or TypeScript, changed by `--set key=value`.
import { z } from "zod";
import { loadConfigFile, UserError } from "../core/index.ts";
import { ARCHITECTURES } from "../model/index.ts";
import { recipeMistake } from "./recipe-mistake.ts";
import { torchSchema } from "./torch/settings.ts";

const positiveInteger = z.number().int().positive();

const modelSchema = z.strictObject({
  architecture: z.enum(ARCHITECTURES).default("qwen2"),
  hiddenSize: positiveInteger,
  layers: positiveInteger,
  /** Default: one head for each 32 of the hidden size. */
  heads: positiveInteger.optional(),
  /** Default: as many as heads. */
  keyValueHeads: positiveInteger.optional(),
  /** Width of the gated MLP. Default: 8/3 of the hidden size, rounded up to a multiple of 32. */
  intermediateSize: positiveInteger.optional(),
  ropeTheta: z.number().positive().default(10_000),
  normEpsilon: z.number().positive().default(1e-6),
  tiedEmbeddings: z.boolean().default(true),
});

const loraSchema = z.strictObject({
  /** Inner size of the adapters. */
  rank: positiveInteger,
  /** The adapter's product counts alpha / rank times. */
  alpha: z.number().positive(),
  /**
   * Matrices of the layers that get an adapter, as PEFT has it: the ends of their names, or one regular expression for whole names,
   * or "all-linear". Default: all.
   */
  targets: z
    .union(
      [
        z
          .array(z.string().min(1))
          .nonempty()
          .refine((names) => new Set(names).size === names.length, "names a matrix twice"),
        z.string().min(1),
      ],
      "expected a list of names, a regular expression, or all-linear",
    )
    .default("all-linear"),
  /** Share of what enters an adapter that is set to zero while training. */
  dropout: z.number().min(0).lt(1).default(0),
  /**
   * Keep the base's matrices in memory too, in the order in which the processor multiplies them: less time a step for 8 bytes more a
   * weight (12 where layers are computed twice). On the CPU alone. Default: false.
   */
  prepackBase: z.boolean().optional(),
  /** Folder of an adapter in PEFT's layout to go on from; default: a fresh one. */
  from: z.string().optional(),
});

const packSchema = z.strictObject({
  /** Positions of a row. */
  length: positiveInteger,
  /** Seed of the order of documents. */
  seed: z.number().int().default(42),
  /** How early and how often the documents of a category, or of category_language, are seen (`apollo corpus pack --mixture`). */
  mixture: z
    .record(z.string(), z.strictObject({ priority: z.number().positive(), epochs: positiveInteger }))
    .optional(),
  /** Tokens that the rows will hold, for a plan made before there are any. */
  expectedTokens: positiveInteger.optional(),
});

/** What the published trainer does otherwise than is right; a recipe may still choose each of them. */
const PROTOCOLS = {
  corrected: { attention: "isolated", cosineSpan: 1, decay: "matrices" },
  published: { attention: "crossing", cosineSpan: 1.35, decay: "all-but-biases" },
} as const;

const recipeFields = z.strictObject({
  /** Shape of a model trained from scratch; absent when `base` is given. */
  model: modelSchema.optional(),
  /** Checkpoint to start from: a folder, or `hf:owner/name`. */
  base: z.string().optional(),
  /** Train low-rank adapters beside the frozen weights of `base`, instead of all weights. */
  lora: loraSchema.optional(),
  /** The rows that this recipe is for; training reads them, `apollo corpus pack` makes them. */
  pack: packSchema.optional(),
  /** What `attention`, `cosineSpan` and `decay` are by default: right, or as in the published trainer. */
  protocol: z.enum(["corrected", "published"]).default("corrected"),
  /** Optimizer steps. Default: one pass over the packed rows. */
  steps: positiveInteger.optional(),
  /** Packed rows a step. */
  batch: positiveInteger,
  /** Parts into which a step's rows are cut to need less memory; the gradient is that of the whole batch. */
  accumulate: positiveInteger.default(1),
  /** Peak learning rate. */
  learningRate: z.number().positive(),
  /** Share of the schedule over which the learning rate rises to its peak; it then falls as a cosine. */
  warmup: z.number().min(0).max(1).default(0.03),
  /**
   * Length of the schedule in runs: with 1 the learning rate reaches zero at the last step; the published trainer's 1.35 leaves it
   * at 17 % of the peak.
   */
  cosineSpan: z.number().min(1).optional(),
  /** AdamW weight decay. */
  weightDecay: z.number().min(0).default(0.1),
  /** What is decayed: matrices alone, or norms too, as in the published trainer, which looks for names that these models do not have. */
  decay: z.enum(["matrices", "all-but-biases"]).optional(),
  /** Gradients are scaled down to this global norm. */
  gradientClip: z.number().positive().default(1),
  adamBeta1: z.number().min(0).lt(1).default(0.9),
  adamBeta2: z.number().min(0).lt(1).default(0.999),
  adamEpsilon: z.number().positive().default(1e-8),
  /** Seed of the initial weights, or adapters. */
  seed: z.number().int().default(42),
  /** Steps between checkpoints from which a stopped run goes on. */
  checkpointEvery: positiveInteger.default(100),
  /** Newest checkpoints kept beside the result; with 1 none is left once the run is done. */
  keepCheckpoints: positiveInteger.default(1),
  /** `"isolated"`: packed documents do not see each other. `"crossing"`: a row is one text, as in the published trainer. */
  attention: z.enum(["isolated", "crossing"]).optional(),
  /** Compute every layer again for its gradient instead of keeping its activations: less memory, more time. */
  recomputeActivations: z.boolean().default(false),
  /** How PyTorch trains it, with `--engine torch` or `--engine ray`. */
  torch: torchSchema.optional(),
});

const recipeSchema = recipeFields.transform((fields) => ({
  ...fields,
  attention: fields.attention ?? PROTOCOLS[fields.protocol].attention,
  cosineSpan: fields.cosineSpan ?? PROTOCOLS[fields.protocol].cosineSpan,
  decay: fields.decay ?? PROTOCOLS[fields.protocol].decay,
}));

/** Keys of a recipe and of its parts. */
const KNOWN_KEYS = {
  "": Object.keys(recipeFields.shape),
  model: Object.keys(modelSchema.shape),
  lora: Object.keys(loraSchema.shape),
  pack: Object.keys(packSchema.shape),
  torch: Object.keys(torchSchema.shape),
};

/** A checked recipe. */
export type Recipe = z.infer<typeof recipeSchema>;
/** A recipe's `model` part. */
export type RecipeModel = z.infer<typeof modelSchema>;
/** A recipe's `lora` part. */
export type LoraSettings = z.infer<typeof loraSchema>;

/** Weight decay of a parameter. */
export function decayOf(
  { decay, weightDecay }: Pick<Recipe, "decay" | "weightDecay">,
  { name, shape }: { readonly name: string; readonly shape: readonly number[] },
): number {
  const decayed = decay === "matrices" ? shape.length > 1 : !name.endsWith("bias");
  return decayed ? weightDecay : 0;
}

/** Reads a recipe file and applies `key.path=value` settings; `UserError` names the field that is wrong. */
export async function loadRecipe(path: string, settings: readonly string[] = []): Promise<Recipe> {
  const raw = await loadConfigFile(path, "recipe", "The project's own are in recipes/.");
  for (const setting of settings) applySetting(raw, setting);
  return parseRecipe(raw, path);
}

/** Checks a recipe object; `file` is only for messages. */
export function parseRecipe(raw: unknown, file: string): Recipe {
  const parsed = recipeSchema.safeParse(raw);
  if (!parsed.success) throw recipeMistake(parsed.error, raw, file, KNOWN_KEYS);
  const recipe = parsed.data;
  if (recipe.lora !== undefined && recipe.base === undefined) {
    throw new UserError("bad-recipe", "adapters need a base, the checkpoint that they stand beside", {
      file,
      at: "lora",
      remedy: "Add base: FOLDER (and no model), or leave lora out.",
    });
  }
  if ((recipe.model === undefined) === (recipe.base === undefined)) {
    throw new UserError("bad-recipe", "needs either model (from scratch) or base (a checkpoint), not both", {
      file,
    });
  }
  if (recipe.batch % recipe.accumulate !== 0) {
    throw new UserError("bad-recipe", `${recipe.accumulate} parts do not divide ${recipe.batch} rows`, {
      file,
      at: "accumulate",
      remedy: "Set accumulate to a divisor of batch.",
    });
  }
  return recipe;
}

function applySetting(recipe: Record<string, unknown>, setting: string): void {
  const at = setting.indexOf("=");
  if (at <= 0) {
    throw new UserError("bad-option", `--set ${setting}: expected key=value`, {
      remedy: "For example --set steps=500",
    });
  }
  const keys = setting.slice(0, at).split(".");
  const text = setting.slice(at + 1);
  let target = recipe;
  for (const key of keys.slice(0, -1)) {
    const inner = Object.hasOwn(target, key) ? target[key] : undefined;
    const next = typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>) : {};
    define(target, key, next);
    target = next;
  }
  define(target, keys.at(-1)!, readValue(text));
}

/** Sets an own member, `__proto__` among them, so that the schema sees and refuses it. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Numbers, booleans, and lists and objects in JSON as such, everything else as text. */
function readValue(text: string): unknown {
  if (text === "true" || text === "false") return text === "true";
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number)) return number;
  if (!/^[[{]/u.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
