// What every `LanguageModel` must do, and every `LogitModel` besides, as checks that a test file runs on each implementation.
// No test runner is imported here, so that the checks can be exported with the seam they belong to.
import assert from "node:assert/strict";
import { UserError } from "../core/index.ts";
import type {
  GenerateChunk,
  GenerateRequest,
  LanguageModel,
  LogitModel,
  ScoreRequest,
} from "./language-model.ts";
import { logNormaliser } from "./log-softmax.ts";

/** One thing that a model must do; throws when it does not. */
export interface ContractCheck<M extends LanguageModel = LogitModel> {
  readonly name: string;
  readonly check: (model: M) => Promise<void>;
}

/**
 * The same tokens may be evaluated one by one or together; engines differ in the last bits then. Logits of the test models
 * are of order ten.
 */
const TOLERANCE = 1e-3;
const TEXT = "the man said: no, yes and then the answer";
const REQUESTS: readonly ScoreRequest[] = [
  { prompt: "the answer is", continuations: [" yes", " no", " (A)", " then the man said no"] },
  { prompt: "the answer is then", continuations: [" a", " an answer", ""] },
  { prompt: "Heiße Suppe, 熱湯, गरम", continuations: [" A", " B"] },
  { prompt: "the answer is ", continuations: ["yes"] },
];

/** The checks for every model; `model` is left as it was, so that all can run on one. */
export const languageModelContract: readonly ContractCheck<LanguageModel>[] = [
  {
    name: "scores do not depend on how requests are batched or ordered, bit for bit",
    async check(model) {
      const together = await model.score(REQUESTS);
      assert.deepEqual((await model.score([...REQUESTS].reverse())).reverse(), together);
      for (const [i, request] of REQUESTS.entries()) {
        assert.deepEqual(await model.score([request]), [together[i]]);
        for (const [j, continuation] of request.continuations.entries()) {
          const alone = await model.score([{ prompt: request.prompt, continuations: [continuation] }]);
          assert.deepEqual(alone, [[together[i]![j]]]);
        }
      }
      assert.deepEqual(together[1]![2], { logProbability: 0, tokens: 0, greedy: true });
      // Trailing spaces of the prompt go to the continuation.
      assert.deepEqual(together[3]![0], together[0]![0]);
    },
  },
  {
    name: "generation repeats with the same seed, stays in its limits and reports tokens",
    async check(model) {
      const request: GenerateRequest = {
        input: { prompt: "the man" },
        maxTokens: 12,
        temperature: 1,
        seed: 7,
      };
      const chunks = await collect(model, request);
      assert.deepEqual(await collect(model, request), chunks);
      const last = chunks.at(-1)!;
      assert(chunks.every((chunk) => (chunk.finish !== undefined) === (chunk === last)));
      assert(last.usage!.completionTokens <= 12 && last.usage!.promptTokens > 0);

      const reported = await collect(model, { ...request, topLogProbabilities: 3 });
      assert.equal(textOf(reported), textOf(chunks));
      const tokens = reported.flatMap(({ token }) => token ?? []);
      assert.equal(tokens.length, reported.at(-1)!.usage!.completionTokens);
      for (const { logProbability, top } of tokens) {
        assert.equal(top.length, 3);
        assert(logProbability <= top[0]!.logProbability && top[0]!.logProbability <= 0);
      }
    },
  },
  {
    name: "generation ends before a stop text, even across tokens",
    async check(model) {
      const request: GenerateRequest = { input: { prompt: TEXT }, maxTokens: 24 };
      const text = textOf(await collect(model, request));
      const middle = [...text].slice(3, 6).join("");
      assert.notEqual(middle, "");
      const chunks = await collect(model, { ...request, stop: ["", "never said", middle] });
      assert.equal(textOf(chunks), text.slice(0, text.indexOf(middle)));
      assert.equal(chunks.at(-1)!.finish, "stop");
    },
  },
  {
    name: "an aborted or abandoned generation frees its session",
    async check(model) {
      for (let i = 0; i < 8; i++) {
        for await (const _chunk of model.generate({ input: { prompt: "the" }, maxTokens: 4 })) break;
        const signal = AbortSignal.abort(new Error("no longer wanted"));
        await assert.rejects(collect(model, { input: { prompt: "the" }, signal }), /no longer wanted/);
      }
    },
  },
  {
    name: "what does not fit the context is a user's mistake",
    async check(model) {
      const long = "the ".repeat(model.contextLength);
      const isOverflow = (error: unknown): boolean =>
        error instanceof UserError && error.code === "context-length-exceeded";
      await assert.rejects(collect(model, { input: { prompt: long } }), isOverflow);
      await assert.rejects(model.score([{ prompt: long, continuations: ["a"] }]), isOverflow);
      assert.equal((await model.score(REQUESTS.slice(0, 1))).length, 1, "the model works on after the error");
    },
  },
];

