// Conversations as they come over the wire: turns in parts, calls of tools and what the tools gave back, as plain turns.
import { z } from "zod";
import type { ChatMessage } from "../engine/index.ts";
import { writeToolCalls, writeToolResponse } from "./tools.ts";

const textPart = z.object({ type: z.literal("text"), text: z.string() });
const content = z
  .union([z.string(), z.array(textPart)], { error: "must be text, or a list of parts of type text" })
  .transform((value) => (typeof value === "string" ? value : value.map((part) => part.text).join("")));
const optionalContent = content.nullish().transform((value) => value ?? "");

const message = z.discriminatedUnion(
  "role",
  [
    z.object({ role: z.enum(["developer", "system", "user"]), content: optionalContent }),
    z.object({
      role: z.literal("assistant"),
      content: optionalContent,
      tool_calls: z
        .array(z.object({ function: z.object({ name: z.string().min(1), arguments: z.string() }) }))
        .nullish(),
    }),
    z.object({ role: z.literal("tool"), content: optionalContent, tool_call_id: z.string().min(1) }),
  ],
  { error: "must be one of developer, system, user, assistant, tool" },
);

/** A conversation, checked; tools' answers that follow one another become one turn, since most templates want turns to alternate. */
export const messagesSchema = z
  .array(message)
  .min(1, "must not be empty")
  .transform((messages): ChatMessage[] => {
    const turns: ChatMessage[] = [];
    let afterTool = false;
    for (const turn of messages) {
      if (turn.role === "tool") {
        const response = writeToolResponse(turn.content);
        const before = afterTool ? turns.pop() : undefined;
        turns.push({
          role: "user",
          content: before === undefined ? response : `${before.content}\n${response}`,
        });
      } else if (turn.role === "assistant") {
        const calls = (turn.tool_calls ?? []).map((call) => call.function);
        turns.push({
          role: "assistant",
          content: calls.length === 0 ? turn.content : writeToolCalls(turn.content, calls),
        });
      } else {
        turns.push({ role: turn.role === "user" ? "user" : "system", content: turn.content });
      }
      afterTool = turn.role === "tool";
    }
    return turns;
  });
