import assert from "node:assert/strict";
import { before, test } from "node:test";
import {
  createLogitModel,
  type LogitModel,
  logitModelContract,
  logNormaliser,
  mostLikely,
  type SamplingOptions,
  type Session,
} from "../engine/index.ts";
import {
  createAlphaGrid,
  createProxyModel,
  type ProxyOptions,
  parseSchedule,
  type Schedule,
} from "./index.ts";
import { openTurnedTrio, turnedId, useTinyModels } from "./tiny-trio.test.helper.ts";

const TEMPLATE =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";
const ALPHA = 1.5;
const open = useTinyModels(128);
let base: LogitModel;
let expert: LogitModel;
let anti: LogitModel;
let twin: LogitModel;

before(async () => {
  ({ base, expert, anti } = await openTurnedTrio(open, { chatTemplate: TEMPLATE }));
  twin = await open("twin", { seed: 9 });
});

const trioOf = (options: Partial<ProxyOptions>) =>
  createProxyModel({ base, expert, anti, alpha: ALPHA, ...options });

/** Logits after the prompt and after each further token, one token at a time. */
async function walk(model: LogitModel, prompt: Int32Array, tokens: Int32Array): Promise<Float32Array[]> {
  const session = model.open();
  const rows = [(await session.advance(prompt)).slice()];
  for (const token of tokens) rows.push((await session.advance(Int32Array.of(token))).slice());
  session.dispose();
  return rows;
}

/** What the three give along a text, and the offset over the base's ids. */
async function byHand(text: string, more: string) {
  const encode = (model: LogitModel) => [model.tokenizer.encode(text), model.tokenizer.encode(more)] as const;
  const [b, e, a] = await Promise.all([base, expert, anti].map((model) => walk(model, ...encode(model))));
  return b!.map((row, place) => ({
    row,
    offset: (id: number): number => e![place]![turnedId(id)]! - a![place]![id]!,
  }));
}

for (const [schedule, strength] of [
  ["constant", () => ALPHA],
  ["first:2", (index) => (index < 2 ? ALPHA : 0)],
  ["linear:4", (index) => ALPHA * Math.max(0, 1 - index / 4)],
  [
    "unsure:0.6",
    (_, row) => {
      const { max, logSum } = logNormaliser(row);
      return Math.exp(max - logSum) < 0.6 ? ALPHA : 0;
    },
  ],
] as [string, (index: number, row: Float32Array) => number][])
  test(`schedule ${schedule}: logits are base + alpha(t) (expert - anti), in sessions and in scores`, async () => {
    const trio = trioOf({ schedule: parseSchedule(schedule) });
    const [text, more] = ["the man said", " then the answer in no"];
    const expected = (await byHand(text, more)).map(({ row, offset }, index) =>
      row.map((logit, id) => logit + strength(index, row) * offset(id)),
    );
    const prompt = base.tokenizer.encode(text);
    const tokens = base.tokenizer.encode(more);
    assert.ok(tokens.length > 4);
    const rows = await walk(trio, prompt, tokens);
    assert.deepEqual(rows, expected);
    const strengths = new Set((await byHand(text, more)).map(({ row }, index) => strength(index, row)));
    assert.equal(strengths.size > 1, schedule !== "constant", [...strengths].join());
    let sum = 0;
    tokens.forEach((token, i) => {
      sum += expected[i]![token]! - logNormaliser(expected[i]!).logSum;
    });
    const [score] = await trio.scoreTokens(prompt, [tokens]);
    assert.ok(Math.abs(score!.logProbability - sum) < 1e-3, `${score!.logProbability}, not ${sum}`);
  });

