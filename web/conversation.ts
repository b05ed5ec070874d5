// Conversations as plain records, and their two written forms: Markdown to read, JSON to keep everything.

import type { RedFlagAssessment } from "../src/medical/index.ts";

/** How an answer was asked for. */
export interface AnswerSettings {
  readonly temperature: number;
  readonly seed: number;
  readonly maxTokens: number;
  /** Of a proxy-tuned model. */
  readonly alpha?: number;
}

/** Why an answer ended. */
export type Finish = "stop" | "length" | "stopped" | "error";

/** One message. */
export interface Turn {
  readonly id: string;
  /** The message it follows; absent for a first question. Messages that follow the same one are versions of each other. */
  readonly parent?: string;
  readonly role: "user" | "assistant";
  content: string;
  /** ISO 8601. */
  readonly time: string;
  /** For answers: which model gave it, and how. */
  readonly model?: string;
  readonly settings?: AnswerSettings;
  finish?: Finish;
  /** For questions: what the red-flag gate made of it. */
  readonly redFlags?: RedFlagAssessment;
}

/** A tree of messages, of which one path is shown. */
export interface Conversation {
  readonly id: string;
  readonly created: string;
  /** All messages, in the order they were written. */
  turns: Turn[];
  /** The last message of the shown path. */
  leaf?: string;
}

const TITLE_LENGTH = 60;

/** The shown messages, from the first question to the last message. */
export function shownTurns({ turns, leaf }: Conversation): Turn[] {
  const byId = new Map(turns.map((turn) => [turn.id, turn]));
  const path: Turn[] = [];
  for (let turn = byId.get(leaf ?? ""); turn !== undefined; turn = byId.get(turn.parent ?? ""))
    path.unshift(turn);
  return path;
}

/** All versions of a message, in the order they were written. */
export function versionsOf({ turns }: Conversation, turn: Turn): Turn[] {
  return turns.filter((other) => other.parent === turn.parent);
}

/** The end of the path through `id`, following the newest version at each fork. */
export function newestLeaf({ turns }: Pick<Conversation, "turns">, id: string): string {
  const next = turns.findLast((turn) => turn.parent === id);
  return next === undefined ? id : newestLeaf({ turns }, next.id);
}

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
  for (const turn of shownTurns(conversation)) {
    const details =
      turn.settings === undefined
        ? [turn.time]
        : [
            turn.model ?? "",
            ...(turn.settings.alpha === undefined ? [] : [`alpha ${turn.settings.alpha}`]),
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
  return (list as Conversation[]).map(asTree);
}

/** Conversations of earlier versions of the page were lists: each message follows the one before it. */
function asTree(conversation: Conversation): Conversation {
  if (conversation.leaf !== undefined) return conversation;
  const turns = conversation.turns.map((turn, i) => {
    const before = conversation.turns[i - 1];
    return before === undefined ? turn : { ...turn, parent: before.id };
  });
  const leaf = turns.at(-1)?.id;
  return { ...conversation, turns, ...(leaf === undefined ? {} : { leaf }) };
}
