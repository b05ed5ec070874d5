// What a run shows: losses by source that make up the loss, a log and a best checkpoint that survive a stop, a page, event files.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { crc32c, hashFile, UserError } from "../core/index.ts";
import { mergeLosses } from "./loss-by-source.ts";
import { type Row, tinyRows, tinyTokenizer, writePackedRows } from "./packed-rows.test.helper.ts";
import { parseRecipe } from "./recipe.ts";
import type { EvaluationEntry, StepEntry } from "./run-log.ts";
import { train } from "./train.ts";
import { renderRunPage } from "./train-page.ts";

const recipe = parseRecipe(
  {
    model: { hiddenSize: 16, layers: 1, heads: 2 },
    ...{ steps: 6, batch: 3, accumulate: 3, learningRate: 0.01, checkpointEvery: 2 },
  },
  "test",
);

let folder: string;
let data: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-monitor-"));
  const tokenizer = tinyTokenizer();
  // Document 2 r + s is segment s of row r.
  const rows = tinyRows(tokenizer).map((row, r): Row & { doc_ids: number[] } => ({
    ...row,
    doc_ids: row.segment_ids.map((segment) => (segment < 0 ? -1 : 2 * r + segment)),
  }));
  data = await writePackedRows(join(folder, "packed"), tokenizer, rows);
  const files = [
    "medicalWiki_en_qa",
    "medicalWiki_en_text",
    "general_zh",
    "medicalWiki_zh_qa",
    "general_es",
    "odd",
  ];
  await writeFile(
    join(data, "documents.jsonl"),
    files.map((file, i) => `${JSON.stringify({ id: String(i), file: `${file}.json` })}\n`).join(""),
  );
});
after(() => rm(folder, { recursive: true }));

type Line = Partial<StepEntry & EvaluationEntry> & { run_key?: string };

