// A conversation with a model in a terminal or through a pipe: each line is a message or a /command. Danger signs are looked for
// before the model is asked, as on the chat page.
import { extname } from "node:path";
import { APOLLO_VERSION, UserError, writeFileAtomic } from "../core/index.ts";
import type { ChatMessage, LanguageModel } from "../engine/index.ts";
import {
  assessRedFlags,
  type CardLanguage,
  disclaimerIn,
  findPersonalData,
  firstStepsFor,
  footnoteFor,
  isolate,
  numbersFor,
  personalDataNotice,
  type RedFlagLevel,
} from "../medical/index.ts";
import { createDirectionStream } from "./right-to-left.ts";

/** Options for `createTerminalChat`. */
export interface TerminalChatOptions {
  readonly model: LanguageModel;
  /** Opens another model for `/model`. */
  readonly open: (spec: string) => Promise<LanguageModel>;
  /** Takes answers and cards as they come. */
  readonly write: (text: string) => void;
  /** Takes what is said beside the conversation, a line each. */
  readonly note: (line: string) => void;
  /** Language of notices. Default `en`. */
  readonly language?: CardLanguage;
  /** Default 0: the likeliest words. */
  readonly temperature?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Longest answer in tokens. Default 1024. */
  readonly maxTokens?: number;
  /** Numbers of this country on cards (ISO code). */
  readonly region?: string;
}

/** One question and its answer. */
export interface ChatExchange {
  readonly question: string;
  readonly answer: string;
  readonly model: string;
  readonly alpha?: number;
  readonly finish: "stop" | "length" | "stopped";
  readonly redFlags: RedFlagLevel;
  /** ISO 8601. */
  readonly time: string;
}