test("small models rest when a schedule is over, and catch up after a rewind", async () => {
  let advances = 0;
  const counted = (model: LogitModel): LogitModel => ({
    ...model,
    open: (): Session => {
      const session = model.open();
      return Object.assign(Object.create(session) as Session, {
        advance: (tokens: Int32Array) => {
          advances++;
          return session.advance(tokens);
        },
      });
    },
  });
  const trio = createProxyModel({
    base,
    expert: counted(expert),
    anti,
    alpha: ALPHA,
    schedule: { kind: "first", tokens: 2 },
  });
  const prompt = base.tokenizer.encode("the man");
  const tokens = base.tokenizer.encode(" said then the answer");
  const session = trio.open();
  const rows = [(await session.advance(prompt)).slice()];
  for (const token of tokens) rows.push((await session.advance(Int32Array.of(token))).slice());
  assert.equal(advances, 2);
  assert.deepEqual(rows[3], (await walk(base, prompt, tokens))[3]);
  session.rewind(prompt.length);
  assert.deepEqual(await session.advance(tokens.subarray(0, 1)), rows[1]);
  session.dispose();
});

test("topK moves the base's likeliest tokens alone", async () => {
  const [{ row, offset } = assert.fail()] = await byHand("the man", "");
  const kept = new Set(mostLikely(row, 7));
  const expected = row.map((logit, id) => (kept.has(id) ? logit + ALPHA * offset(id) : logit));
  const prompt = base.tokenizer.encode("the man");
  assert.deepEqual((await walk(trioOf({ topK: 7 }), prompt, new Int32Array()))[0], expected);
  assert.deepEqual(
    await walk(trioOf({ topK: 1e6 }), prompt, new Int32Array()),
    await walk(trioOf({}), prompt, new Int32Array()),
  );
  const request = { prompt: "the man", continuations: [" said", " A"] };
  const [scores] = await createAlphaGrid({ base, expert, anti, alphas: [ALPHA], topK: 7 })(request);
  assert.deepEqual([scores!.scores], await trioOf({ topK: 7 }).score([request]));
});

for (const { name, check } of logitModelContract)
  test(`a trio whose offset is restricted: ${name}`, () => check(trioOf({ topK: 20 })));

test("withAlpha keeps schedule and topK, and the name tells them", () => {
  const trio = trioOf({ schedule: { kind: "linear", tokens: 8 }, topK: 3 });
  assert.equal(trio.id, "base+expert-anti@1.5?schedule=linear:8&topk=3");
  assert.equal(trio.withAlpha(0.5).id, "base+expert-anti@0.5?schedule=linear:8&topk=3");
});

test("schedules are read as they are written, and nothing else is", () => {
  const schedules: readonly (readonly [string, Schedule])[] = [
    ["constant", { kind: "constant" }],
    ["first:32", { kind: "first", tokens: 32 }],
    ["linear:1", { kind: "linear", tokens: 1 }],
    ["unsure:0.5", { kind: "unsure", below: 0.5 }],
  ];
  for (const [text, schedule] of schedules) assert.deepEqual(parseSchedule(text), schedule);
  for (const text of [
    "",
    "first",
    "first:0",
    "first:1.5",
    "linear:",
    "linear:3:4",
    "unsure:2",
    "constant:1",
    "cosine:3",
  ])
    assert.throws(() => parseSchedule(text), { name: "UserError", code: "bad-schedule" }, text);
  for (const topK of [0, -1, 1.5, Number.NaN])
    assert.throws(() => trioOf({ topK }), { name: "UserError", code: "bad-top-k" });
});

/** Generated ids. */
async function generated(
  model: LogitModel,
  input: Parameters<LogitModel["generate"]>[0]["input"],
  maxTokens = 6,
  sampling: SamplingOptions = {},
) {
  const ids: number[] = [];
  for await (const { token } of model.generate({ input, maxTokens, ...sampling, topLogProbabilities: 0 }))
    if (token !== undefined) ids.push(token.id);
  return ids;
}

