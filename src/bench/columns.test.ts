import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { UserError } from "../core/index.ts";
import { jsonLines } from "../core/json-lines.test.helper.ts";
import { type LogitModel, openGguf, writeTinyGguf } from "../engine/index.ts";
import { type ColumnsOptions, type ColumnsResult, runColumns } from "./columns.ts";
import { BOARD_LANGUAGES } from "./leaderboard-words.ts";
import { plainProtocol } from "./protocol.ts";
import { createProtocols } from "./protocols.ts";
import { reportName } from "./report-page.ts";
import type { GeneratedSample, Sample, ScoredSample } from "./sample.ts";
import { loadSuite, type Suite } from "./suite.ts";
import { REPORT_WORDS } from "./words/report-words.ts";

let folder = "";
let suite: Suite;
let model: LogitModel;
let protocolFile = "";
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-columns-"));
  const path = join(folder, "suite.json");
  const records = ["medmcqa", "headqa"].flatMap((source) =>
    Array.from({ length: 6 }, (_, i) => ({
      question: `Why is ${source} number ${i} so?`,
      options: ["rest", "water and salt", "sleep", `tea ${i}`]
        .map((text, k) => `(${"ABCD"[k]}) ${text}.`)
        .join("\n"),
      answer: `(${"BCDA"[i % 4]})`,
      source,
    })),
  );
  await writeFile(path, JSON.stringify(records));
  suite = await loadSuite(path);
  protocolFile = join(folder, "prompts.json");
  const ask = "User:Choose.\nQ: {question}\n{options}\nAssistant:";
  const templates = {
    question_prompt_en_choice: ask,
    question_prompt_en_choice_shot: `${ask}It is {answer}.<eos>\n`,
    question_prompt_es_choice: ask,
    question_prompt_es_choice_shot: `${ask}Es {answer}.<eos>\n`,
  };
  await writeFile(protocolFile, JSON.stringify({ gemma: templates, source_to_prompt: {} }));
  await writeTinyGguf(join(folder, "tiny.gguf"), { contextLength: 2048 });
  model = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
});
after(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

async function columns(
  out: string,
  names: readonly string[],
  more: Partial<ColumnsOptions> = {},
): Promise<ColumnsResult> {
  const protocols = await createProtocols(names, { protocolFile, model, suite });
  const result = await runColumns({ suite, model, out: join(folder, out), protocols, ...more });
  assert.ok("columns" in result);
  return result;
}

const samplesOf = (run: string): Promise<Sample[]> => jsonLines(join(folder, run, "samples.jsonl"));

test("the published column and the corrected one stand beside each other, over several seeds", async () => {
  const result = await columns("both", ["apollo", "corrected"], { seeds: 3 });
  assert.deepEqual(
    result.columns.map(({ name, mode, seed }) => [name, mode, seed]),
    [0, 1, 2]
      .map((seed) => [`apollo-${seed}`, "generate", seed])
      .concat([0, 1, 2].map((seed) => [`corrected-${seed}`, "generate", seed])),
  );
  assert.equal(result.sources.length, 12);
  const spread = result.spread.find((row) => row.protocol === "apollo" && row.source === "headqa")!;
  const rows = result.sources.filter((row) => row.protocol === "apollo" && row.source === "headqa");
  assert.equal(spread.seeds, 3);
  assert.equal(spread.max, Math.max(...rows.map((row) => row.accuracy)));
  assert.equal(spread.mean, rows.reduce((sum, row) => sum + row.accuracy, 0) / 3);
  // The same items for every seed, other worked examples.
  const [first, second] = [await samplesOf("both/apollo-0"), await samplesOf("both/apollo-1")];
  assert.deepEqual(
    first.map((sample) => sample.id),
    second.map((sample) => sample.id),
  );
  assert.ok(first.every((sample) => sample.shots === 3));
  const inputs = JSON.parse(await readFile(join(folder, "both/apollo-1/run.json"), "utf8")).inputs;
  assert.equal(inputs.protocol.name, "apollo");
  assert.equal(inputs.shotSeed, 1);
  // One item of each source is kept for examples: a quarter of six.
  const record = JSON.parse(await readFile(join(folder, "both/corrected-0/run.json"), "utf8"));
  assert.deepEqual(record.skipped, { "kept-for-examples": 2 });
  const corrected = (await samplesOf("both/corrected-0")) as GeneratedSample[];
  assert.ok(corrected.every((sample) => sample.strict !== undefined));
  const row = result.sources.find((one) => one.protocol === "corrected")!;
  assert.ok(row.strict !== undefined && row.strict.noAnswer >= row.noAnswer);
  const report = await readFile(join(folder, "both/report.html"), "utf8");
  assert.match(report, /href="apollo-0\/report.html"/u);
  assert.match(report, /Spread over seeds/u);
});

test("the page stands in every language, and each leads to the others and to the columns' own reports", async () => {
  await columns("languages", ["apollo", "corrected"], { seeds: 2 });
  const pages = BOARD_LANGUAGES.map(({ code }) => reportName(code));
  for (const { code, tag } of BOARD_LANGUAGES) {
    const page = await readFile(join(folder, "languages", reportName(code)), "utf8");
    const words = REPORT_WORDS[code].columns;
    assert.match(page, new RegExp(`<html lang="${tag}"${code === "ar" ? ' dir="rtl"' : ""}>`, "u"));
    for (const text of [words.note, words.spread, words.spreadNote]) assert.ok(page.includes(text), text);
    if (code !== "en") assert.ok(!/Accuracy|Spread|No answer|Average/u.test(page), code);
    assert.doesNotMatch(page, /<script|<link|https?:|NaN|undefined/u);
    const links = [...page.matchAll(/href="([^"]+)"/gu)].map(([, link]) => link!);
    assert.deepEqual(
      links.filter((link) => pages.includes(link)),
      pages.filter((file) => file !== reportName(code)),
    );
    for (const link of links) await access(join(folder, "languages", link));
  }
});

test("an item in several modes: where they disagree, and no answer kept apart from wrong", async () => {
  const protocols = (["letter", "text", "generate"] as const).map(plainProtocol);
  const result = (await runColumns({ suite, model, out: join(folder, "modes"), protocols })) as ColumnsResult;
  assert.deepEqual(
    result.columns.map(({ name }) => name),
    ["letters", "cloze", "generate"],
  );
  const pairs = result.agreement.filter((row) => row.source === "medmcqa");
  assert.deepEqual(
    pairs.map(({ first, second }) => `${first}/${second}`),
    ["letters/cloze", "letters/generate", "cloze/generate"],
  );
  for (const row of pairs) {
    const unanswered = row.n - row.same - row.bothWrong - row.onlyFirstRight - row.onlySecondRight;
    assert.ok(unanswered >= 0 && unanswered <= row.firstNoAnswer + row.secondNoAnswer, JSON.stringify(row));
    assert.ok(row.bothRight <= row.same);
  }
  const lines = (await readFile(join(folder, "modes/disagreements.jsonl"), "utf8")).trimEnd().split("\n");
  for (const line of lines) {
    const { choices } = JSON.parse(line) as { choices: Record<string, string | null> };
    assert.deepEqual(Object.keys(choices), ["letters", "cloze", "generate"]);
    assert.ok(new Set(Object.values(choices)).size > 1);
  }
  // A random model says nothing that can be read: not one of its answers is counted as wrong by choice.
  const generated = await samplesOf("modes/generate");
  assert.equal(
    pairs[1]!.secondNoAnswer,
    generated.filter(({ source, choice }) => source === "medmcqa" && choice === null).length,
  );
});

test("every rule of lm-evaluation-harness from one scoring", async () => {
  const result = await columns("rules", ["cloze", "lm-eval"]);
  const [sample] = (await samplesOf("rules/cloze")) as ScoredSample[];
  const by = (value: (option: ScoredSample["options"][number]) => number): string =>
    sample!.options.reduce((best, option) => (value(option) > value(best) ? option : best)).letter;
  assert.deepEqual(sample!.choices, {
    acc: by((option) => option.logProbability),
    acc_norm: by((option) => option.logProbability / option.characters!),
    acc_bytes: by((option) => option.logProbability / option.bytes!),
    acc_tokens: by((option) => option.logProbability / option.tokens),
    acc_mutual_info: by((option) => option.logProbability - option.unconditional!),
  });
  assert.equal(sample!.options[1]!.characters, "water and salt".length);
  // In `lm-eval` each source is its own task: HEAD-QA scores texts, MedMCQA letters.
  const modes = result.sources
    .filter((row) => row.protocol === "lm-eval")
    .map((row) => [row.source, row.mode]);
  assert.deepEqual(modes, [
    ["medmcqa", "letter"],
    ["headqa", "text"],
  ]);
  const results = JSON.parse(await readFile(join(folder, "rules/cloze/results.json"), "utf8")).results.headqa;
  for (const metric of ["acc", "acc_norm", "acc_bytes", "acc_tokens", "acc_mutual_info"]) {
    assert.equal(typeof results[`${metric},none`], "number", metric);
  }
});

test("asked through a chat template", async () => {
  const plain = await columns("plain", ["letters", "corrected"], { shots: 1, limit: 2 });
  const chat = await columns("chat", ["letters", "corrected"], { shots: 1, limit: 2, chatTemplate: true });
  assert.equal(chat.sources.length, plain.sources.length);
  const inputs = JSON.parse(await readFile(join(folder, "chat/letters/run.json"), "utf8")).inputs;
  assert.equal(inputs.chatTemplate, true);
  const remote = {
    id: "remote",
    contextLength: 100,
    score: model.score,
    generate: model.generate,
    close: model.close,
  };
  await assert.rejects(
    runColumns({
      suite,
      model: remote,
      out: join(folder, "remote"),
      protocols: [plainProtocol("letter")],
      chatTemplate: true,
    }),
    (error) => error instanceof UserError && error.code === "no-chat-template",
  );
});

test("each protocol, killed anywhere, goes on to the same bytes", async () => {
  const names = ["letters", "cloze", "generate", "apollo", "corrected", "lm-eval", "lm-eval:mmlu_anatomy"];
  const options = { batch: 2, limit: 4, shots: 2, seed: 5 };
  const whole = await columns("whole", names, options);
  const stop = new AbortController();
  let batches = 0;
  await assert.rejects(
    columns("killed", names, {
      ...options,
      signal: stop.signal,
      // In the middle of the fourth column.
      progress: () => ({ update: () => ++batches === 14 && stop.abort(new Error("killed")), finish() {} }),
    }),
    /killed/u,
  );
  // A kill can leave any number of bytes behind, the last line torn.
  const torn = join(folder, "killed/letters/samples.jsonl");
  await truncate(torn, (await readFile(torn)).length >> 1);
  const resumed = await columns("killed", names, options);
  assert.deepEqual({ ...resumed, run: "" }, { ...whole, run: "" });
  const files = ["columns.json", "disagreements.jsonl", "report.html"];
  for (const { name } of whole.columns) {
    files.push(...["samples.jsonl", "results.json", "report.html"].map((file) => `${name}/${file}`));
  }
  assert.equal(files.length, 3 + 3 * names.length);
  for (const file of files) {
    assert.deepEqual(
      await readFile(join(folder, "killed", file)),
      await readFile(join(folder, "whole", file)),
      file,
    );
  }
});

test("names that are none, and modes that a protocol does not have, are refused", async () => {
  const refused = (names: readonly string[], more: object = {}): Promise<void> =>
    assert.rejects(
      createProtocols(names, { model, suite, ...more }),
      (error) => error instanceof UserError && /option/u.test(error.code),
    );
  await refused(["letter"]);
  await refused(["apollo"]);
  await refused(["letters"], { modes: ["text"] });
  await refused(["lm-eval:arc"]);
  const both = await createProtocols(["corrected"], { model, suite, modes: ["letter", "generate"] });
  assert.deepEqual(
    both.map(({ mode }) => mode),
    ["letter", "generate"],
  );
});
