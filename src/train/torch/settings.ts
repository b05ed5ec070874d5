// A recipe's `torch` part: how PyTorch trains it, on this machine or on a cluster. The engine of our own does not read it.
import { z } from "zod";

const positiveInteger = z.number().int().positive();

/** The `torch` part of a recipe. None of it changes which rows a step is of. */
export const torchSchema = z.strictObject({
  /** Machines. */
  nodes: positiveInteger.default(1),
  /** Processes on each machine: one for each GPU. */
  processesPerNode: positiveInteger.default(1),
  /** Rows that a process computes at once; what is left of its share of the batch is accumulated. */
  rowsPerProcess: positiveInteger.default(1),
  /** `"cpu"` is for trying things out. */
  device: z.enum(["cuda", "cpu"]).default("cuda"),
  /** `"bf16"`: products in bfloat16; trained weights, moments and the loss stay float32. Default: `"bf16"`, on a CPU `"float32"`. */
  precision: z.enum(["bf16", "float32"]).optional(),
  /** `"fsdp2"`: weights, gradients and moments are cut into as many parts as there are processes. `"none"`: each process has all. */
  sharding: z.enum(["none", "fsdp2"]).default("none"),
  /** With `"fsdp2"`: what is cut lies in the machines' own memory while it is not computed with. */
  offload: z.boolean().default(false),
  /** `"nf4"`: the frozen base in four bits (QLoRA; Dettmers et al. 2023). */
  quantize: z.enum(["nf4"]).optional(),
  /** Kernel of the attention. Default: `"flash_attention_2"`, on a CPU `"sdpa"`. */
  attentionKernel: z.enum(["flash_attention_2", "flash_attention_3", "sdpa"]).optional(),
});

/** A recipe's `torch` part as it is written. */
export type TorchPart = z.infer<typeof torchSchema>;

/** The same with everything that follows from the device. */
export type TorchSettings = Omit<TorchPart, "precision" | "attentionKernel"> &
  Required<Pick<TorchPart, "precision" | "attentionKernel">>;

/** The settings of a recipe; one without a `torch` part gets the defaults. */
export function torchSettings(part: TorchPart | undefined): TorchSettings {
  const given = part ?? torchSchema.parse({});
  const cpu = given.device === "cpu";
  return {
    ...given,
    precision: given.precision ?? (cpu ? "float32" : "bf16"),
    attentionKernel: given.attentionKernel ?? (cpu ? "sdpa" : "flash_attention_2"),
  };
}
