// Cross-checks both engines on the same rows: APOLLO_PYTHON=.../python node scripts/verify-torch.mjs PACKED [STEPS]
// Trains a small model from the same first weights with our own engine and with PyTorch in two processes, whole and as adapters, then once more
// with the weights cut by FSDP2, and prints the largest difference of loss and gradient norm of any step. Takes a minute or two on two cores.
import { execFileSync } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseRecipe, torchrunLauncher, train, trainWithTorch } from "../dist/train/index.js";
import { writeJobFolder } from "../dist/train/torch/job-folder.js";
import { prepareTorch } from "../dist/train/torch/prepare.js";

const [data, steps = "36"] = process.argv.slice(2);
if (data === undefined) throw new Error("usage: node scripts/verify-torch.mjs PACKED [STEPS]");
const python = process.env.APOLLO_PYTHON ?? "python3";
const folder = await mkdtemp(join(tmpdir(), "apollo-verify-torch-"));
const torch = { device: "cpu", processesPerNode: 2, rowsPerProcess: 2 };
const common = {
  steps: Number(steps),
  batch: 8,
  learningRate: 0.003,
  warmup: 0.1,
  checkpointEvery: 10,
  torch,
};
const model = { architecture: "qwen2", hiddenSize: 64, layers: 2, heads: 4, keyValueHeads: 2 };

async function compare(name, recipe) {
  const [ours, theirs] = [join(folder, `${name}-ours`), join(folder, `${name}-torch`)];
  await train({ recipe, data, out: ours });
  await trainWithTorch({ recipe, data, out: theirs, launcher: torchrunLauncher(python) });
  report(name, await stepsOf(join(ours, "train.jsonl")), await stepsOf(join(theirs, "train.jsonl")));
  return ours;
}

async function stepsOf(file) {
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line)).filter((line) => line.loss !== undefined);
}

function report(name, a, b) {
  const apart = (key) => Math.max(...a.map((step, i) => Math.abs(step[key] - b[i][key])));
  console.log(
    `${name}: ${a.length} steps, loss ${a[0].loss.toFixed(3)} to ${a.at(-1).loss.toFixed(3)}; largest difference of the loss ` +
      `${apart("loss").toExponential(1)}, of the gradient's norm ${apart("grad_norm").toExponential(1)}`,
  );
}

try {
  const recipe = parseRecipe({ ...common, model }, "verify");
  const base = await compare("every weight", recipe);
  await compare("adapters", parseRecipe({ ...common, base, lora: { rank: 4, alpha: 8 } }, "verify"));
  const job = join(folder, "sharded");
  const { plan, config } = await prepareTorch({ recipe, data, out: folder, thorough: true });
  const { ddp_find_unused_parameters: _, ...told } = plan.trainingArguments;
  const fsdp_config = { version: 2, cpu_ram_efficient_loading: true, state_dict_type: "SHARDED_STATE_DICT" };
  const sharded = {
    ...plan,
    job: { ...plan.job, sharded: true },
    trainingArguments: { ...told, fsdp: true, fsdp_config },
  };
  await writeJobFolder(job, sharded, { recipe, data, config, baseName: undefined });
  const script = fileURLToPath(new URL("sharded_on_cpu.py", import.meta.url));
  const words = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", script, job];
  execFileSync(python, words, {
    env: { ...process.env, OMP_NUM_THREADS: "1" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  report(
    "every weight, cut",
    await stepsOf(join(base, "train.jsonl")),
    await stepsOf(join(job, "events.jsonl")),
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
