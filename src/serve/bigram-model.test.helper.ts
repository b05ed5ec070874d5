// The smallest real language model: which byte follows which, counted over a text. For tests that need no GGUF file: it has
// probabilities, sampling, stop texts and sessions like any other, and can be slowed down to be interrupted.
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../core/index.ts";
import type { ChatMessage, GenerateChunk, LogitModel, Session } from "../engine/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";

const END = 256;
const VOCABULARY = 257;

/** A byte tokenizer with one end-of-text id. */
export const byteTokenizer: Tokenizer = {
  vocabularySize: VOCABULARY,
  bosId: undefined,
  eosId: END,
  addBos: false,
  encode: (text) => Int32Array.from(Buffer.from(text)),
  decode: (ids, options) =>
    Buffer.concat(
      Array.from(ids, (id) => Buffer.from(id === END ? (options?.special ? "<end>" : "") : [id])),
    ).toString(),
  bytes: (id) => (id === END ? Buffer.from("<end>") : Uint8Array.of(id)),
  isSpecial: (id) => id === END,
  isEnd: (id) => id === END,
};

/** What the tests look at from outside. */
export interface BigramModel extends LogitModel {
  /** Generations and scorings begun. */
  readonly begun: number;
  /** Generations at work now. */
  readonly active: number;
}

/** Counts the bytes of `text`; each generated token takes `delay` milliseconds. */
export function createBigramModel(
  text: string,
  options: { readonly id?: string; readonly delay?: number } = {},
): BigramModel {
  const counts = new Float64Array(VOCABULARY * VOCABULARY).fill(0.001);
  const bytes = [...Buffer.from(text), END];
  for (let i = 1; i < bytes.length; i++) counts[bytes[i - 1]! * VOCABULARY + bytes[i]!]! += 1;
  const logProbabilities = (previous: number): Float32Array => {
    const row = counts.subarray(previous * VOCABULARY, (previous + 1) * VOCABULARY);
    const sum = row.reduce((total, count) => total + count, 0);
    return Float32Array.from(row, (count) => Math.log(count / sum));
  };
  let begun = 0;
  let active = 0;
  const formatChat = (messages: readonly ChatMessage[]): string =>
    `${messages.map((message) => `${message.role}: ${message.content}\n`).join("")}assistant: `;

  return {
    id: options.id ?? "bigram",
    contextLength: 512,
    vocabularySize: VOCABULARY,
    tokenizer: byteTokenizer,
    formatChat,
    get begun() {
      return begun;
    },
    get active() {
      return active;
    },
    async score(requests) {
      begun++;
      return Promise.all(
        requests.map(({ prompt, continuations }) =>
          this.scoreTokens(
            byteTokenizer.encode(prompt),
            continuations.map((continuation) => byteTokenizer.encode(continuation)),
          ),
        ),
      );
    },
    async scoreTokens(prefix, continuations) {
      return continuations.map((ids) => {
        let previous = prefix.at(-1)!;
        let logProbability = 0;
        let greedy = true;
        for (const id of ids) {
          const row = logProbabilities(previous);
          logProbability += row[id]!;
          greedy &&= row.indexOf(Math.max(...row)) === id;
          previous = id;
        }
        return { logProbability, tokens: ids.length, greedy };
      });
    },
    async *generate(request): AsyncGenerator<GenerateChunk> {
      begun++;
      active++;
      try {
        const prompt = "prompt" in request.input ? request.input.prompt : formatChat(request.input.messages);
        const promptTokens = byteTokenizer.encode(prompt).length;
        const random = createRandom(request.seed ?? 0);
        const limit = Math.min(request.maxTokens ?? Infinity, this.contextLength - promptTokens);
        let previous = byteTokenizer.encode(prompt).at(-1)!;
        let pending: number[] = [];
        let sent = "";
        for (let n = 1; ; n++) {
          if (options.delay !== undefined) await sleep(options.delay);
          request.signal?.throwIfAborted();
          const row = logProbabilities(previous);
          previous = pick(row, request.temperature ?? 0, random.next());
          const usage = { promptTokens, completionTokens: n };
          if (previous === END) return yield { text: "", finish: "stop", usage };
          pending.push(previous);
          const text = Buffer.from(pending).toString();
          const whole = !text.includes("�");
          if (whole) pending = [];
          const piece = whole ? text : "";
          sent += piece;
          const stopped = request.stop?.some((stop) => sent.endsWith(stop)) === true;
          const entry = (id: number) => ({ id, text: byteTokenizer.decode([id]), logProbability: row[id]! });
          const top = request.topLogProbabilities;
          const best = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b).slice(0, top);
          yield {
            text: stopped ? "" : piece,
            ...(top === undefined ? {} : { token: { ...entry(previous), top: best.map(entry) } }),
            ...(stopped || n === limit ? { finish: stopped ? "stop" : "length", usage } : {}),
          };
          if (stopped || n === limit) return;
        }
      } finally {
        active--;
      }
    },
    open(): Session {
      let ids: number[] = [];
      return {
        get length() {
          return ids.length;
        },
        async advance(tokens) {
          ids.push(...tokens);
          return logProbabilities(ids.at(-1)!);
        },
        rewind(length) {
          ids = ids.slice(0, length);
        },
        dispose() {},
      };
    },
    async close() {},
  };
}

function pick(row: Float32Array, temperature: number, random: number): number {
  if (temperature === 0) return row.indexOf(Math.max(...row));
  const weights = Array.from(row, (value) => Math.exp(value / temperature));
  let left = random * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [id, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return id;
  }
  return weights.length - 1;
}
