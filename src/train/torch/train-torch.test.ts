// The same rows and first weights through both engines: PyTorch in two processes follows our own, step by step, also after one of them was
// killed. Needs a Python with PyTorch, transformers, accelerate and peft (APOLLO_PYTHON, or python3); skipped where there is none.
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createRandom } from "../../core/index.ts";
import { openCheckpoint, openSafetensors } from "../../model/index.ts";
import { LENGTH, type Row, tinyTokenizer, writePackedRows } from "../packed-rows.test.helper.ts";
import { parseRecipe, type Recipe } from "../recipe.ts";
import { type StepReport, train } from "../train.ts";
import { asQwen2, writeAsQwen2 } from "./as-qwen2.ts";
import { probePython, torchrunLauncher } from "./launcher.ts";
import { trainWithTorch } from "./train-torch.ts";

const PYTHON = process.env.APOLLO_PYTHON ?? "python3";
const FIXTURES = fileURLToPath(new URL("../../../src/model/fixtures/", import.meta.url));
const MODEL = { architecture: "qwen2", hiddenSize: 32, layers: 4, heads: 4, keyValueHeads: 2 };
const STEPS = 30;

let folder: string;
let data: string;
let lacking: string | false;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-torch-"));
  data = await writePackedRows(join(folder, "packed"), tinyTokenizer(), raggedRows(21));
  lacking = await probePython(PYTHON).then(
    ({ torch, transformers, accelerate, peft, pyarrow }) =>
      [torch, transformers, accelerate, peft, pyarrow].includes(null)
        ? `${PYTHON} lacks one of torch, transformers, accelerate, peft, pyarrow`
        : false,
    () => `no Python called ${PYTHON}`,
  );
});
after(() => rm(folder, { recursive: true }));

/** Rows of documents of all lengths, so that their loss depends on who sees whom and on how many tokens each process has learnt. */
function raggedRows(count: number): Row[] {
  const random = createRandom("ragged");
  return Array.from({ length: count }, () => {
    const row: Row = { input_ids: [], labels: [], position_ids: [], segment_ids: [] };
    for (let segment = 0; row.input_ids.length < LENGTH - 2; segment++) {
      const length = Math.min(2 + random.integer(9), LENGTH - row.input_ids.length);
      for (let position = 0; position < length; position++) {
        const id = random.integer(250);
        row.input_ids.push(id);
        row.labels.push(position === 0 || random.integer(3) === 0 ? -100 : id);
        row.position_ids.push(position);
        row.segment_ids.push(segment);
      }
    }
    while (row.input_ids.length < LENGTH) {
      row.input_ids.push(0);
      row.labels.push(-100);
      row.position_ids.push(0);
      row.segment_ids.push(-1);
    }
    return row;
  });
}

function recipeOf(fields: object): Recipe {
  return parseRecipe(
    {
      batch: 16,
      learningRate: 0.01,
      warmup: 0.1,
      gradientClip: 0.5,
      checkpointEvery: 10,
      torch: { device: "cpu", processesPerNode: 2 },
      ...fields,
    },
    "test",
  );
}

type Line = { loss: number; grad_norm: number; learning_rate: number };
async function logOf(out: string): Promise<Line[]> {
  const lines = (await readFile(join(out, "train.jsonl"), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line)).filter((line) => line.loss !== undefined);
}

/** Largest difference of a column of two logs. */
function apart(a: readonly Line[], b: readonly Line[], key: keyof Line): number {
  assert.equal(a.length, b.length);
  return Math.max(...a.map((line, i) => Math.abs(line[key] - b[i]![key])));
}

/** Trains with both; the first process of PyTorch's is killed after `killAt` steps. */
async function both(
  name: string,
  recipe: Recipe,
  killAt?: number,
): Promise<{ ours: string; theirs: string }> {
  const [ours, theirs] = [join(folder, `${name}-ours`), join(folder, `${name}-theirs`)];
  await train({ recipe, data, out: ours });
  let killed = killAt === undefined;
  const onStep = ({ step }: StepReport): void => {
    if (killed || step < killAt!) return;
    killed = true;
    void readFile(join(theirs, "job", "events.jsonl"), "utf8").then((text) => {
      process.kill(JSON.parse(text.split("\n")[0]!).process, "SIGKILL");
    });
  };
  await trainWithTorch({ recipe, data, out: theirs, launcher: torchrunLauncher(PYTHON), onStep });
  return { ours, theirs };
}