/** The checks for a model whose logits can be had. */
export const logitModelContract: readonly ContractCheck[] = [
  ...languageModelContract,
  {
    name: "tokens decode to the text they came from, in every script",
    async check({ tokenizer }) {
      for (const text of [TEXT, "Dose: 5 mg/kg — ¿sí? fièvre", "发烧三天", "बुखार", "حمى شديدة", "👩‍⚕️"])
        assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
    },
  },
  {
    name: "a session gives the same logits in one piece, in several, and again after a rewind",
    async check(model) {
      const tokens = model.tokenizer.encode(TEXT);
      const whole = await lastLogits(model, [tokens]);
      assert.equal(whole.length, model.vocabularySize);
      assert(whole.every(Number.isFinite));
      assertClose(await lastLogits(model, [tokens.subarray(0, 3), tokens.subarray(3)]), whole);
      assertClose(
        await lastLogits(
          model,
          Array.from(tokens, (token) => Int32Array.of(token)),
        ),
        whole,
      );

      const session = model.open();
      await session.advance(tokens);
      await session.advance(tokens.subarray(0, 2));
      session.rewind(2);
      assert.equal(session.length, 2);
      assertClose(await session.advance(tokens.subarray(2)), whole);
      assert.equal(session.length, tokens.length);
      session.dispose();
      session.dispose();
    },
  },
  {
    name: "sessions that advance at the same time do not disturb each other",
    async check(model) {
      const texts = [TEXT, "no"].map((text) => model.tokenizer.encode(text));
      const alone = [await lastLogits(model, [texts[0]!]), await lastLogits(model, [texts[1]!])];
      const together = await Promise.all(texts.map((tokens) => lastLogits(model, [tokens])));
      together.forEach((logits, i) => {
        assertClose(logits, alone[i]!);
      });
    },
  },
  {
    name: "scores are the log-probabilities that a session gives",
    async check(model) {
      const prefix = model.tokenizer.encode("the answer");
      const continuation = model.tokenizer.encode(" is then no");
      const session = model.open();
      let logits = await session.advance(prefix);
      let expected = 0;
      for (const token of continuation) {
        expected += logits[token]! - logNormaliser(logits).logSum;
        logits = await session.advance(Int32Array.of(token));
      }
      session.dispose();
      const [score] = await model.scoreTokens(prefix, [continuation]);
      assert.equal(score!.tokens, continuation.length);
      assert(
        Math.abs(score!.logProbability - expected) < TOLERANCE,
        `${score!.logProbability} is not ${expected}`,
      );
    },
  },
  {
    name: "the greedy continuation scores as greedy",
    async check(model) {
      const prefix = model.tokenizer.encode("the man");
      const session = model.open();
      const first = logNormaliser(await session.advance(prefix)).argmax;
      const second = logNormaliser(await session.advance(Int32Array.of(first))).argmax;
      session.dispose();
      const other = (second + 1) % model.tokenizer.vocabularySize;
      const scores = await model.scoreTokens(prefix, [
        Int32Array.of(first, second),
        Int32Array.of(first, other),
      ]);
      assert.deepEqual(
        scores.map(({ greedy }) => greedy),
        [true, false],
      );
    },
  },
  {
    name: "a conversation is formatted by the model",
    async check(model) {
      const messages = [{ role: "user", content: "the man" }] as const;
      assert(model.formatChat(messages).includes("the man"));
      const chunks = await collect(model, { input: { messages }, maxTokens: 4 });
      assert(chunks.at(-1)!.finish !== undefined);
    },
  },
  {
    name: "an empty prompt is the token that starts a text",
    async check(model) {
      const continuations = ["the", " the man and the man"];
      const [scores] = await model.score([{ prompt: "", continuations }]);
      assert.deepEqual(
        scores!.map(({ tokens }) => tokens),
        continuations.map((text) => model.tokenizer.encode(text).length),
      );
      assert.deepEqual(await model.score([{ prompt: "", continuations: [continuations[1]!] }]), [
        [scores![1]],
      ]);
    },
  },
];

async function lastLogits(model: LogitModel, pieces: readonly Int32Array[]): Promise<Float32Array> {
  const session = model.open();
  try {
    let logits: Float32Array | undefined;
    for (const piece of pieces) logits = await session.advance(piece);
    return logits!.slice();
  } finally {
    session.dispose();
  }
}

async function collect(model: LanguageModel, request: GenerateRequest): Promise<GenerateChunk[]> {
  const chunks: GenerateChunk[] = [];
  for await (const chunk of model.generate(request)) {
    // What a cache held depends on who came before; nothing else may.
    const { reusedTokens: _, ...usage } = chunk.usage ?? { promptTokens: 0, completionTokens: 0 };
    chunks.push(chunk.usage === undefined ? chunk : { ...chunk, usage });
  }
  return chunks;
}

function textOf(chunks: readonly GenerateChunk[]): string {
  return chunks.map(({ text }) => text).join("");
}

function assertClose(actual: Float32Array, expected: Float32Array): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    assert(difference < TOLERANCE, `logit ${i} is ${actual[i]}, ${expected[i]} was expected`);
  }
}
