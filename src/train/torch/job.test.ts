// What PyTorch is told, and what is refused, without PyTorch.
import assert from "node:assert/strict";
import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { userError } from "../../core/user-error.test.helper.ts";
import { type ModelConfig, readModelConfig } from "../../model/index.ts";
import { loadRecipe, parseRecipe } from "../recipe.ts";
import { learningRateAt } from "../schedule.ts";
import { followEvents, readEvents, type TorchEvent } from "./follow.ts";
import { launchCommands, planTorch } from "./job.ts";
import { refuseProbe, type TorchProbe } from "./launcher.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const configOf = (name: string): Promise<ModelConfig> =>
  readModelConfig(join(ROOT, "src/model/fixtures", name));
const BASIC = { base: "b", batch: 8, learningRate: 0.001, steps: 20 };

async function plan(fields: object, { architecture = "qwen2", rows = 100 } = {}) {
  const recipe = parseRecipe({ ...BASIC, ...fields }, "test");
  const config = await configOf(architecture);
  return planTorch({ recipe, config, rows, base: "b", revision: null, key: "k" });
}

test("a step is of the recipe's batch, however many processes share it", async () => {
  for (const [nodes, processesPerNode, rowsPerProcess] of [
    [1, 1, 1],
    [1, 2, 2],
    [2, 2, 1],
    [2, 4, 1],
  ] as const) {
    const torch = { device: "cpu", nodes, processesPerNode, rowsPerProcess };
    const { job, accumulate, trainingArguments: told } = await plan({ torch });
    assert.equal(nodes * processesPerNode * rowsPerProcess * accumulate, 8);
    assert.equal(told.per_device_train_batch_size, rowsPerProcess);
    assert.equal(told.gradient_accumulation_steps, accumulate);
    assert.equal(told.train_sampling_strategy, "sequential");
    assert.equal(told.average_tokens_across_devices, true);
    assert.deepEqual([job.processes, job.batch, job.wrap], [nodes * processesPerNode, 8, true]);
  }
  // One pass: the last step is filled up with rows without labels.
  const once = await plan({ steps: undefined, torch: { device: "cpu" } });
  assert.deepEqual([once.steps, once.job.wrap], [13, false]);
});

test("the schedule is that of our own engine", async () => {
  const { job } = await plan({ steps: 37, warmup: 0.1, cosineSpan: 1.35 });
  const { rising, steps } = job.schedule;
  // As python/train.py has it.
  const rate = (step: number): number =>
    step < rising ? (step + 1) / rising : (1 + Math.cos((Math.PI * (step - rising)) / (steps - rising))) / 2;
  for (let step = 0; step < 37; step++) {
    const expected = learningRateAt(step, { peak: 0.001, steps: 37, warmup: 0.1, span: 1.35 });
    assert.ok(Math.abs(0.001 * rate(step) - expected) < 1e-15);
  }
});

test("full, adapters and four bits; weights that are trained are float32 when they are", async () => {
  const lora = { rank: 4, alpha: 8 };
  const full = await plan({ torch: { processesPerNode: 8, sharding: "fsdp2" }, recomputeActivations: true });
  assert.deepEqual([full.job.loadDtype, full.job.saveDtype, full.job.sharded], ["auto", "bfloat16", true]);
  assert.equal(full.trainingArguments.bf16, true);
  const sharding = full.trainingArguments.fsdp_config as Record<string, unknown>;
  assert.deepEqual([sharding.version, sharding.activation_checkpointing], [2, true]);
  assert.equal(full.trainingArguments.activation_checkpointing, undefined, "not twice");
  const whole = await plan({ torch: { processesPerNode: 8 }, recomputeActivations: true });
  assert.deepEqual([whole.job.loadDtype, whole.trainingArguments.fsdp], ["float32", undefined]);
  assert.equal(whole.trainingArguments.activation_checkpointing, true);
  const adapters = await plan({ lora, torch: {} });
  assert.deepEqual([adapters.job.loadDtype, adapters.job.saveDtype], ["bfloat16", "float32"]);
  assert.deepEqual([adapters.job.adapter, adapters.job.attentionKernel], [true, "flash_attention_2"]);
  const bits = await plan({ lora, torch: { quantize: "nf4" } });
  assert.equal(bits.job.quantize, "nf4");
  const cpu = await plan({ torch: { device: "cpu" } });
  assert.deepEqual([cpu.job.loadDtype, cpu.job.attentionKernel], ["float32", "sdpa"]);
  assert.deepEqual([cpu.trainingArguments.bf16, cpu.trainingArguments.use_cpu], [false, true]);
});

