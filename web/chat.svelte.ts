// The state of the chat: conversations, the answer being written, what went wrong, and what a screen reader is to be told.
import { listModels, type ModelInfo, RequestFailure, streamAnswer } from "./api.ts";
import { type Conversation, parseConversations, type Turn } from "./conversation.ts";
import type { Preferences } from "./preferences.svelte.ts";
import { createSentenceBuffer } from "./sentences.ts";
import { readStored, writeStored } from "./storage.ts";
import { fill } from "./strings/strings.ts";

const KEY = "apollo.conversations";
/** Longest answer, in tokens. */
const MAX_TOKENS = 1024;
const SEED_LIMIT = 2 ** 31;
/** Sentences kept in the live region: what a screen reader has read may go. */
const ANNOUNCED = 30;

/** Makes the chat. */
export function createChat(preferences: Preferences) {
  const conversations = $state<Conversation[]>(restore());
  let currentId = $state<string | undefined>();
  let models = $state<ModelInfo[]>([]);
  let failure = $state<RequestFailure | undefined>();
  let unsaved = $state(false);
  let answering = $state<AbortController | undefined>();
  const announcements = $state<{ id: number; text: string }[]>([]);
  const current = $derived(conversations.find(({ id }) => id === currentId));
  const model = $derived(models.find(({ id }) => id === preferences.chosen.model) ?? models[0]);
  let announced = 0;

  const announce = (text: string): void => {
    announcements.push({ id: announced++, text });
    if (announcements.length > ANNOUNCED) announcements.shift();
  };
  const save = (): void => {
    unsaved = !writeStored(KEY, JSON.stringify(conversations));
  };
  const fail = (error: unknown): void => {
    failure = error instanceof RequestFailure ? error : new RequestFailure("server", String(error));
    const text = failureText();
    if (text !== undefined) announce(text);
  };
  const failureText = (): string | undefined => {
    const { words } = preferences;
    switch (failure?.kind) {
      case undefined:
        return undefined;
      case "busy":
        return words.errorBusy;
      case "connection":
        return words.errorConnection;
      case "too-long":
        return words.errorTooLong;
      case "key":
        return words.keyNeeded;
      default:
        return fill(words.errorServer, { detail: failure?.message ?? "" });
    }
  };

  async function answer(conversation: Conversation): Promise<void> {
    const served = model;
    if (served === undefined) return;
    const { words } = preferences;
    const controller = new AbortController();
    answering = controller;
    failure = undefined;
    const messages = conversation.turns.map(({ role, content }) => ({ role, content }));
    const settings = {
      temperature: preferences.chosen.temperature,
      seed: Math.floor(Math.random() * SEED_LIMIT),
      maxTokens: MAX_TOKENS,
    };
    const head = { id: newId(), role: "assistant", time: new Date().toISOString() } as const;
    conversation.turns.push({ ...head, content: "", model: served.id, settings });
    const turn = conversation.turns.at(-1)!;
    announce(words.writing);
    const sentences = createSentenceBuffer(preferences.locale);
    const show = inFrames((text) => {
      turn.content += text;
    });
    try {
      for await (const part of streamAnswer({ model: served.id, messages, ...settings }, controller.signal)) {
        if ("finish" in part) turn.finish = part.finish;
        else {
          show.add(part.text);
          for (const sentence of sentences.push(part.text)) announce(sentence);
        }
      }
      show.flush();
      for (const sentence of sentences.flush()) announce(sentence);
      announce(turn.finish === "length" ? words.lengthLimit : words.finished);
    } catch (error) {
      show.flush();
      turn.finish = controller.signal.aborted ? "stopped" : "error";
      if (controller.signal.aborted) announce(words.stopped);
      else fail(error);
      if (turn.content === "") conversation.turns = conversation.turns.filter(({ id }) => id !== turn.id);
    } finally {
      if (answering === controller) answering = undefined;
      save();
    }
  }

  const remove = (id: string | undefined): void => {
    answering?.abort();
    for (let i = conversations.length - 1; i >= 0; i--) {
      if (id === undefined || conversations[i]?.id === id) conversations.splice(i, 1);
    }
    if (id === undefined || id === currentId) currentId = undefined;
    save();
  };

  return {
    conversations,
    announcements,
    get current() {
      return current;
    },
    get models() {
      return models;
    },
    /** The chosen model, or the first one. */
    get model() {
      return model;
    },
    get busy() {
      return answering !== undefined;
    },
    get failure() {
      return failure;
    },
    get failureText() {
      return failureText();
    },
    /** True when the browser would not keep the conversations. */
    get unsaved() {
      return unsaved;
    },
    async load(): Promise<void> {
      try {
        models = await listModels();
        failure = undefined;
      } catch (error) {
        fail(error);
      }
    },
    async send(text: string): Promise<void> {
      const question: Turn = { id: newId(), role: "user", content: text, time: new Date().toISOString() };
      if (current === undefined) {
        currentId = newId();
        conversations.unshift({ id: currentId, created: question.time, turns: [] });
      }
      const conversation = conversations.find(({ id }) => id === currentId)!;
      conversation.turns.push(question);
      save();
      await answer(conversation);
    },
    /** Ends the answer being written; what is there stays. */
    stop(): void {
      answering?.abort();
    },
    /** Writes the last answer anew, with another seed. */
    async regenerate(): Promise<void> {
      if (current === undefined) return;
      const conversation = current;
      const previous = conversation.turns.at(-1)?.role === "assistant" ? conversation.turns.pop() : undefined;
      await answer(conversation);
      // Nothing came: the answer that was there is better than none.
      if (previous !== undefined && conversation.turns.at(-1)?.role !== "assistant")
        conversation.turns.push(previous);
    },
    select(id: string | undefined): void {
      answering?.abort();
      failure = undefined;
      currentId = id;
    },
    /** Deletes one conversation, or all of them. */
    remove,
  };
}

/** See `createChat`. */
export type Chat = ReturnType<typeof createChat>;

/** Passes text on at most once for each frame that the screen shows: rendering every token would be work nobody sees. */
function inFrames(show: (text: string) => void): { add(text: string): void; flush(): void } {
  let pending = "";
  let frame: number | undefined;
  const flush = (): void => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    frame = undefined;
    show(pending);
    pending = "";
  };
  return {
    add(text) {
      pending += text;
      frame ??= requestAnimationFrame(flush);
    },
    flush,
  };
}

/** A random id; `crypto.randomUUID` is missing on pages that come over plain HTTP from another machine. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

function restore(): Conversation[] {
  const text = readStored(KEY);
  if (text === null) return [];
  try {
    return parseConversations(text);
  } catch {
    // Not ours to throw away: it stays where its owner can find it.
    writeStored(`${KEY}.unreadable`, text);
    return [];
  }
}