/** A conversation under way. */
export interface TerminalChat {
  readonly exchanges: readonly ChatExchange[];
  /** The id of the model that answers next. */
  readonly modelId: string;
  /** Takes a line; false when it ends the conversation. Aborting `signal` stops the answer, not the conversation. */
  take(line: string, signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

/** Trios say how strongly they are steered and can be had at another strength. */
interface Steered extends LanguageModel {
  readonly alpha: number;
  withAlpha(alpha: number): LanguageModel;
}

const HELP = [
  "/clear         forget the conversation",
  "/model [SPEC]  which model answers, or another one from now on",
  "/alpha [X]     how strongly a proxy-tuned trio is steered (0: not at all, 1: as published)",
  "/save FILE     write the conversation as Markdown (.md) or JSON (.json)",
  "/help          this list",
  "/exit          end; so do Ctrl-D, and Ctrl-C while nothing is being written",
];

/** Starts a conversation. What it opens and what it is given, `close` closes. */
export function createTerminalChat(options: TerminalChatOptions): TerminalChat {
  const { open, write, note, language = "en", temperature = 0, seed = 0, maxTokens = 1024, region } = options;
  let { model } = options;
  let exchanges: ChatExchange[] = [];

  const steered = (): Steered => {
    if ("withAlpha" in model) return model as Steered;
    throw new UserError("no-alpha", `${model.id} is no proxy-tuned trio: it has no alpha`, {
      remedy: "Choose one with /model proxy:BASE+EXPERT-ANTI@ALPHA.",
    });
  };

  async function command(line: string): Promise<boolean> {
    const [name = "", ...words] = line.split(/\s+/u);
    const argument = words.join(" ");
    switch (name) {
      case "/help":
        for (const help of HELP) note(help);
        return true;
      case "/clear":
        exchanges = [];
        note("The conversation is forgotten.");
        return true;
      case "/model":
        if (argument !== "") {
          const next = await open(argument);
          await model.close();
          model = next;
        }
        note(`${model.id} answers.`);
        return true;
      case "/alpha":
        if (argument !== "") {
          const alpha = Number(argument);
          if (!Number.isFinite(alpha))
            throw new UserError("bad-alpha", `/alpha takes a number, found "${argument}"`);
          model = steered().withAlpha(alpha);
        }
        note(`alpha ${steered().alpha}`);
        return true;
      case "/save":
        await save(argument);
        return true;
      case "/exit":
      case "/quit":
        return false;
      default:
        throw new UserError("unknown-command", `no such command: ${name}`, { remedy: "See /help." });
    }
  }

  async function save(path: string): Promise<void> {
    if (path === "")
      throw new UserError("missing-argument", "/save needs a file", { remedy: "/save chat.md" });
    const notice = disclaimerIn(language);
    const settings = { temperature, seed, maxTokens };
    switch (extname(path)) {
      case ".json":
        await writeFileAtomic(
          path,
          `${JSON.stringify({ format: "apollo-terminal-chat", version: 1, apollo: APOLLO_VERSION, notice, settings, exchanges }, null, 2)}\n`,
        );
        break;
      case ".md":
        await writeFileAtomic(path, toMarkdown(exchanges, notice, settings));
        break;
      default:
        throw new UserError("bad-file-name", `/save writes .md and .json, found "${path}"`);
    }
    note(`Saved to ${path}.`);
  }

  async function ask(question: string, signal: AbortSignal): Promise<void> {
    const assessment = assessRedFlags(question);
    const cardLanguage = assessment.language ?? language;
    const card = firstStepsFor(assessment, cardLanguage);
    if (card !== undefined) {
      write(
        [
          "",
          `!! ${card.title}`,
          `   ${card.call}`,
          ...card.services.flatMap((service) =>
            numbersFor(service, cardLanguage, region)
              .slice(0, 3)
              .map((entry) => `   ${isolate(`${entry.region} ${entry.numbers.join(" / ")}`)}`),
          ),
          `   + ${card.now}`,
          `   - ${card.not}`,
          `   ${card.limits}`,
          "",
          "",
        ].join("\n"),
      );
    }
    const notice = personalDataNotice(findPersonalData(question), language);
    if (notice !== undefined) note(notice);
    const messages: ChatMessage[] = [
      ...exchanges.flatMap(({ question: asked, answer }): ChatMessage[] => [
        { role: "user", content: asked },
        { role: "assistant", content: answer },
      ]),
      { role: "user", content: question },
    ];
    const stream = createDirectionStream();
    let answer = "";
    let finish: ChatExchange["finish"] = "stopped";
    try {
      for await (const chunk of model.generate({
        input: { messages },
        temperature,
        seed,
        maxTokens,
        signal,
      })) {
        answer += chunk.text;
        write(stream.push(chunk.text));
        if (chunk.finish !== undefined) finish = chunk.finish;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      write(`${stream.flush()}\n`);
    }
    if (finish !== "stop") note(finish === "stopped" ? "(stopped)" : `(cut off at ${maxTokens} tokens)`);
    const footnote = footnoteFor(assessment, cardLanguage);
    if (footnote !== undefined) note(footnote);
    exchanges.push({
      question,
      answer,
      model: model.id,
      ...("alpha" in model ? { alpha: (model as Steered).alpha } : {}),
      finish,
      redFlags: assessment.level,
      time: new Date().toISOString(),
    });
  }

  return {
    get exchanges() {
      return exchanges;
    },
    get modelId() {
      return model.id;
    },
    async take(line, signal) {
      const text = line.trim();
      if (text === "") return true;
      if (/^\/\p{L}/u.test(text)) return command(text);
      await ask(text, signal);
      return true;
    },
    close: () => model.close(),
  };
}

function toMarkdown(
  exchanges: readonly ChatExchange[],
  notice: string,
  settings: { readonly temperature: number; readonly seed: number; readonly maxTokens: number },
): string {
  const fixed = `temperature ${settings.temperature} · seed ${settings.seed} · max_tokens ${settings.maxTokens}`;
  const parts = [`> ${notice}`];
  for (const { question, answer, model, alpha, finish, time } of exchanges) {
    const details = [
      model,
      ...(alpha === undefined ? [] : [`alpha ${alpha}`]),
      fixed,
      `finish ${finish}`,
      time,
    ];
    parts.push(`## Question\n\n${question}`, `## Answer\n\n*${details.join(" · ")}*\n\n${answer}`);
  }
  return `${parts.join("\n\n")}\n`;
}
