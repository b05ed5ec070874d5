// `apollo train` as its user meets it: another process that is stopped, killed, and started again.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom, hashFile } from "../core/index.ts";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import { importCorpus, packCorpus } from "../corpus/index.ts";
import { loadTokenizer, trainByteLevelBpe } from "../tokenizer/index.ts";
import { runCli, startCli } from "./run-cli.test.helper.ts";

const PAIRS = [
  ["What is fever?", "A body temperature above 38 degrees."],
  ["¿Qué es la fiebre?", "Una temperatura de más de 38 grados."],
  ["什么是发烧？", "体温超过三十八度。"],
  ["Should I boil water?", "Yes, when it is not safe to drink."],
];
// Enough that a signal sent at the fifth step finds the run still at work.
const STEPS = 60;
/** APOLLO_KILLS=20 is the long test. */
const KILLS = Number(process.env.APOLLO_KILLS ?? 4);

let folder: string;
let data: string;
let expected: Record<string, string>;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-cli-train-"));
  data = join(folder, "packed");
  await mkdir(join(folder, "texts"));
  await writeFile(join(folder, "texts", "medicalGuideline_en.json"), JSON.stringify(PAIRS));
  await importCorpus([join(folder, "texts")], join(folder, "corpus"));
  const tokenizer = trainByteLevelBpe(PAIRS.flat(), {
    vocabularySize: 300,
    specialTokens: ["<|endoftext|>"],
  });
  await packCorpus(join(folder, "corpus"), { tokenizer, length: 64, out: data });
  await writeFile(
    join(folder, "recipe.yaml"),
    `model: {hiddenSize: 32, layers: 2}\nsteps: ${STEPS}\nbatch: 4\nlearningRate: 0.01\ncheckpointEvery: 4\n`,
  );
  const { code, stderr } = await runCli(words("whole"));
  assert.deepEqual([code, unhurried(stderr)], [0, ""]);
  expected = await outcome("whole");
});
after(() => rm(folder, { recursive: true }));

function words(out: string, ...more: string[]): string[] {
  return trainWords("recipe.yaml", out, ...more);
}

function trainWords(recipe: string, out: string, ...more: string[]): string[] {
  const [file, place] = [join(folder, recipe), join(folder, out)];
  return ["train", "--recipe", file, "--data", data, "--out", place, "--threads", "1", "--json", ...more];
}

/** Without the progress that a busy machine is slow enough to be shown. */
function unhurried(stderr: string): string {
  return stderr.replaceAll(/^train: \d+\/\d+ steps .*\n/gmu, "");
}

/** What of a run's files names the folder, or times. */
const OWN = ["manifest.json", "train.jsonl", "train.html"];

/** Hashes of a run's files but for those. */
async function outcome(out: string): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, out))).filter((name) => !OWN.includes(name)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await hashFile(join(folder, out, name))] as const)),
  );
}

test("with --json: one line a step, then the result; the loss falls", async () => {
  const { code, stdout } = await runCli(words("json"));
  assert.equal(code, 0);
  const lines = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(lines.length, STEPS + 1);
  lines.slice(0, -1).forEach((line, i) => {
    assert.equal(line.step, i + 1);
    for (const key of ["loss", "learningRate", "tokens", "tokensPerSecond"])
      assert.ok(Number.isFinite(line[key]));
  });
  const result = lines.at(-1);
  assert.deepEqual(result, { checkpoint: join(folder, "json"), steps: STEPS, loss: lines.at(-2).loss });
  assert.ok(result.loss < lines[0].loss - 1);
  assert.deepEqual(await outcome("json"), expected);
});

test("Ctrl-C leaves a checkpoint, says how to go on and exits with 130; the same words finish the run", async () => {
  const run = startCli(words("stopped"));
  await run.line((line) => JSON.parse(line).step === 5);
  run.child.kill("SIGINT");
  const { code, stderr, json } = await run.ended;
  assert.equal(code, 130);
  assert.equal(unhurried(stderr), "error: interrupted. Run the same command again to go on.\n");
  assert.equal((json as { error: { code: string } }).error.code, "interrupted");
  const [name, ...others] = await readdir(join(folder, "stopped"));
  assert.deepEqual(others, ["train.html", "train.jsonl"]);
  const step = Number(/^checkpoint-(\d+)$/u.exec(name!)?.[1]);
  assert.ok(step >= 5, name);

  const again = await runCli(words("stopped"));
  assert.equal(again.code, 0);
  assert.equal(JSON.parse(again.stdout.split("\n")[0]!).step, step + 1, "goes on where it was");
  assert.deepEqual(await outcome("stopped"), expected);
});

