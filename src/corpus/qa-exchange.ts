// One passage's pairs: a question, then its answer from the passage; or a conversation of patient and doctor. Each reply is checked; one
// that is not taken is asked for again with another seed, and told of.
import { hashBytes } from "../core/index.ts";
import { documentId } from "./document.ts";
import { loadLanguageDetector } from "./language-detector.ts";
import type { Ask } from "./qa-ask.ts";
import type { Spent } from "./qa-budget.ts";
import { type CheckContext, checkAnswer, checkPatient, checkQuestion, type Rejection } from "./qa-check.ts";
import type { Passage } from "./qa-passages.ts";
import { fillPrompt, type LanguagePrompts } from "./qa-prompts.ts";
import { readDialogue, unwrapReply } from "./qa-reply.ts";
import type { TokenCount } from "./qa-tokens.ts";

/** What to make. */
export type QaKind = "qa" | "dialogue";
type Role = "question" | "answer" | "dialogue";

/** Pairs that stay. */
export interface Generated {
  readonly id: string;
  readonly kind: QaKind;
  readonly turns: readonly string[];
  /** The ledger's keys of the answers that it is made of. */
  readonly requests: readonly string[];
}

/** A reply that was not taken, or a request that got none (it has no `text`). */
export interface Rejected {
  readonly role: Role;
  readonly attempt: number;
  readonly request: string;
  readonly reason: string;
  readonly evidence: string;
  readonly text?: string;
}

/** All that came of a passage. */
export interface Exchange {
  readonly generated: readonly Generated[];
  readonly rejected: readonly Rejected[];
  /** Requests without an answer, by the error's code. */
  readonly unanswered: readonly string[];
  readonly requests: number;
  readonly spent: Spent;
}

/** How passages are asked about. */
export interface ExchangeOptions {
  readonly ask: Ask;
  readonly prompts: LanguagePrompts;
  readonly kinds: readonly QaKind[];
  /** Pairs, or conversations, for each passage. */
  readonly perPassage: number;
  /** Replies to one prompt until one is taken. */
  readonly attempts: number;
  readonly seed: number;
}

/** Asks about one passage. */
export async function exchange(passage: Passage, options: ExchangeOptions): Promise<Exchange> {
  await loadLanguageDetector();
  const { ask, prompts, kinds, perPassage, attempts, seed } = options;
  const { language } = passage.document;
  const generated: Generated[] = [];
  const rejected: Rejected[] = [];
  const unanswered: string[] = [];
  const spent = { promptTokens: 0, completionTokens: 0 };
  let requests = 0;

  /** Asks until `check` takes a reply; gives what it made of it. */
  async function obtain<T>(
    role: Role,
    number: number,
    prompt: string,
    check: (reply: string) => T | Rejection,
  ): Promise<{ readonly value: T; readonly request: string } | undefined> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const own = `${seed}/${passage.id}/${role}/${number}/${attempt}`;
      const asked = await ask({ prompt, passage: passage.id, role, seed: seedOf(own) });
      const { request } = asked;
      if ("failure" in asked) {
        unanswered.push(asked.failure);
        rejected.push({ role, attempt, request, reason: asked.failure, evidence: asked.message });
        return undefined;
      }
      requests++;
      spent.promptTokens += asked.promptTokens;
      spent.completionTokens += asked.completionTokens;
      const value =
        asked.finish === "length"
          ? ({ reason: "cut-off", evidence: asked.text.slice(-80) } satisfies Rejection)
          : check(asked.text);
      if (!isRejection(value)) return { value, request };
      rejected.push({ role, attempt, request, ...value, text: asked.text });
    }
    return undefined;
  }

  const contextOf = (prompt: string, question: string): CheckContext => ({
    language,
    prompt,
    source: `${passage.text}\n${question}`,
    given: [passage.text, question],
  });
  const keep = (kind: QaKind, turns: readonly string[], used: readonly string[]): void => {
    generated.push({ id: documentId({ kind: "qa", turns }), kind, turns, requests: used });
  };

  for (let number = 0; number < perPassage; number++) {
    if (kinds.includes("qa")) {
      const prompt = fillPrompt(prompts.question!, { text: passage.text });
      const question = await obtain("question", number, prompt, (reply) => {
        const text = unwrapReply(reply);
        const again = generated.some(({ kind, turns }) => kind === "qa" && sameWords(turns[0]!, text));
        if (again) return { reason: "repeated-question", evidence: text } satisfies Rejection;
        return checkQuestion(text, contextOf(prompt, "")) ?? text;
      });
      if (question !== undefined) {
        const given = { question: question.value, reference: passage.text, text: passage.text };
        const answerPrompt = fillPrompt(prompts.answer!, given);
        const answer = await obtain("answer", number, answerPrompt, (reply) => {
          const text = unwrapReply(reply);
          return checkAnswer(text, question.value, contextOf(answerPrompt, question.value)) ?? text;
        });
        if (answer !== undefined)
          keep("qa", [question.value, answer.value], [question.request, answer.request]);
      }
    }
    if (kinds.includes("dialogue")) {
      const prompt = fillPrompt(prompts.dialogue!, { text: passage.text });
      const dialogue = await obtain("dialogue", number, prompt, (reply) => {
        const turns = readDialogue(reply);
        if (turns === undefined) return checkFormless(reply);
        const context = contextOf(prompt, "");
        for (let t = 0; t < turns.length; t += 2) {
          const [patient, doctor] = [turns[t]!, turns[t + 1]!];
          const wrong = checkPatient(patient, context) ?? checkAnswer(doctor, patient, context);
          if (wrong !== undefined) return wrong;
        }
        return turns;
      });
      if (dialogue !== undefined) keep("dialogue", dialogue.value, [dialogue.request]);
    }
  }
  return { generated, rejected, unanswered, requests, spent };
}