async function readLog(out: string): Promise<Line[]> {
  const text = await readFile(join(out, "train.jsonl"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Without what differs from run to run. */
function untimed({ time: _t, tokens_per_second: _s, peak_share: _p, ...line }: Line): Line {
  return line;
}

test("losses by source make up the step's loss, and a held-out loss of the same rows is the loss of the step", async () => {
  const out = join(folder, "sources");
  await train({ recipe, data, out, evaluation: { every: 3, data } });
  const [header, ...lines] = await readLog(out);
  assert.ok(header?.run_key);
  const steps = lines.filter((line) => line.loss !== undefined) as StepEntry[];
  const evaluations = lines.filter((line) => line.held_out !== undefined) as EvaluationEntry[];
  assert.deepEqual(
    lines.map((line) => [line.step, line.loss === undefined ? "evaluation" : "step"].join(" ")),
    [
      "0 evaluation",
      "1 step",
      "2 step",
      "3 step",
      "3 evaluation",
      "4 step",
      "5 step",
      "6 step",
      "6 evaluation",
    ],
  );
  for (const { loss, sources, step } of steps) {
    assert.deepEqual(Object.keys(sources!), [
      "general_es",
      "general_zh",
      "medicalWiki_en",
      "medicalWiki_zh",
      "odd",
    ]);
    const parts = Object.values(sources!);
    const tokens = parts.reduce((sum, part) => sum + part.tokens, 0);
    const mean = parts.reduce((sum, part) => sum + part.loss * part.tokens, 0) / tokens;
    assert.ok(Math.abs(mean - loss) < 1e-5, `step ${step}: ${mean} instead of ${loss}`);
  }
  assert.deepEqual(Object.keys(mergeLosses(steps[0]!.sources!, "language")), ["", "en", "es", "zh"]);
  assert.deepEqual(Object.keys(mergeLosses(steps[0]!.sources!, "category")), [
    "general",
    "medicalWiki",
    "odd",
  ]);
  // The whole data is one batch, so what is measured before a step is what the step finds.
  for (const at of [0, 3]) {
    const before = evaluations.find(({ step }) => step === at)!.held_out!;
    const step = steps.find((entry) => entry.step === at + 1)!;
    assert.ok(Math.abs(before.loss - step.loss) < 1e-5, `${before.loss} and ${step.loss}`);
    for (const [name, { loss, tokens }] of Object.entries(step.sources!)) {
      assert.equal(before.sources[name]!.tokens, tokens);
      assert.ok(Math.abs(before.sources[name]!.loss - loss) < 1e-4, name);
    }
  }
  assert.deepEqual(
    evaluations.map(({ best }) => best),
    [true, true, true],
    "the loss falls",
  );
});

test("a run stopped at any step shows the same in the end as one that was not", async () => {
  const whole = join(folder, "whole");
  await train({ recipe, data, out: whole, evaluation: { every: 2, data }, tensorboard: true });
  const expected = (await readLog(whole)).map(untimed);
  for (const stopAfter of [1, 3, 4]) {
    const out = join(folder, `stopped-${stopAfter}`);
    const stop = new AbortController();
    const options = { recipe, data, out, evaluation: { every: 2, data }, tensorboard: true };
    await assert.rejects(
      train({
        ...options,
        signal: stop.signal,
        onStep: ({ step }) => step === stopAfter && stop.abort(new Error("stop")),
      }),
      /stop/,
    );
    assert.match(await readFile(join(out, "train.html"), "utf8"), /<dd>stopped<\/dd>/);
    // As if the run had been killed further on: lines that no checkpoint knows of, and half a line.
    const log = join(out, "train.jsonl");
    const ahead = JSON.stringify({ step: stopAfter + 1, loss: 99 });
    await writeFile(log, `${await readFile(log, "utf8")}${ahead}\n${ahead.slice(0, 9)}`);
    await train(options);
    assert.deepEqual((await readLog(out)).map(untimed), expected, `stopped after ${stopAfter}`);
    for (const file of ["model.safetensors", join("best", "model.safetensors")])
      assert.equal(await hashFile(join(out, file)), await hashFile(join(whole, file)));
    assert.equal((await readEvents(out)).filter(({ step }) => step === 2).length, 2, "nothing twice");
  }
});

test("another run is not joined by its log alone", async () => {
  const out = join(folder, "foreign");
  const stop = new AbortController();
  stop.abort(new Error("at once"));
  await assert.rejects(train({ recipe, data, out, signal: stop.signal }), /at once/);
  await rm(join(out, "checkpoint-0"), { recursive: true });
  const other = { ...recipe, learningRate: 0.5 };
  await assert.rejects(
    train({ recipe: other, data, out }),
    (error) => error instanceof UserError && error.code === "run-exists",
  );
  await train({ recipe, data, out });
});

test("the page is one file without script, with every chart", async () => {
  const page = await readFile(join(folder, "whole", "train.html"), "utf8");
  for (const title of [
    "Loss",
    "Loss by language",
    "Loss by source",
    "Held-out loss",
    "Learning rate",
    "Tokens per second",
  ])
    assert.ok(page.includes(`<figcaption>${title}</figcaption>`), title);
  assert.doesNotMatch(page, /NaN|Infinity|undefined|<script|https?:|http-equiv/);
  assert.match(page, /中文/);
  assert.match(page, /<dd>6 of 6<\/dd>/);
  assert.match(page, /6 \(best\)/);
});

test("a language has one colour in all charts, whichever is seen first", () => {
  const step = (step: number, source: string): StepEntry => ({
    ...{ step, loss: 1, learning_rate: 1, grad_norm: 1, tokens: step },
    sources: { [source]: { loss: 1, tokens: 1 } },
  });
  const sources = { a_en: { loss: 1, tokens: 1 }, a_zh: { loss: 1, tokens: 1 } };
  const held_out = { id: "h", loss: 1, tokens: 2, sources };
  const page = renderRunPage(
    {
      steps: [step(1, "a_zh"), step(2, "a_en")],
      evaluations: [{ step: 2, held_out, best: true, time: "t" }],
    },
    { title: "t", state: "finished", steps: 2, now: new Date(0) },
  );
  const legend = (title: string): string[] => {
    const [, figure] = new RegExp(`<figcaption>${title}</figcaption>(.*?)</figure>`, "su").exec(page)!;
    return [...figure!.matchAll(/<bdi>(.*?)<\/bdi>/gu)].map(([, name]) => name!);
  };
  assert.deepEqual(legend("Loss by language"), ["English", "中文"]);
  assert.deepEqual(legend("Held-out loss"), ["English", "中文", "all"]);
  assert.doesNotMatch(page, /Wilson/u);
});

test("a page that a killed run left says when it was last heard of, and what to think of that", () => {
  const now = new Date("2026-11-22T08:15:42Z");
  const page = (stepSeconds: number): string =>
    renderRunPage(
      { steps: [], evaluations: [] },
      { title: "t", state: "running", steps: 9, now, stepSeconds },
    );
  assert.match(page(1), /<dd>running at 2026-11-22 08:15 UTC<\/dd>/);
  assert.match(page(1), /Last heard of at <time datetime="2026-11-22T08:15:42.000Z">/);
  assert.match(page(1), /more than 2 min was killed/);
  assert.match(page(600), /more than 50 min was killed/);
});

interface Event {
  readonly step: number;
  readonly bytes: Buffer;
}

/** Reads TFRecords, checking both checksums of each. */
async function readEvents(out: string): Promise<Event[]> {
  const file = await readFile(join(out, "tensorboard", "events.out.tfevents.0.apollo"));
  const unmask = (masked: number): number => {
    const rotated = (masked - 0xa282ead8) >>> 0;
    return ((rotated << 15) | (rotated >>> 17)) >>> 0;
  };
  const events: Event[] = [];
  for (let at = 0; at < file.length; ) {
    const size = Number(file.readBigUInt64LE(at));
    assert.equal(unmask(file.readUInt32LE(at + 8)), crc32c(file.subarray(at, at + 8)));
    const bytes = file.subarray(at + 12, at + 12 + size);
    assert.equal(unmask(file.readUInt32LE(at + 12 + size)), crc32c(bytes));
    // Field 1, a double; then field 2, the step.
    assert.equal(bytes[0], 9);
    events.push({ step: bytes[9] === 16 ? bytes[10]! : -1, bytes });
    at += 16 + size;
  }
  return events;
}

test("event files: a version, then an event a step and an evaluation, with valid checksums", async () => {
  const [version, ...events] = await readEvents(join(folder, "whole"));
  assert.ok(version!.bytes.includes("brain.Event:2"));
  assert.deepEqual(
    events.map(({ step }) => step),
    [0, 1, 2, 2, 3, 4, 4, 5, 6, 6],
  );
  assert.ok(events[1]!.bytes.includes("loss by language/zh"));
});