test("kill -9 at any moment, several times: the same bytes in the end", async () => {
  await killAgainAndAgain("recipe.yaml", "killed");
  assert.deepEqual(await outcome("killed"), expected);
  const state = JSON.parse(await readFile(join(folder, "killed", "trainer_state.json"), "utf8"));
  assert.equal(state.log_history.length, STEPS);
});

test("kill -9 while adapters are trained, with dropout: the same bytes in the end", async () => {
  await writeFile(
    join(folder, "lora.yaml"),
    `base: ${JSON.stringify(join(folder, "whole"))}\nlora: {rank: 4, alpha: 8, dropout: 0.1}\nsteps: ${STEPS}\nbatch: 4\nlearningRate: 0.01\ncheckpointEvery: 4\n`,
  );
  const { code, stderr } = await runCli(trainWords("lora.yaml", "adapter"));
  assert.deepEqual([code, unhurried(stderr)], [0, ""]);
  await killAgainAndAgain("lora.yaml", "adapter-killed");
  assert.deepEqual(await outcome("adapter-killed"), await outcome("adapter"));
});

for (const device of ["webgpu", "cuda"])
  test(`kill -9 with --device ${device}: the losses of a run that nobody disturbed, up to rounding`, async (t) => {
    const run = async (out: string) => {
      const { code, stderr, stdout } = await runCli(words(out, "--device", device));
      return { code, stderr, error: JSON.parse(stdout.trim().split("\n").at(-1)!).error };
    };
    const whole = await run(`whole-${device}`);
    if (whole.code !== 0) {
      assert.deepEqual([whole.code, whole.error?.code], [2, "no-gpu"], whole.stderr);
      t.skip(whole.error.message);
      return;
    }
    await killAgainAndAgain("recipe.yaml", `killed-${device}`, "--device", device);
    const [found, unkilled] = await Promise.all(
      ["killed", "whole"].map(async (name) => {
        const state = await readFile(join(folder, `${name}-${device}`, "trainer_state.json"), "utf8");
        return JSON.parse(state).log_history.map(({ loss }: { loss: number }) => loss) as number[];
      }),
    );
    assert.equal(found!.length, STEPS);
    found!.forEach((loss, i) => {
      assert.ok(Math.abs(loss - unkilled![i]!) < 1e-3, `step ${i + 1}: ${loss} and ${unkilled![i]}`);
    });
    // Every file of the checkpoint is there, and its own: the run counts as done.
    assert.deepEqual(Object.keys(await outcome(`killed-${device}`)), Object.keys(expected));
    assert.equal((await run(`killed-${device}`)).code, 0);
  });

/** Starts a run until it comes to its end, killed KILLS times on the way. */
async function killAgainAndAgain(recipe: string, out: string, ...more: string[]): Promise<void> {
  const random = createRandom(`kills of ${out}`);
  let kills = 0;
  for (let start = 0; ; start++) {
    const run = startCli(trainWords(recipe, out, ...more));
    const { ended } = run;
    if (start < KILLS) {
      // Some steps after its start, and then anywhere within a step or the writing of a checkpoint.
      let seen = 0;
      const after = 1 + random.integer(Math.ceil(24 / KILLS));
      await Promise.race([run.line(() => seen++ >= after).catch(() => ""), ended]);
      await sleep(random.next() * 8);
      run.child.kill("SIGKILL");
    }
    const { code, stderr } = await ended;
    if (code === 0) break;
    if (!more.includes("--device")) assert.equal(unhurried(stderr), "");
    kills++;
  }
  assert.ok(kills >= 2, `${kills} kills hit`);
}