test("each member reads a conversation in its own format; the answer is the same tokens for all", async () => {
  const messages = [{ role: "user" as const, content: "the man" }];
  assert.notEqual(base.formatChat(messages), expert.formatChat(messages));
  const encode = (model: LogitModel, text: string) =>
    model.tokenizer.encode(text, { special: "parse", bos: true });
  // By hand: three sessions, each begun by its own prompt.
  const sessions = [base, expert, anti].map((model) => ({ model, session: model.open() }));
  const rows = await Promise.all(
    sessions.map(({ model, session }) => session.advance(encode(model, model.formatChat(messages)))),
  );
  const expected: number[] = [];
  for (let step = 0; step < 6; step++) {
    const [b, e, a] = rows;
    const next = mostLikely(
      b!.map((logit, id) => logit + ALPHA * (e![turnedId(id)]! - a![id]!)),
      1,
    )[0]!;
    expected.push(next);
    if (base.tokenizer.isEnd(next)) break;
    for (const [i, { session }] of sessions.entries())
      rows[i] = await session.advance(Int32Array.of(i === 1 ? turnedId(next) : next));
  }
  for (const { session } of sessions) session.dispose();
  assert.ok(expected.length > 1);
  assert.deepEqual(await generated(trioOf({}), { messages }), expected);
  const shared = trioOf({ chat: "base" });
  assert.deepEqual(
    await generated(shared, { messages }),
    await generated(shared, { prompt: base.formatChat(messages) }),
  );
  assert.deepEqual(await generated(trioOf({ alpha: 0 }), { messages }), await generated(base, { messages }));
});

const HOT = { temperature: 3, seed: 5 };
for (const [without, sampling] of [
  [{}, HOT],
  [HOT, { ...HOT, seed: 6 }],
  [HOT, { ...HOT, topP: 0.3 }],
  [HOT, { ...HOT, topK: 2 }],
  [HOT, { ...HOT, minP: 0.5 }],
  [{}, { repetitionPenalty: 1.8 }],
  [{}, { frequencyPenalty: 2, presencePenalty: 3 }],
  [{}, { logitBias: new Map([[27, -50]]) }],
] as const satisfies readonly (readonly [SamplingOptions, SamplingOptions])[])
  test(`sampling comes after the combination: ${Object.entries(sampling).join(" ")}`, async () => {
    const [b, e, a] = [base, anti, twin];
    const open = (): Session => {
      const sessions = [b, e, a].map((model) => model.open());
      return {
        get length() {
          return sessions[0]!.length;
        },
        async advance(tokens) {
          const [x, y, z] = await Promise.all(sessions.map((session) => session.advance(tokens)));
          return x!.map((logit, id) => logit + 0.5 * (y![id]! - z![id]!));
        },
        rewind: () => assert.fail("generation does not rewind"),
        dispose: () => {
          for (const session of sessions) session.dispose();
        },
      };
    };
    const { openWhenFree: _, ...parts } = base;
    const byHand = createLogitModel({ ...parts, open });
    const request = { input: { prompt: "the man said" }, maxTokens: 16, ...sampling };
    const trio = createProxyModel({ base: b, expert: e, anti: a, alpha: 0.5 });
    const ids = await generated(trio, request.input, 16, sampling);
    assert.deepEqual(ids, await generated(byHand, request.input, 16, sampling));
    assert.notDeepEqual(ids, await generated(trio, request.input, 16, without), "the option does something");
    assert.notDeepEqual(
      ids,
      await generated(base, request.input, 16, sampling),
      "the small models do something",
    );
  });

test("the longest of the three prompts decides how much fits", async () => {
  // Apollo's format is shorter than the base's template, which alone fills the base's context here.
  const room = (text: string): number =>
    128 -
    base.tokenizer.encode(base.formatChat([{ role: "user", content: text }]), { special: "parse" }).length;
  const text = "the ".repeat(80).trim();
  const left = room(text);
  assert.ok(left > 2 && left < 40, String(left));
  const ids = await generated(trioOf({}), { messages: [{ role: "user", content: text }] }, 100);
  assert.ok(ids.length <= left);
});
