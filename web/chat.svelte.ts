// The state of the chat: conversations, the answer being written, what went wrong, and what a screen reader is to be told.
import { assessRedFlags, firstStepsFor } from "../src/medical/index.ts";
import { listModels, type ModelInfo, RequestFailure, streamAnswer } from "./api.ts";
import { type Conversation, newestLeaf, parseConversations, shownTurns, type Turn } from "./conversation.ts";
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
  let results = $state<string | undefined>();
  let failure = $state<RequestFailure | undefined>();
  let unsaved = $state(false);
  let answering = $state<AbortController | undefined>();
  const announcements = $state<{ id: number; text: string }[]>([]);
  const current = $derived(conversations.find(({ id }) => id === currentId));
  const turns = $derived(current === undefined ? [] : shownTurns(current));
  const model = $derived(models.find(({ id }) => id === preferences.chosen.model) ?? models[0]);
  let steering = $state<number | undefined>();
  const alpha = $derived(model?.apollo?.kind === "proxy" ? (steering ?? model.apollo.alpha ?? 1) : undefined);
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

  /** Adds a message after the shown ones; gives the stored, reactive record. */
  const append = (conversation: Conversation, turn: Turn): Turn => {
    const { leaf } = conversation;
    conversation.turns.push(leaf === undefined ? turn : { ...turn, parent: leaf });
    conversation.leaf = turn.id;
    return conversation.turns.at(-1)!;
  };

  /** Adds a question and, before any model is asked, says what it may mean. */
  const appendQuestion = (conversation: Conversation, text: string): void => {
    const assessment = assessRedFlags(text);
    append(conversation, {
      id: newId(),
      role: "user",
      content: text,
      time: new Date().toISOString(),
      ...(assessment.level === "none" ? {} : { redFlags: assessment }),
    });
    const card = firstStepsFor(assessment, assessment.language ?? preferences.chosen.language);
    if (card !== undefined) announce(`${card.title} ${card.call} ${card.now} ${card.not}`);
  };

  async function answer(conversation: Conversation): Promise<void> {
    const served = model;
    if (served === undefined) {
      if (failure === undefined) fail(new RequestFailure("connection", "no model"));
      return;
    }
    const { words } = preferences;
    const controller = new AbortController();
    answering = controller;
    failure = undefined;
    const messages = shownTurns(conversation).map(({ role, content }) => ({ role, content }));
    const settings = {
      temperature: preferences.chosen.temperature,
      seed: Math.floor(Math.random() * SEED_LIMIT),
      maxTokens: MAX_TOKENS,
      ...(alpha === undefined ? {} : { alpha }),
    };
    const turn = append(conversation, {
      id: newId(),
      role: "assistant",
      time: new Date().toISOString(),
      content: "",
      model: served.id,
      settings,
    });
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
      if (turn.content === "") {
        // Nothing came: what was shown before comes back.
        conversation.turns = conversation.turns.filter(({ id }) => id !== turn.id);
        if (conversation.leaf === turn.id) conversation.leaf = newestLeaf(conversation, turn.parent!);
      }
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
    /** The shown messages. */
    get turns() {
      return turns;
    },
    /** How strongly a proxy-tuned model is steered; `undefined` for other models. */
    get alpha() {
      return alpha;
    },
    set alpha(value: number | undefined) {
      steering = value;
    },
    get models() {
      return models;
    },
    /** Address of the results page; `undefined` where there is none. */
    get results() {
      return results;
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
        const listed = await listModels();
        models = listed.models;
        results = listed.results;
        failure = undefined;
      } catch (error) {
        fail(error);
      }
    },
    async send(text: string): Promise<void> {
      if (current === undefined) {
        currentId = newId();
        conversations.unshift({ id: currentId, created: new Date().toISOString(), turns: [] });
      }
      const conversation = conversations.find(({ id }) => id === currentId)!;
      appendQuestion(conversation, text);
      save();
      await answer(conversation);
    },
    /** Asks another version of a question; the first stays where it was. */
    async edit(turn: Turn, text: string): Promise<void> {
      if (current === undefined) return;
      const conversation = current;
      if (turn.parent === undefined) delete conversation.leaf;
      else conversation.leaf = turn.parent;
      appendQuestion(conversation, text);
      save();
      await answer(conversation);
    },
    /** Shows the path through another version of a message. */
    show(turn: Turn): void {
      if (current === undefined) return;
      answering?.abort();
      current.leaf = newestLeaf(current, turn.id);
      save();
    },
    /** Ends the answer being written; what is there stays. */
    stop(): void {
      answering?.abort();
    },
    /** Writes another version of the last answer, with another seed. */
    async regenerate(): Promise<void> {
      const last = turns.at(-1);
      if (current === undefined || last === undefined) return;
      const conversation = current;
      if (last.role === "assistant" && last.parent !== undefined) conversation.leaf = last.parent;
      await answer(conversation);
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