test("exams on the way: real ones, through bench; the best checkpoint opens like any other", async () => {
  const suite = join(folder, "exam.json");
  const item = (question: string, answer: string) => ({
    question,
    options: "(A) yes\n(B) no",
    answer,
    source: "tiny",
  });
  await writeFile(suite, JSON.stringify([item("Fever?", "(A)"), item("Boil?", "(B)"), item("Ice?", "(A)")]));
  const more = [
    "--eval-suite",
    suite,
    "--eval-every",
    "6",
    "--set",
    "steps=6",
    "--tensorboard",
    "--watch",
    "0",
  ];
  const short = await runCli(words("short", ...more));
  assert.equal(short.code, 2);
  assert.match(short.stderr, /exam\.json: no item of the exam fits the length of the training rows/);
  const long = join(folder, "long-rows");
  const tokenizer = await loadTokenizer(join(data, "tokenizer"));
  await packCorpus(join(folder, "corpus"), { tokenizer, length: 256, out: long });
  const { code, stderr } = await runCli(words("examined", "--data", long, ...more));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /watch it at http:\/\/127\.0\.0\.1:\d+\//);
  const lines = await jsonLines(join(folder, "examined", "train.jsonl"));
  const exams = lines.filter((line) => line.exam !== undefined);
  assert.deepEqual(
    exams.map(({ step }) => step),
    [0, 6],
  );
  for (const { exam, step } of exams) {
    assert.equal(exam.sources[0].n, 3);
    const record = join(folder, "examined", "evaluations", `step-${step}`, "results.json");
    assert.ok((await readFile(record, "utf8")).includes("tiny"), "bench's own evidence");
  }
  const names = await readdir(join(folder, "examined", "best"));
  for (const name of ["config.json", "model.safetensors", "tokenizer.json"]) assert.ok(names.includes(name));
  assert.ok(!(await readdir(join(folder, "examined", "evaluations"))).includes("checkpoint.gguf"));
  const wrong = await runCli(words("wrong", "--eval-suite", join(folder, "none.json")));
  assert.deepEqual([wrong.code, /none\.json/.test(wrong.stderr)], [2, true]);
});

test("a dry run says what it would take and leaves nothing; what cannot fit is refused", async () => {
  const { code, stdout, stderr } = await runCli(words("dry", "--dry-run"));
  assert.equal(code, 0, stderr);
  const plan = JSON.parse(stdout);
  assert.deepEqual([plan.steps, plan.length, plan.fits], [STEPS, 64, true]);
  assert.ok(!(await readdir(folder)).includes("dry"));
  const huge = words("dry", "--dry-run", "--set", "model.hiddenSize=4096", "--set", "model.layers=900");
  const refused = await runCli(huge);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /recipe\.yaml: would take .* GiB of memory, .* are free\./);
  const { error } = JSON.parse(refused.stdout);
  assert.equal(error.code, "does-not-fit");
});

test("a dry run for a GPU counts what it would take there, whether there is one or not", async () => {
  const { code, stdout, stderr } = await runCli([...words("dry", "--dry-run", "--device", "cuda")]);
  assert.equal(code, 0, stderr);
  const plan = JSON.parse(stdout);
  assert.deepEqual([plan.device, plan.steps, plan.fits], ["cuda", STEPS, true]);
  assert.equal(plan.memory.optimizer, 16 * plan.trainedParameters);
  assert.equal(typeof plan.missing, plan.seconds === undefined ? "string" : "undefined");
  const text = await runCli(
    words("dry", "--dry-run", "--device", "cuda").filter((word) => word !== "--json"),
  );
  assert.match(text.stdout, /on the GPU +\d.*GiB at most.*\n.*frozen\n.*weights\n/);
  assert.match(text.stdout, /in one tensor \(.*\), (not tried|which the GPU here takes)\n/);
  assert.match(text.stdout, /time +(not known: no GPU here that CUDA can use|\d)/);
});

test("another recipe in the same folder is refused", async () => {
  const { code, stderr } = await runCli(words("whole", "--set", "learningRate=0.02"));
  assert.equal(code, 2);
  assert.match(stderr, /^error: .*whole: holds a run of another recipe or other data\. .*--out.*\n$/);
  assert.deepEqual(await outcome("whole"), expected);
});

test("a reader that goes away ends the run quietly", async () => {
  const run = startCli(words("pipe"));
  await run.line(() => true);
  run.child.stdout?.destroy();
  const { code, stderr } = await run.ended;
  assert.deepEqual([code, unhurried(stderr)], [141, ""]);
});