test("what cannot be honoured is named before anything starts", async () => {
  const lora = { rank: 4, alpha: 8 };
  const cases: [object, RegExp, object?][] = [
    [
      { torch: { processesPerNode: 3 } },
      /batch: 3 processes \(1 x 3\) with 1 rows each do not divide a batch of 8 rows.*multiple of 3/,
    ],
    [{ lora, torch: { device: "cpu", quantize: "nf4" } }, /torch\.quantize: .*needs a GPU/],
    [{ torch: { quantize: "nf4" } }, /torch\.quantize: .*cannot be trained itself/],
    [
      { lora, torch: { quantize: "nf4", sharding: "fsdp2", processesPerNode: 2 } },
      /torch\.sharding: .*not cut/,
    ],
    [
      { torch: { device: "cpu", sharding: "fsdp2", processesPerNode: 2 } },
      /torch\.sharding: accelerate cuts no weights on CPUs/,
    ],
    [{ torch: { sharding: "fsdp2" } }, /torch\.sharding: there is one process/],
    [{ torch: { offload: true } }, /torch\.offload/],
    [
      { torch: { device: "cpu", attentionKernel: "flash_attention_2" } },
      /torch\.attentionKernel: .*needs a GPU/,
    ],
    [{ torch: { precision: "float32", attentionKernel: "flash_attention_2" } }, /needs bf16/],
    [{ torch: { device: "cpu" } }, /sdpa knows no soft caps, which gemma2 has/, { architecture: "gemma2" }],
  ];
  for (const [fields, pattern, options] of cases)
    await assert.rejects(plan(fields, options), userError("cannot-honour", pattern));
  assert.throws(
    () => parseRecipe({ ...BASIC, torch: { sharding: "zero9" } }, "r.yaml"),
    userError("bad-recipe", /torch\.sharding/),
  );
});

test("what the Python that would train lacks is named", async () => {
  const good: TorchProbe = {
    python: "3.11.7",
    torch: "2.15.0",
    transformers: "5.23.0",
    accelerate: "1.15.0",
    peft: "0.21.2",
    pyarrow: "26.0.1",
    bitsandbytes: "0.50.0",
    "flash-attn": "2.9.0",
    ray: null,
    devices: 8,
    bf16: true,
    architectures: ["llama", "qwen2"],
  };
  const lora = { rank: 4, alpha: 8 };
  const check = async (fields: object, found: Partial<TorchProbe>, architecture = "qwen2"): Promise<void> => {
    const where = { architecture, where: "py" };
    refuseProbe({ ...good, ...found }, await plan(fields), where);
  };
  await check({ torch: { processesPerNode: 8 } }, {});
  await check(
    { torch: { device: "cpu", processesPerNode: 2 } },
    { devices: 0, bf16: false, "flash-attn": null },
  );
  const cases: [object, Partial<TorchProbe>, string, RegExp, string?][] = [
    [{}, { torch: null }, "no-torch", /has no torch.*pip install/],
    [{}, { transformers: "5.9.1" }, "no-torch", /transformers 5\.9\.1, 5\.23 or newer/],
    [{ lora }, { peft: null }, "no-torch", /no peft/],
    [{ lora, torch: { quantize: "nf4" } }, { bitsandbytes: null }, "no-torch", /no bitsandbytes/],
    [{}, { "flash-attn": null }, "no-torch", /no flash-attn.*sdpa/],
    [{}, {}, "cannot-honour", /does not know the architecture "gemma9"/, "gemma9"],
    [
      { torch: { processesPerNode: 4 } },
      { devices: 2 },
      "no-gpu",
      /sees 2 GPUs on a machine, the recipe asks for 4.*torch\.device=cpu/,
    ],
    [{}, { bf16: false }, "no-gpu", /bfloat16/],
  ];
  for (const [fields, found, code, pattern, architecture] of cases)
    await assert.rejects(check(fields, found, architecture), userError(code, pattern));
});

test("commands for one machine and for several", async () => {
  const program = { python: "python3", script: "train.py" };
  const one = launchCommands(
    await plan({ torch: { device: "cpu", processesPerNode: 2 } }),
    "out/job",
    program,
  );
  assert.deepEqual(
    one.map((words) => words.join(" ")),
    ["python3 -m torch.distributed.run --standalone --nproc-per-node=2 train.py out/job"],
  );
  const two = launchCommands(await plan({ torch: { nodes: 2, processesPerNode: 4 } }), "out/job", program);
  assert.equal(two.length, 2);
  assert.match(two[1]!.join(" "), /--nnodes=2 --node-rank=1 .*--nproc-per-node=4/);
});

test("the published large runs can be planned", async () => {
  const shape = { architecture: "llama" as const, layers: 60 };
  for (const [name, processes] of [
    ["apollo-34b", 32],
    ["apollo-72b", 64],
  ] as const) {
    const recipe = await loadRecipe(join(ROOT, "recipes", `${name}.yaml`));
    const config = { ...(await configOf("llama")), ...shape };
    const { job, accumulate } = planTorch({
      recipe,
      config,
      rows: 763_745,
      base: "b",
      revision: null,
      key: "k",
    });
    assert.deepEqual([job.processes, job.sharded, job.wrap], [processes, true, false]);
    assert.equal(accumulate * processes, recipe.batch);
  }
});

test("events are read as they come; a torn line is skipped, what was said before is not said again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-events-"));
  const file = join(folder, "events.jsonl");
  try {
    await writeFile(file, '{"event": "start", "step": 0}\n{"event": "st');
    const before = await readEvents(file);
    assert.deepEqual(
      before.events.map(({ event }) => event),
      ["start"],
    );
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const seen: TorchEvent[] = [];
    const reading = (async () => {
      for await (const event of followEvents(file, before.bytes, ended)) {
        seen.push(event);
        if (event.event === "start") {
          await appendFile(file, '{"event": "saved", "step": 7}\n{"event": "finished", "step": 9}\n');
          end();
        }
      }
    })();
    await appendFile(file, '\n{"event": "start", "step": 5}\n');
    await reading;
    assert.deepEqual(
      seen.map((event) => [event.event, event.step]),
      [
        ["start", 5],
        ["saved", 7],
        ["finished", 9],
      ],
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
