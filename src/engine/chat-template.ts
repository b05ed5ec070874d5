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

/**
 * Apollo's format: `User:{question}\nAssistant:{answer}\nUser:...`, turns joined by a newline as in training; system text
 * comes first. Source: FreedomIntelligence/Apollo, data_process_train_gemma.py lines 163-190.
 */
export function formatApolloChat(messages: readonly ChatMessage[]): string {
  const label = { system: "", user: "User:", assistant: "Assistant:" };
  return [...messages.map(({ role, content }) => `${label[role]}${content}`), "Assistant:"].join("\n");
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
