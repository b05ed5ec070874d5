// Grades answers that were produced elsewhere: lines with source, question, options, answer and response, read as a protocol
// reads them.
import { basename, extname } from "node:path";
import { readJsonLines, UserError } from "../core/index.ts";
import { type Item, itemOf, type RefusalReason } from "./item.ts";
import { goldLetters, readRobustly } from "./protocol.ts";
import { readStrictly } from "./protocol-corrected.ts";
import { readAsPublished } from "./published-extraction.ts";

/** How one source was answered. */
export interface GradedSource {
  readonly source: string;
  /** Lines. */
  readonly n: number;
  readonly correct: number;
  /** Responses without a readable answer; neither right nor hidden among the wrong ones. */
  readonly noAnswer: number;
  /** correct / n. */
  readonly accuracy: number;
}

/** A way to read responses, by the protocol's name. */
interface Grading {
  /** The right letters, as the protocol counts them. */
  gold(item: Item): string;
  read(response: string, item: Item): string | undefined;
}

const robust: Grading = { gold: goldLetters, read: (response, item) => readRobustly(response, item)?.choice };

const GRADINGS: Readonly<Record<string, Grading>> = {
  apollo: {
    gold: (item) => item.letters[item.gold[0]!]!,
    read: (response) => readAsPublished(response)?.choice,
  },
  corrected: robust,
  generate: robust,
  strict: { gold: goldLetters, read: readStrictly },
};

/** The protocols whose grading reads written answers. */
export const GRADE_PROTOCOLS: readonly string[] = Object.keys(GRADINGS);

const FAULTS: Readonly<Record<RefusalReason, string>> = {
  "not-an-object": "an object was expected",
  "doubled-id": "the id stands twice",
  "no-question": "`question` is missing or empty",
  "bad-options": '`options` must be "(A) ...\\n(B) ..." or a list of texts',
  "too-few-options": "fewer than two options",
  "bad-answer": '`answer` must be a letter such as "(B)"',
  "gold-outside-options": "the letter of `answer` is not among the options",
};

/**
 * Grades the lines of a JSONL file by source, in the order in which sources first occur; sources without a right answer are
 * there too. `UserError` with the line when one lacks a field, and for a protocol that reads no written answers.
 */
export async function gradeAnswers(
  path: string,
  protocol: string,
): Promise<{ readonly sources: readonly GradedSource[] }> {
  const grading = Object.hasOwn(GRADINGS, protocol) ? GRADINGS[protocol] : undefined;
  if (grading === undefined) {
    throw new UserError("bad-option", `the protocol "${protocol}" does not read written answers`, {
      remedy: `These do: ${GRADE_PROTOCOLS.join(", ")}.`,
    });
  }
  const sources = new Map<string, { n: number; correct: number; noAnswer: number }>();
  for await (const { value, line } of readJsonLines(path)) {
    const { item, response } = await readAnswered(value, { file: path, at: `line ${line}` });
    const choice = grading.read(response, item);
    const counts = sources.get(item.source) ?? { n: 0, correct: 0, noAnswer: 0 };
    sources.set(item.source, counts);
    counts.n++;
    if (choice === undefined) counts.noAnswer++;
    else if (choice === grading.gold(item)) counts.correct++;
  }
  if (sources.size === 0) {
    throw new UserError("no-answers", "there is no answer in the file", {
      file: path,
      remedy: 'Lines look like {"source", "question", "options", "answer", "response"}.',
    });
  }
  return {
    sources: [...sources].map(([source, counts]) => ({
      source,
      ...counts,
      accuracy: counts.correct / counts.n,
    })),
  };
}

async function readAnswered(
  value: unknown,
  place: { readonly file: string; readonly at: string },
): Promise<{ item: Item; response: string }> {
  const fail = (message: string): UserError =>
    new UserError("bad-answers", message, {
      ...place,
      remedy:
        'A line looks like {"source", "question", "options": "(A) ...\\n(B) ...", "answer": "(A)", "response"}.',
    });
  const item = await itemOf(value, basename(place.file, extname(place.file)));
  if (typeof item === "string") throw fail(FAULTS[item]);
  const { response } = value as { response?: unknown };
  if (typeof response === "string") return { item, response };
  throw fail(`\`response\` must be the answer's text, found ${response === null ? "null" : typeof response}`);
}
