// The shapes that records of instruction and question data come in, turned into contents: Apollo's lists, OpenAI's `messages`,
// ShareGPT's `conversations`, Alpaca's fields, and columns of questions, answers or texts.
import type { Content } from "./document.ts";

/** What a column of a table, or a field of an object, holds. */
export const COLUMN_ROLES = [
  "text",
  "question",
  "answer",
  "input",
  "system",
  "history",
  "turns",
  "messages",
] as const;
/** One of them. */
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** Which column holds what; roles that are absent are looked for under their usual names. */
export type Columns = Readonly<Partial<Record<ColumnRole, string>>>;

/** Usual names of columns, the likelier ones first. Compared in lower case. */
const USUAL_NAMES: Readonly<Record<ColumnRole, readonly string[]>> = {
  messages: ["messages", "conversations", "conversation"],
  turns: ["turns", "qa"],
  question: ["question", "instruction", "prompt", "query"],
  answer: ["answer", "output", "response", "completion"],
  input: ["input"],
  system: ["system", "system_prompt"],
  history: ["history"],
  text: ["text", "content", "passage", "document", "abstract"],
};

/** Something said about a document that was kept, as a reason in its ledger. */
export type ShapeNote = "system-in-question" | "answer-without-question" | "question-without-answer";

/** Why a record holds no document though it is well formed. */
export type ShapeDrop = "empty" | "empty-turn" | "no-exchange" | "not-text";
/** Why a record is wrong: an error, unless bad records are to be left out. */
export type ShapeFault = "odd-length" | "not-a-string" | "wrong-shape";

/** What a record holds, or why it holds nothing. */
export type Shaped =
  | { readonly content: Content; readonly notes?: readonly ShapeNote[] }
  | { readonly reason: ShapeDrop }
  | { readonly reason: ShapeFault; readonly message: string };

/**
 * Reads a record. `kind` is what the file is said to hold: of an object with both, it picks the texts or the questions; without
 * it, questions come before texts.
 */
export function shapeRecord(value: unknown, kind?: Content["kind"], columns: Columns = {}): Shaped {
  if (typeof value === "string") {
    if (kind === "qa") return fault("wrong-shape", `found ${SINGLE_TEXT}`);
    return value.trim() === "" ? { reason: "empty" } : { content: { kind: "text", text: value } };
  }
  if (Array.isArray(value)) return shapeList(value, kind);
  if (value === null || typeof value !== "object") {
    const wanted = kind === "qa" ? "a list of strings" : "a string";
    return fault("not-a-string", `found ${JSON.stringify(value)}, expected ${wanted}`);
  }
  return shapeObject(value as Readonly<Record<string, unknown>>, kind, columns);
}

/** True when a table with these columns can be read. */
export function hasShape(names: readonly string[], columns: Columns, kind?: Content["kind"]): boolean {
  const object = Object.fromEntries(names.map((name) => [name, ""]));
  const of = (role: ColumnRole): boolean => fieldName(object, role, columns) !== undefined;
  const qa = of("messages") || of("turns") || (of("question") && of("answer"));
  return (kind !== "text" && qa) || (kind !== "qa" && of("text"));
}

/** The names, in lower case, under which a role is looked for; just its own where `columns` names one. */
export function usualNames(role: ColumnRole, columns: Columns): readonly string[] {
  return columns[role] === undefined ? USUAL_NAMES[role] : [columns[role]];
}

const SINGLE_TEXT = "a single text, expected questions and answers in turn (or --kind text)";

/** The names that are looked for, for an error's remedy. */
export const EXPECTED_FIELDS =
  "Expected messages, conversations, turns, question and answer, instruction and output, or text; name others with --columns question=Q,answer=A (or text=T).";

function shapeList(value: readonly unknown[], kind?: Content["kind"]): Shaped {
  if (kind === "text") {
    if (value.length === 1 && typeof value[0] === "string") return shapeRecord(value[0], kind);
    return fault("wrong-shape", "found a list, expected a string");
  }
  if (value.length === 0) return { reason: "empty" };
  // A dialogue as a bare list of messages.
  if (value.every((turn) => turn !== null && typeof turn === "object" && !Array.isArray(turn)))
    return shapeMessages(value);
  const wrong = value.find((turn) => typeof turn !== "string");
  if (wrong !== undefined) {
    return fault(
      "not-a-string",
      `found ${Array.isArray(wrong) ? "a list" : JSON.stringify(wrong).slice(0, 60)} among the turns, expected strings`,
    );
  }
  if (value.length % 2 === 1) {
    // A list of one text is how some files write a text.
    if (value.length === 1 && kind === undefined) return shapeRecord(value[0]);
    const found =
      value.length === 1 ? SINGLE_TEXT : `${value.length} turns, expected pairs of question and answer`;
    return fault("odd-length", `found ${found}`);
  }
  return shapeTurns(value as readonly string[], []);
}

function shapeTurns(turns: readonly string[], notes: readonly ShapeNote[]): Shaped {
  if (turns.some((turn) => turn.trim() === "")) return { reason: "empty-turn" };
  const content = { kind: "qa" as const, turns };
  return notes.length === 0 ? { content } : { content, notes };
}

