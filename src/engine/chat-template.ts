// Conversations as prompts: the model's own Jinja template, or Apollo's plain format when it brings none.
import { Template } from "@huggingface/jinja";
import { UserError } from "../core/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";
import type { ChatMessage } from "./language-model.ts";

/** Formats a conversation, ready for the assistant's answer. */
export type ChatFormatter = (messages: readonly ChatMessage[]) => string;

/** A formatter that runs a chat template as transformers does; `UserError` when it is not valid Jinja. */
export function createChatTemplate(source: string, tokenizer: Tokenizer, file: string): ChatFormatter {
  const spelling = (id: number | undefined): string =>
    id === undefined ? "" : Buffer.from(tokenizer.bytes(id)).toString("utf8");
  const variables = { bos_token: spelling(tokenizer.bosId), eos_token: spelling(tokenizer.eosId) };
  const fail = (error: unknown): UserError =>
    new UserError("bad-chat-template", `the chat template fails (${(error as Error).message})`, {
      file,
      at: "tokenizer.chat_template",
      remedy: "Roles must alternate as the template wants them, or the template needs mending.",
      cause: error,
    });
  let template: Template | undefined;
  return (messages) => {
    try {
      template ??= new Template(source);
      return template.render({
        messages: messages.map((m) => ({ ...m })),
        add_generation_prompt: true,
        ...variables,
      });
    } catch (error) {
      throw fail(error);
    }
  };
}

/** Formats known by name, for models whose file brings none or the wrong one. */
const CHAT_FORMATS: Readonly<Record<string, ChatFormatter>> = Object.fromEntries([
  ...["0.5b", "1.8b", "2b", "6b", "7b"].map((size) => [`apollo-${size}`, formatApolloChat] as const),
  ...["34b", "72b"].map((size) => [`apollo-${size}`, formatMarkedApolloChat] as const),
]);

/** The names that `chatFormat` takes. */
export const CHAT_FORMAT_NAMES: readonly string[] = Object.keys(CHAT_FORMATS);

/** A format by its name; `UserError` when there is none of that name. */
export function chatFormat(name: string): ChatFormatter {
  const format = Object.hasOwn(CHAT_FORMATS, name) ? CHAT_FORMATS[name] : undefined;
  if (format !== undefined) return format;
  throw new UserError("unknown-chat-format", `no chat format is called "${name}"`, {
    remedy: `These are known: ${CHAT_FORMAT_NAMES.join(", ")}. Without one, the model file's own is taken.`,
  });
}

/**
 * Apollo's format: `User:{question}\nAssistant:{answer}\nUser:...`, turns joined by a newline as in training; system text
 * comes first. Source: FreedomIntelligence/Apollo, data_process_train_gemma.py lines 163-190.
 */
export function formatApolloChat(messages: readonly ChatMessage[]): string {
  return labelled(messages, "User:", "Assistant:");
}

/** The larger models' format: as the others', with marked labels. Source: FreedomIntelligence/Apollo, README.md. */
function formatMarkedApolloChat(messages: readonly ChatMessage[]): string {
  return labelled(messages, "<|User|>:", "<|Assistant|>:");
}

function labelled(messages: readonly ChatMessage[], user: string, assistant: string): string {
  const label = { system: "", user, assistant };
  return [...messages.map(({ role, content }) => `${label[role]}${content}`), assistant].join("\n");
}

/**
 * The tokens of a formatted conversation. The template's special tokens become their ids; the same spellings inside a
 * message stay ordinary text, so that nobody can end his own turn and speak for another role.
 */
export function encodeChat(
  text: string,
  messages: readonly ChatMessage[],
  tokenizer: Tokenizer,
  specialSpellings: readonly string[],
): Int32Array {
  const forged = messages.some(({ content }) =>
    specialSpellings.some((special) => content.includes(special)),
  );
  if (!forged) return tokenizer.encode(text, { special: "parse", bos: true });
  const ids: number[] = [];
  const append = (part: string, special: "text" | "parse"): void => {
    if (part !== "") ids.push(...tokenizer.encode(part, { special, bos: ids.length === 0 }));
  };
  let position = 0;
  for (const { content } of messages) {
    // Templates often trim what they are given.
    const inner = content.trim();
    const start = inner === "" ? -1 : text.indexOf(inner, position);
    if (start < 0) continue;
    append(text.slice(position, start), "parse");
    append(inner, "text");
    position = start + inner.length;
  }
  append(text.slice(position), "parse");
  return Int32Array.from(ids);
}

/** How the special tokens of a vocabulary are written. */
export function specialSpellings(tokenizer: Tokenizer): string[] {
  const spellings: string[] = [];
  for (let id = 0; id < tokenizer.vocabularySize; id++)
    if (tokenizer.isSpecial(id)) spellings.push(Buffer.from(tokenizer.bytes(id)).toString("utf8"));
  return spellings.filter((spelling) => spelling !== "");
}
