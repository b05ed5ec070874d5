// For tests of a base on a server: what every such server must do, and the tokens of a generation.
import assert from "node:assert/strict";
import type { GenerateRequest, LanguageModel, LogitModel } from "../engine/index.ts";

/** A server's chat template; the small models have none, and take Apollo's. */
export const CHAT_TEMPLATE =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n";

interface Token {
  readonly id: number;
  readonly logProbability: number;
}

/** The tokens that a request generates. */
export async function tokensOf(model: LanguageModel, request: GenerateRequest): Promise<Token[]> {
  const tokens: Token[] = [];
  for await (const { token } of model.generate({ ...request, topLogProbabilities: 0 }))
    if (token !== undefined) tokens.push({ id: token.id, logProbability: token.logProbability });
  return tokens;
}

/** The same ids, each as likely within `tolerance` nats. */
export function assertSameTokens(
  found: readonly Token[],
  expected: readonly Token[],
  tolerance: number,
): void {
  assert.deepEqual(
    found.map(({ id }) => id),
    expected.map(({ id }) => id),
  );
  found.forEach(({ logProbability }, i) => {
    const off = Math.abs(logProbability - expected[i]!.logProbability);
    assert.ok(off < tolerance, `token ${i} is off by ${off}`);
  });
}

/** A trio of local models, and the same with its base on a server. */
export interface RemoteTrio {
  readonly here: LogitModel;
  readonly vocabularySize: number;
  /** Opens it for so many candidates. */
  open(candidates: number): Promise<LogitModel>;
}

/** Other programs compute with other kernels. */
const TOLERANCE = 1e-3;

/** What a server that runs the same weights in float32 must give. */
export const remoteTrioContract: readonly {
  readonly name: string;
  check(trio: RemoteTrio): Promise<void>;
}[] = [
  {
    name: "with its whole vocabulary returned it makes the local trio, token by token",
    async check({ here, vocabularySize, open }) {
      const there = await open(vocabularySize);
      for (const request of [
        { input: { prompt: "the man said" }, maxTokens: 16 },
        // Byte tokens: the text so far ends inside a character again and again.
        { input: { prompt: "发烧 the" }, maxTokens: 16, temperature: 1.5, seed: 3 },
        { input: { messages: [{ role: "user", content: "the man?" }] }, maxTokens: 16 },
      ] satisfies GenerateRequest[]) {
        const expected = await tokensOf(here, request);
        assert.ok(expected.length > 3);
        assertSameTokens(await tokensOf(there, request), expected, TOLERANCE);
      }
      const { rows, largest } = there.truncation!();
      assert.ok(rows > 10 && largest < 1e-4, `${largest} missing of ${rows} rows`);
      await there.close();
    },
  },
  {
    name: "it scores as the local trio, characters of several tokens included",
    async check({ here, vocabularySize, open }) {
      const request = { prompt: "the answer is", continuations: [" yes", " no then", " A", " 心脏"] };
      const there = await open(vocabularySize);
      const [expected] = await here.score([request]);
      const [scores] = await there.score([request]);
      assert.equal(scores!.length, request.continuations.length);
      scores!.forEach(({ logProbability }, i) => {
        const off = Math.abs(logProbability - expected![i]!.logProbability);
        assert.ok(off < TOLERANCE, `continuation ${i} is off by ${off}`);
      });
      await there.close();
    },
  },
  {
    name: "what few candidates leave out is told",
    async check({ open }) {
      const there = await open(5);
      await tokensOf(there, { input: { prompt: "the man said" }, maxTokens: 4 });
      const { rows, mass } = there.truncation!();
      assert.ok(rows >= 1 && mass / rows > 0.001 && mass / rows < 1, `${mass} of ${rows} rows`);
      await there.close();
    },
  },
];