function shapeObject(
  record: Readonly<Record<string, unknown>>,
  kind: Content["kind"] | undefined,
  columns: Columns,
): Shaped {
  const field = (role: ColumnRole): unknown => {
    const name = fieldName(record, role, columns);
    return name === undefined ? undefined : record[name];
  };
  const text = field("text");
  if (kind !== "text") {
    const messages = field("messages");
    const turns = field("turns");
    const question = field("question");
    const answer = field("answer");
    const system = field("system");
    if (Array.isArray(messages)) return shapeMessages(messages, system);
    if (Array.isArray(turns)) return shapeList(turns, "qa");
    if (question !== undefined && answer !== undefined) {
      return shapePair({ question, answer, system, input: field("input"), history: field("history") });
    }
  }
  if (kind !== "qa" && text !== undefined && text !== null) {
    const whole =
      Array.isArray(text) && text.every((part) => typeof part === "string") ? text.join("\n\n") : text;
    if (typeof whole !== "string") return fault("not-a-string", "found a text that is not a string");
    return shapeRecord(whole, "text");
  }
  if (text === null) return { reason: "empty" };
  const names = Object.keys(record);
  return fault(
    "wrong-shape",
    `found ${names.length === 0 ? "no fields" : `the fields ${names.slice(0, 12).join(", ")}`}`,
  );
}

function shapePair(
  fields: Readonly<Record<"question" | "answer" | "system" | "input" | "history", unknown>>,
): Shaped {
  const texts: Record<string, string> = {};
  for (const name of ["question", "answer", "system", "input"] as const) {
    const value = fields[name] ?? "";
    if (typeof value !== "string" && typeof value !== "number")
      return fault(
        "not-a-string",
        `the ${name} is ${Array.isArray(value) ? "a list" : typeof value}, expected a string`,
      );
    texts[name] = String(value);
  }
  const before = Array.isArray(fields.history) ? fields.history.flat() : [];
  if (!before.every((turn) => typeof turn === "string"))
    return fault("not-a-string", "the history holds no strings");
  if (before.length % 2 === 1)
    return fault("odd-length", `found ${before.length} turns of history, expected pairs`);
  const { question = "", answer = "", input = "", system = "" } = texts;
  const asked = input.trim() === "" ? question : question.trim() === "" ? input : `${question}\n${input}`;
  return withSystem([...(before as string[]), asked, answer], system, []);
}

/** Who speaks in a message, in the words of OpenAI, ShareGPT and others. */
const SPEAKERS: Readonly<Record<string, "user" | "assistant" | "system">> = {
  user: "user",
  human: "user",
  patient: "user",
  prompter: "user",
  assistant: "assistant",
  gpt: "assistant",
  bot: "assistant",
  chatgpt: "assistant",
  model: "assistant",
  doctor: "assistant",
  system: "system",
  developer: "system",
};

/**
 * Messages as turns. Neighbours of one speaker are joined by a blank line; system messages go before the first question, as the
 * corpus format knows no system; an answer before the first question and a question after the last answer are left out.
 */
function shapeMessages(messages: readonly unknown[], systemField?: unknown): Shaped {
  const turns: string[] = [];
  const system: string[] = typeof systemField === "string" && systemField.trim() !== "" ? [systemField] : [];
  const notes: ShapeNote[] = [];
  for (const [i, message] of messages.entries()) {
    if (message === null || typeof message !== "object")
      return fault("wrong-shape", `message ${i} is no object with a role and a content`);
    const fields = message as Readonly<Record<string, unknown>>;
    const role = fields.role ?? fields.from;
    // ApolloMoE's conversations name no speaker: they take turns.
    const speaker =
      role === undefined ? (["user", "assistant"] as const)[i % 2] : SPEAKERS[String(role).toLowerCase()];
    if (role === "tool" || role === "function" || role === "observation" || role === "function_call")
      return { reason: "not-text" };
    if (speaker === undefined)
      return fault(
        "wrong-shape",
        `message ${i} is by ${JSON.stringify(role)}, expected user, assistant or system`,
      );
    const text = messageText(fields.content ?? fields.value);
    if (text === undefined) return { reason: "not-text" };
    if (text.trim() === "" && speaker !== "system") return { reason: "empty-turn" };
    if (speaker === "system") {
      if (text.trim() !== "") system.push(text);
    } else if (turns.length === 0 && speaker === "assistant") {
      notes.push("answer-without-question");
    } else if ((turns.length % 2 === 0) === (speaker === "user")) {
      turns.push(text);
    } else {
      turns.push(`${turns.pop()}\n\n${text}`);
    }
  }
  if (turns.length % 2 === 1) {
    turns.pop();
    notes.push("question-without-answer");
  }
  if (turns.length === 0) return { reason: "no-exchange" };
  return withSystem(turns, system.join("\n\n"), [...new Set(notes)]);
}

function withSystem(turns: readonly string[], system: string, notes: readonly ShapeNote[]): Shaped {
  if (system.trim() === "") return shapeTurns(turns, notes);
  const [first = "", ...rest] = turns;
  if (first.trim() === "") return { reason: "empty-turn" };
  return shapeTurns([`${system}\n\n${first}`, ...rest], [...notes, "system-in-question"]);
}

/** A message's text: a string, or the text parts of a list; `undefined` when it holds anything else. */
function messageText(content: unknown): string | undefined {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return undefined;
  const parts = content.map((part: unknown) => (part as { readonly text?: unknown } | null)?.text);
  return parts.every((part) => typeof part === "string") ? parts.join("") : undefined;
}

/** The field that plays a role: the one that `columns` names, or the first with a usual name. */
function fieldName(
  record: Readonly<Record<string, unknown>>,
  role: ColumnRole,
  columns: Columns,
): string | undefined {
  const named = columns[role];
  if (named !== undefined) return Object.hasOwn(record, named) ? named : undefined;
  for (const usual of USUAL_NAMES[role]) {
    if (Object.hasOwn(record, usual)) return usual;
    const other = Object.keys(record).find((name) => name.toLowerCase() === usual);
    if (other !== undefined) return other;
  }
  return undefined;
}

function fault(reason: ShapeFault, message: string): Shaped {
  return { reason, message };
}
