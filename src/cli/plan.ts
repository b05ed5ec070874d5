// `apollo plan`: what a run on many machines would take, before any is rented.
import { UserError } from "../core/index.ts";
import { parseBytes, planCorpus } from "../corpus/index.ts";
import { loadRecipe, parseCluster, planCluster } from "../train/index.ts";
import { type Command, defineCommand } from "./command.ts";
import { printClusterPlan, printCorpusPlan, refuseClusterPlan } from "./plan-words.ts";

const plan = defineCommand({
  name: "plan",
  summary: "say what work on many machines would take: memory, time, money, network, disk",
  options: {
    recipe: { type: "string", value: "FILE", help: "the training to plan (recipes/*.yaml, or your own)" },
    set: { type: "string", value: "KEY=VALUE", help: "change a recipe value", multiple: true },
    cluster: {
      type: "string",
      value: "NxMxGPU",
      help: "nodes x GPUs x kind: 3x8xH100-80G; A100-40G, A100-80G, H100-80G, H200-141G, B200-180G, L40S-48G, RTX4090-24G, MI300X-192G",
    },
    price: {
      type: "string",
      value: "X",
      help: "of a GPU for an hour (2.5 or 2.5/gpu-hour): the cost is then told",
    },
    corpus: {
      type: "string",
      value: "BYTES",
      help: "plan the corpus stages instead, for so much text: 100TB",
    },
    nodes: {
      type: "string",
      value: "N,N,...",
      default: "1,4,16,64",
      help: "numbers of nodes to say the time for",
    },
    cores: { type: "whole", value: "N", default: 32, help: "cores of a node, for --corpus" },
    "task-size": { type: "string", value: "BYTES", default: "1GB", help: "input of a task, for --corpus" },
    "document-size": {
      type: "string",
      value: "BYTES",
      help: "what a document has on average, for --corpus; default 1,336 bytes, as in the corpus that rates were measured on",
    },
    storage: {
      type: "string",
      value: "BYTES",
      help: "what the shared storage reads or writes in a second for all nodes, for --corpus; default 1GB for each node",
    },
    network: {
      type: "number",
      value: "GBIT",
      help: "gigabits a second of each node's network; default what such nodes usually have",
    },
  },
  examples: [
    "apollo plan --recipe recipes/apollo-7b.yaml --cluster 3x8xH100-80G --price 2.5/gpu-hour",
    "apollo plan --recipe recipes/apollo-2b.yaml --cluster 8xA100-80G --json",
    "apollo plan --corpus 100TB --nodes 1,4,16,64 --document-size 50KB",
  ],
  async run({ options, io }) {
    if (options.corpus !== undefined) {
      if (options.recipe !== undefined || options.cluster !== undefined)
        throw new UserError("bad-option", "--corpus is planned by itself, without --recipe and --cluster");
      const { storage, "document-size": documentSize } = options;
      const found = planCorpus({
        bytes: parseBytes(options.corpus),
        nodes: readNodes(options.nodes),
        coresPerNode: options.cores,
        taskBytes: parseBytes(options["task-size"]),
        documentBytes: documentSize === undefined ? undefined : parseBytes(documentSize),
        storage: storage === undefined ? undefined : parseBytes(storage),
      });
      printCorpusPlan(found, io);
      return found;
    }
    if (options.recipe === undefined && options.cluster === undefined)
      throw new UserError(
        "missing-option",
        "nothing to plan: --recipe and --cluster, or --corpus, are missing",
        {
          remedy: "See: apollo plan --help",
        },
      );
    const recipe = await loadRecipe(given(options.recipe, "recipe"), options.set);
    const { network } = options;
    if (network !== undefined && !(network > 0))
      throw new UserError("bad-option", `--network must be gigabits a second, found ${network}`);
    const cluster = parseCluster(given(options.cluster, "cluster"), {
      network: network === undefined ? undefined : network * 1e9,
    });
    const found = await planCluster({ recipe, cluster, price: readGpuPrice(options.price) });
    printClusterPlan(found, io);
    refuseClusterPlan(found, options.recipe!);
    return found;
  },
});

/** The plan commands. */
export const planCommands: readonly Command[] = [plan];

function readNodes(text: string): number[] {
  const nodes = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (nodes.every((count) => Number.isInteger(count) && count >= 1)) return nodes;
  throw new UserError("bad-option", `--nodes must be whole numbers from 1, found "${text}"`, {
    remedy: "For example --nodes 1,4,16,64.",
  });
}

function given(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new UserError("missing-option", `--${name} is missing`, { remedy: "See: apollo plan --help" });
}

/** `2.5` or `2.5/gpu-hour`. */
function readGpuPrice(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, number = ""] = /^([\d.]+)(?:\/gpu-?h(?:our)?)?$/u.exec(text.trim()) ?? [];
  const price = Number(number);
  if (number !== "" && price >= 0) return price;
  throw new UserError("bad-option", `--price must be a price of a GPU and hour, found "${text}"`, {
    remedy: "Write it as --price 2.5 or --price 2.5/gpu-hour.",
  });
}
