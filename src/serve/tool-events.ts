// Reads tool calls out of an answer while it is written: its text becomes text, calls and their arguments, piece by piece.
import { randomUUID } from "node:crypto";
import type { AnswerEvent } from "./generation.ts";
import { AFTER_ARGUMENTS, BEFORE_ARGUMENTS, BEFORE_NAME, CALL_START } from "./tools.ts";

/** What an answer that may call tools is made of. */
export type ToolEvent =
  | Exclude<AnswerEvent, { type: "finish" }>
  | {
      readonly type: "finish";
      readonly index: number;
      readonly reason: "stop" | "length" | "tool_calls";
    }
  | {
      readonly type: "call";
      readonly index: number;
      /** Place among the answer's calls. */
      readonly call: number;
      readonly id: string;
      readonly name: string;
    }
  | {
      readonly type: "arguments";
      readonly index: number;
      readonly call: number;
      /** A piece of the JSON text. */
      readonly text: string;
    };

/** A piece of an answer. */
export type ToolPiece =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "call"; readonly call: number; readonly name: string }
  | { readonly type: "arguments"; readonly call: number; readonly text: string };

/** Reads one answer; the grammar of `tools.ts` is taken for granted from a call's start on. */
export interface ToolReader {
  push(text: string): ToolPiece[];
  /** What was held back because it might have begun a call. */
  end(): ToolPiece[];
}

/** Makes a reader that stands at the beginning of an answer. */
export function createToolReader(): ToolReader {
  let rest = "";
  let calls = 0;
  let place: "text" | "name" | "arguments" | "after" = "text";
  let arguments_ = createValueEnd();

  function step(): ToolPiece[] | undefined {
    switch (place) {
      case "text": {
        const start = rest.indexOf(CALL_START);
        const end = start >= 0 ? start : rest.length - heldBack(rest, CALL_START);
        const before = rest.slice(0, end);
        // The line break between two calls belongs to neither.
        const text = calls > 0 && before.trim() === "" ? "" : before;
        rest = start >= 0 ? rest.slice(start + CALL_START.length) : rest.slice(end);
        if (start >= 0) place = "name";
        else if (before === "") return undefined;
        return text === "" ? [] : [{ type: "text", text }];
      }
      case "name": {
        const end = rest.indexOf(BEFORE_ARGUMENTS);
        if (end < 0) return undefined;
        const name = rest.slice(BEFORE_NAME.length, end);
        rest = rest.slice(end + BEFORE_ARGUMENTS.length);
        place = "arguments";
        arguments_ = createValueEnd();
        return [{ type: "call", call: calls, name }];
      }
      case "arguments": {
        if (rest === "") return undefined;
        const length = arguments_(rest);
        const text = rest.slice(0, length);
        rest = rest.slice(text.length);
        if (length !== undefined) place = "after";
        return text === "" ? [] : [{ type: "arguments", call: calls, text }];
      }
      case "after":
        if (rest.length < AFTER_ARGUMENTS.length) return undefined;
        rest = rest.slice(AFTER_ARGUMENTS.length);
        place = "text";
        calls++;
        return [];
      default:
        return place satisfies never;
    }
  }

  return {
    push(text) {
      rest += text;
      const pieces: ToolPiece[] = [];
      for (let next = step(); next !== undefined; next = step()) pieces.push(...next);
      return pieces;
    },
    end: () => (place === "text" && rest !== "" ? [{ type: "text", text: rest }] : []),
  };
}

/** How many characters at the end of `text` may be the beginning of `word`. */
function heldBack(text: string, word: string): number {
  for (let length = Math.min(word.length - 1, text.length); length > 0; length--)
    if (text.endsWith(word.slice(0, length))) return length;
  return 0;
}

/** Finds where a JSON object ends that comes in pieces: the length of the last piece that belongs to it. */
function createValueEnd(): (piece: string) => number | undefined {
  let depth = 0;
  let inText = false;
  let escaped = false;
  return (piece) => {
    for (let i = 0; i < piece.length; i++) {
      const character = piece[i]!;
      if (inText) {
        if (escaped) escaped = false;
        else if (character === "\\") escaped = true;
        else if (character === '"') inText = false;
      } else if (character === '"') inText = true;
      else if (character === "{" || character === "[") depth++;
      else if ((character === "}" || character === "]") && --depth === 0) return i + 1;
    }
    return undefined;
  };
}

/** Tells text from calls in a series of answers. */
export async function* readToolCalls(events: AsyncIterable<AnswerEvent>): AsyncGenerator<ToolEvent, void> {
  let reader = createToolReader();
  let called = false;
  for await (const event of events) {
    switch (event.type) {
      case "start":
        reader = createToolReader();
        called = false;
        yield event;
        break;
      case "text":
      case "finish": {
        const { index } = event;
        for (const piece of event.type === "text" ? reader.push(event.text) : reader.end()) {
          called ||= piece.type !== "text";
          if (piece.type === "text") yield { type: "text", index, text: piece.text, token: undefined };
          else if (piece.type === "call") yield { ...piece, index, id: newCallId() };
          else yield { ...piece, index };
        }
        if (event.type === "finish")
          yield { ...event, reason: called && event.reason === "stop" ? "tool_calls" : event.reason };
        break;
      }
      case "usage":
        yield event;
        break;
      default:
        event satisfies never;
    }
  }
}

function newCallId(): string {
  return `call_${randomUUID().replaceAll("-", "")}`;
}
