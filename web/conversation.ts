// Conversations as plain records, and their two written forms: Markdown to read, JSON to keep everything.

/** How an answer was asked for. */
export interface AnswerSettings {
  readonly temperature: number;
  readonly seed: number;
  readonly maxTokens: number;
}

/** Why an answer ended. */
export type Finish = "stop" | "length" | "stopped" | "error";

/** One message. */
export interface Turn {
  readonly id: string;
  readonly role: "user" | "assistant";
  content: string;
  /** ISO 8601. */
  readonly time: string;
  /** For answers: which model gave it, and how. */
  readonly model?: string;
  readonly settings?: AnswerSettings;
  finish?: Finish;
}

/** A series of messages. */
export interface Conversation {
  readonly id: string;
  readonly created: string;
  turns: Turn[];
}

const TITLE_LENGTH = 60;

/** The beginning of the first question. */
export function titleOf(conversation: Conversation): string {
  const text = (conversation.turns[0]?.content ?? "").replace(/\s+/gu, " ").trim();
  const characters = [...text];
  return characters.length <= TITLE_LENGTH ? text : `${characters.slice(0, TITLE_LENGTH - 1).join("")}…`;
}

/** A conversation as Markdown: each message under who wrote it, with model, settings and time. */
export function toMarkdown(
  conversation: Conversation,
  words: { readonly you: string; readonly assistant: string; readonly notice: string },
): string {
  const parts = [`# ${titleOf(conversation)}`, `> ${words.notice}`];
  for (const turn of conversation.turns) {
    const details =
      turn.settings === undefined
        ? [turn.time]
        : [
            turn.model ?? "",
            `temperature ${turn.settings.temperature}`,
            `seed ${turn.settings.seed}`,
            `max_tokens ${turn.settings.maxTokens}`,
            ...(turn.finish === undefined ? [] : [`finish ${turn.finish}`]),
            turn.time,
          ];
    parts.push(
      `## ${turn.role === "user" ? words.you : words.assistant}`,
      `*${details.join(" · ")}*`,
      turn.content,
    );
  }
  return `${parts.join("\n\n")}\n`;
}

/** A conversation as JSON, with everything that is known about it. */
export function toJson(conversation: Conversation, notice: string, now: string): string {
  return `${JSON.stringify({ format: "apollo-conversation", version: 1, notice, exported: now, ...conversation }, null, 2)}\n`;
}

/** Reads stored conversations. Throws when the text is not what `JSON.stringify` of conversations gives. */
export function parseConversations(text: string): Conversation[] {
  const list: unknown = JSON.parse(text);
  const isTurn = (turn: Partial<Turn> | null): boolean =>
    typeof turn?.id === "string" && typeof turn.content === "string" && typeof turn.time === "string";
  const isConversation = (item: Partial<Conversation> | null): boolean =>
    typeof item?.id === "string" && Array.isArray(item.turns) && item.turns.every(isTurn);
  if (!Array.isArray(list) || !list.every(isConversation)) throw new Error("not a list of conversations");
  return list as Conversation[];
}
