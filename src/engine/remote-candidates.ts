// The likeliest next tokens that a server reports, as log-probabilities by id. Servers name tokens in many ways: llama-server by
// id, vLLM and `apollo serve` by `token_id:N` when asked to, chat routes by bytes, older ones by text alone.
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import { usageSchema } from "./remote-generate.ts";
import { unfinishedCharacter } from "./utf8-prefix.ts";

const value = z.number().catch(Number.NEGATIVE_INFINITY);
const namedToken = z.object({
  id: z.number().int().nullish(),
  token: z.string().default(""),
  bytes: z.array(z.number()).nullish(),
  logprob: value,
});
const answerSchema = z.object({
  choices: z
    .array(
      z.object({
        text: z.string().nullish(),
        finish_reason: z.string().nullish(),
        logprobs: z
          .object({
            content: z.array(namedToken.extend({ top_logprobs: z.array(namedToken).default([]) })).nullish(),
            tokens: z.array(z.string()).nullish(),
            top_logprobs: z.array(z.record(z.string(), value).nullish()).nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
  usage: usageSchema.nullish(),
});
type NamedToken = z.infer<typeof namedToken>;

/** What one answer says of the next token. */
export interface Candidates {
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly usage: z.infer<typeof usageSchema> | undefined;
}

/** Reads one answer. */
export type CandidateReader = (answer: unknown) => Candidates;

/**
 * Makes a reader for a server whose model has the vocabulary of `tokenizer`. Tokens that it cannot find there are left out: they
 * count as not returned. `UserError` when the answer holds no candidates, or names an id that is another text in `tokenizer`.
 */
export function createCandidateReader(tokenizer: Tokenizer, server: string): CandidateReader {
  let byBytes: Map<string, number> | undefined;
  /** The lowest id of these bytes. */
  const find = (bytes: Uint8Array): number | undefined => {
    if (byBytes === undefined) {
      byBytes = new Map();
      for (let id = tokenizer.vocabularySize - 1; id >= 0; id--)
        byBytes.set(Buffer.from(tokenizer.bytes(id)).toString("latin1"), id);
    }
    return byBytes.get(Buffer.from(bytes).toString("latin1"));
  };

  function checked(id: number, text: string): number | undefined {
    if (id < 0 || id >= tokenizer.vocabularySize) return undefined;
    const own = decode(tokenizer.bytes(id));
    const comparable = text !== "" && !tokenizer.isSpecial(id) && !text.includes("\u{fffd}");
    if (comparable && own.trim() !== text.trim() && wholeCharacters(tokenizer.bytes(id)) !== text) {
      throw new UserError(
        "vocabularies-differ",
        `the server's vocabulary is not that of the small models: its token ${id} is ${JSON.stringify(text)}, theirs ${JSON.stringify(own)}`,
        { file: server, remedy: "Proxy tuning needs three models of one family, with the same tokenizer." },
      );
    }
    return id;
  }

  /** For a token that ends a character begun before it vLLM tells the whole text so far, prompt included. */
  function checkGenerated(id: number, text: string): void {
    if (id >= tokenizer.vocabularySize) return;
    const bytes = tokenizer.bytes(id);
    const endsCharacter =
      decode(bytes).includes("\u{fffd}") && Buffer.from(text).subarray(-bytes.length).equals(bytes);
    if (!endsCharacter) checked(id, text);
  }

  function identify({ id, token, bytes }: Pick<NamedToken, "id" | "token" | "bytes">): number | undefined {
    const [, named] = /^token_id:(\d+)$/u.exec(token) ?? [];
    if (named !== undefined) return checked(Number(named), "");
    if (typeof id === "number") return checked(id, token);
    if (bytes) return find(Uint8Array.from(bytes));
    const [, escaped] = /^bytes:((?:\\x[0-9a-f]{2})+)$/iu.exec(token) ?? [];
    if (escaped !== undefined) return find(Buffer.from(escaped.replaceAll("\\x", ""), "hex"));
    return find(Buffer.from(token));
  }

  return (answer) => {
    const parsed = answerSchema.safeParse(answer);
    if (!parsed.success) throw noCandidates(server, "its answer has no choices");
    const { text, logprobs, finish_reason: finish } = parsed.data.choices[0]!;
    const usage = parsed.data.usage ?? undefined;
    const [content] = logprobs?.content ?? [];
    const legacy = logprobs?.top_logprobs?.[0];
    const named: readonly NamedToken[] =
      content !== undefined
        ? [...content.top_logprobs, content]
        : Object.entries(legacy ?? {}).map(([token, logprob]) => ({ token, logprob }));
    const found = new Map<number, number>();
    for (const entry of named) {
      const id = identify(entry);
      if (id !== undefined && entry.logprob > Number.NEGATIVE_INFINITY && !found.has(id))
        found.set(id, entry.logprob);
    }
    // The generated token's text shows whether its id means the same here.
    const [first] = logprobs?.tokens ?? [];
    const [, generated] = /^token_id:(\d+)$/u.exec(first ?? "") ?? [];
    if (generated !== undefined) checkGenerated(Number(generated), text ?? "");
    if (named.length === 0 && finish === "stop" && tokenizer.eosId !== undefined)
      // Some servers say nothing of the token that ends a text.
      return { ids: [tokenizer.eosId], logProbabilities: [0], usage };
    if (named.length === 0) throw noCandidates(server, "it reports no log-probabilities");
    if (found.size === 0) {
      throw new UserError(
        "vocabularies-differ",
        `none of the server's candidates (${named
          .slice(0, 3)
          .map(({ token }) => JSON.stringify(token))
          .join(", ")}) is a token of the small models`,
        { file: server, remedy: "Proxy tuning needs three models of one family, with the same tokenizer." },
      );
    }
    return { ids: [...found.keys()], logProbabilities: [...found.values()], usage };
  };
}

/** llama-server leaves the beginning of a character out of a token's text. */
function wholeCharacters(bytes: Uint8Array): string | undefined {
  const unfinished = unfinishedCharacter(bytes)?.length;
  if (unfinished === undefined) return undefined;
  return decode(bytes.subarray(0, bytes.length - unfinished));
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

function noCandidates(server: string, reason: string): UserError {
  return new UserError(
    "remote-no-candidates",
    `the server gives no candidates for the next token: ${reason}`,
    {
      file: server,
      remedy: "It must report top log-probabilities, as vLLM, llama-server and `apollo serve` do.",
    },
  );
}