/** The most that a passage may take, and what it takes when the first replies are taken and `replyTokens` long. */
export function estimateExchange(
  passage: Passage,
  options: Omit<ExchangeOptions, "ask" | "seed"> & {
    readonly maxTokens: number;
    readonly countTokens: TokenCount;
  },
): { readonly most: Spent; readonly likely: Spent; readonly requests: number } {
  const { prompts, kinds, perPassage, attempts, maxTokens, countTokens } = options;
  const { tokens } = passage;
  const frame = (template: string): number =>
    countTokens(fillPrompt(template, { text: "", reference: "", question: "" }));
  const asked = [
    ...(kinds.includes("qa")
      ? [
          { likely: frame(prompts.question!) + tokens, most: 0, reply: LIKELY_QUESTION_TOKENS },
          {
            likely: frame(prompts.answer!) + tokens + LIKELY_QUESTION_TOKENS,
            most: maxTokens,
            reply: Math.min(maxTokens, Math.ceil(tokens / 2)),
          },
        ]
      : []),
    ...(kinds.includes("dialogue")
      ? [
          {
            likely: frame(prompts.dialogue!) + tokens,
            most: 0,
            reply: Math.min(maxTokens, Math.max(tokens, LIKELY_DIALOGUE_TOKENS)),
          },
        ]
      : []),
  ];
  const likely = { promptTokens: 0, completionTokens: 0 };
  const most = { promptTokens: 0, completionTokens: 0 };
  for (const request of asked) {
    likely.promptTokens += perPassage * request.likely;
    likely.completionTokens += perPassage * request.reply;
    // An estimate may be too low, and a chat template adds its own; a question may be as long as a reply may be.
    most.promptTokens +=
      perPassage * attempts * Math.ceil(UNSURE * request.likely + TEMPLATE_TOKENS + request.most);
    most.completionTokens += perPassage * attempts * maxTokens;
  }
  return { most, likely, requests: perPassage * asked.length };
}

const LIKELY_QUESTION_TOKENS = 32;
const LIKELY_DIALOGUE_TOKENS = 300;
const TEMPLATE_TOKENS = 64;
const UNSURE = 1.25;

/** A reply without turns is a refusal, or in no form. */
function checkFormless(reply: string): Rejection {
  return reply.trim() === ""
    ? { reason: "empty", evidence: "" }
    : { reason: "bad-format", evidence: reply.slice(0, 80) };
}

function isRejection(value: unknown): value is Rejection {
  return typeof value === "object" && value !== null && "reason" in value;
}

function sameWords(a: string, b: string): boolean {
  const words = (text: string): string =>
    text
      .normalize("NFKC")
      .toLowerCase()
      .replace(/[\s\p{P}]+/gu, " ")
      .trim();
  return words(a) === words(b);
}

/** A seed that every server takes: 31 bits. */
function seedOf(name: string): number {
  return Number.parseInt(hashBytes(name).slice(0, 8), 16) >>> 1;
}