test("every weight: the loss follows ours in two processes, one of which is killed on the way", async (context) => {
  if (lacking) return context.skip(lacking);
  // Twenty-one rows: the batches wrap around the file's end at changing places.
  const { ours, theirs } = await both("full", recipeOf({ model: MODEL, steps: STEPS }), 12);
  const [a, b] = [await logOf(ours), await logOf(theirs)];
  assert.ok(a[0]!.loss - a.at(-1)!.loss > 0.5, "something was learnt");
  assert.ok(apart(a, b, "loss") < 2e-4, `loss ${apart(a, b, "loss")}`);
  assert.ok(apart(a, b, "grad_norm") < 2e-3, `norm ${apart(a, b, "grad_norm")}`);
  assert.ok(apart(a, b, "learning_rate") < 1e-12);
  const events = (await readFile(join(theirs, "job", "events.jsonl"), "utf8")).trim().split("\n");
  const starts = events.map((line) => JSON.parse(line)).filter(({ event }) => event === "start");
  assert.equal(starts.length, 2, "it was killed, and started again");
  // The newest checkpoint: which that is hangs on how soon the signal came.
  assert.deepEqual([starts[0].step, starts[1].step > 0, starts[1].step % 10], [0, true, 0]);
  const names = await readdir(theirs);
  for (const name of [
    "config.json",
    "model.safetensors",
    "tokenizer.json",
    "train.html",
    "trainer_state.json",
  ])
    assert.ok(names.includes(name), name);
  const [left, right] = await Promise.all([ours, theirs].map(openCheckpoint));
  for (const name of left!.tensors.keys()) {
    const [x, y] = [await left!.read(name), await right!.read(name)];
    assert.ok(Math.max(...x.map((value, i) => Math.abs(value - y[i]!))) < 1e-3, name);
  }
  await Promise.all([left!.close(), right!.close()]);
  // Done is done.
  const again = await trainWithTorch({
    recipe: recipeOf({ model: MODEL, steps: STEPS }),
    data,
    out: theirs,
    launcher: torchrunLauncher("no-such-python"),
  });
  assert.equal(again.loss, b.at(-1)!.loss);
});

test("adapters, one pass over the rows, as published: the loss follows ours", async (context) => {
  if (lacking) return context.skip(lacking);
  // One pass: the second batch is filled up with rows without labels. Documents see each other.
  const recipe = recipeOf({
    base: join(folder, "full-ours"),
    lora: { rank: 4, alpha: 8 },
    protocol: "published",
    recomputeActivations: true,
  });
  const { ours, theirs } = await both("lora", recipe);
  const [a, b] = [await logOf(ours), await logOf(theirs)];
  assert.equal(a.length, 2);
  assert.ok(apart(a, b, "loss") < 1e-5, `loss ${apart(a, b, "loss")}`);
  assert.ok(apart(a, b, "grad_norm") < 1e-4);
  const [left, right] = await Promise.all(
    [ours, theirs].map((out) => openSafetensors(join(out, "adapter_model.safetensors"))),
  );
  assert.deepEqual([...right!.tensors.keys()].sort(), [...left!.tensors.keys()].sort());
  for (const name of left!.tensors.keys()) {
    const [x, y] = [await left!.read(name), await right!.read(name)];
    assert.ok(Math.max(...x.map((value, i) => Math.abs(value - y[i]!))) < 1e-4, name);
  }
  await Promise.all([left!.close(), right!.close()]);
  const config = (out: string) => readFile(join(out, "adapter_config.json"), "utf8");
  assert.equal(await config(theirs), await config(ours));
});

test("an unknown Python is named before anything is written", async () => {
  const out = join(folder, "none");
  const launcher = torchrunLauncher(join(folder, "no-such-python"));
  await assert.rejects(
    trainWithTorch({ recipe: recipeOf({ model: MODEL, steps: 2 }), data, out, launcher }),
    /there is no such Python/,
  );
  await assert.rejects(readdir(out), /ENOENT/);
});

test("the first Qwen becomes a qwen2 of the same values", async () => {
  const out = join(folder, "as-qwen2");
  await writeAsQwen2(join(FIXTURES, "qwen"), out, "key");
  const [from, to] = [await openCheckpoint(join(FIXTURES, "qwen")), await openCheckpoint(out)];
  try {
    assert.equal(to.config.architecture, "qwen2");
    assert.deepEqual(asQwen2(from.config), to.config);
    const whole = await from.read("transformer.h.1.attn.c_attn.weight");
    const thirds = await Promise.all(
      ["q", "k", "v"].map((part) => to.read(`model.layers.1.self_attn.${part}_proj.weight`)),
    );
    assert.deepEqual(
      thirds.flatMap((values) => [...values]),
      [...whole],
    );
    // w2 is the gate.
    assert.deepEqual(
      await to.read("model.layers.0.mlp.gate_proj.weight"),
      await from.read("transformer.h.0.mlp.w2.weight"),
    );
    assert.deepEqual(
      await to.read("model.layers.0.mlp.up_proj.weight"),
      await from.read("transformer.h.0.mlp.w1.weight"),
    );
    assert.deepEqual(await to.read("lm_head.weight"), await from.read("lm_head.weight"));
  } finally {
    await Promise.all([from.close(), to.close()]);
  }
});
