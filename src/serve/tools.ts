// Function calling. Every model is told of its tools and calls them in one notation, Hermes's, which Qwen's models were trained
// with: definitions in the system message, <tool_call>{"name", "arguments"}</tool_call> in the answer. A grammar sees to it
// that a call names a tool and that its arguments validate.
// Notation: https://huggingface.co/NousResearch/Hermes-2-Pro-Llama-3-8B#prompt-format-for-function-calling
import type { ChatMessage } from "../engine/index.ts";
import type { GrammarBuilder } from "./json-grammar.ts";
import { literal } from "./json-rules.ts";

/** A function that the model may call. */
export interface Tool {
  readonly name: string;
  readonly description: string | undefined;
  /** JSON Schema of the arguments; absent when there are none. */
  readonly parameters: unknown;
}

/** What the model may do with the tools at hand. */
export interface ToolUse {
  readonly tools: readonly Tool[];
  /** It must call one. */
  readonly required: boolean;
  /** It may make several calls at once. */
  readonly parallel: boolean;
}

/** A call in a conversation so far; `arguments` is JSON text. */
export interface PastToolCall {
  readonly name: string;
  readonly arguments: string;
}

export const CALL_START = "<tool_call>";
const CALL_END = "</tool_call>";
/** Between a call's start and its name, between name and arguments, and what closes it. */
export const BEFORE_NAME = '\n{"name": "';
export const BEFORE_ARGUMENTS = '", "arguments": ';
export const AFTER_ARGUMENTS = `}\n${CALL_END}`;

/** What the model is told of its tools. */
export function toolInstructions({ tools, required }: ToolUse): string {
  const definitions = tools.map(({ name, description, parameters }) =>
    JSON.stringify({ type: "function", function: { name, description, parameters: parameters ?? {} } }),
  );
  return [
    "# Tools",
    "",
    required
      ? "You must call one or more functions to answer the user query."
      : "You may call one or more functions to assist with the user query.",
    "",
    "You are provided with function signatures within <tools></tools> XML tags:",
    "<tools>",
    ...definitions,
    "</tools>",
    "",
    `For each function call, return a json object with function name and arguments within ${CALL_START}${CALL_END} XML tags:`,
    CALL_START,
    '{"name": <function-name>, "arguments": <args-json-object>}',
    CALL_END,
  ].join("\n");
}

/**
 * The rule that an answer with tools follows: calls where they are required; else free text, after which, or instead of which,
 * calls may come. `answer` takes the free text's place when it must have a form of its own.
 */
export function toolGrammar(builder: GrammarBuilder, use: ToolUse, answer: string | undefined): string {
  const calls = builder.rule(
    use.tools
      .map(({ name, parameters }, i) => {
        const value =
          parameters === undefined
            ? literal("{}")
            : builder.schema(parameters, `tools[${i}].function.parameters`);
        return `${literal(`${BEFORE_NAME}${name}${BEFORE_ARGUMENTS}`)} ${value} ${literal(AFTER_ARGUMENTS)}`;
      })
      .join(" | "),
  );
  const start = literal(CALL_START);
  const all = builder.rule(use.parallel ? `${calls} ("\\n" ${start} ${calls})*` : calls);
  if (use.required) return builder.rule(`${start} ${all}`);
  if (answer !== undefined) return builder.rule(`${answer} | ${start} ${all}`);
  return textThen(builder, CALL_START, all);
}

/** Any text; once it holds `word` (whose first character occurs in it only once), `next` must follow and end it. */
function textThen(builder: GrammarBuilder, word: string, next: string): string {
  // One rule for each part of the word that may have been written: a text that goes on otherwise is back at none.
  const [start] = builder.rules(word.length, (i, nameOf) => {
    const [first, letter] = [word[0]!, word[i]!];
    const onward = i + 1 === word.length ? next : nameOf(i + 1);
    const others = i === 0 ? `[^${first}]` : `[^${first}${letter}]`;
    const again = i === 0 ? "" : ` | ${literal(first)} ${nameOf(1)}`;
    return `(${literal(letter)} ${onward}${again} | ${others} ${nameOf(0)})?`;
  });
  return start!;
}

/** A turn of the assistant that called tools, as text. */
export function writeToolCalls(content: string, calls: readonly PastToolCall[]): string {
  const written = calls.map(
    ({ name, arguments: values }) =>
      `${CALL_START}${BEFORE_NAME}${name}${BEFORE_ARGUMENTS}${values.trim() === "" ? "{}" : values}${AFTER_ARGUMENTS}`,
  );
  return [...(content === "" ? [] : [content]), ...written].join("\n");
}

/** What a tool gave back, as the user's words. */
export function writeToolResponse(content: string): string {
  return `<tool_response>\n${content}\n</tool_response>`;
}

/** The conversation with instructions in its system message, or before the first question where a model takes no such message. */
export function withInstructions(
  messages: readonly ChatMessage[],
  text: string,
  takesSystem: (messages: readonly ChatMessage[]) => boolean,
): ChatMessage[] {
  const [first, ...rest] = messages;
  const placed: ChatMessage[] =
    first?.role === "system"
      ? [{ role: "system", content: `${first.content}\n\n${text}` }, ...rest]
      : [{ role: "system", content: text }, ...messages];
  if (takesSystem(placed)) return placed;
  const user = messages.findIndex(({ role }) => role === "user");
  return messages.map((message, i) =>
    i === user ? { role: "user", content: `${text}\n\n${message.content}` } : message,
  );
}
