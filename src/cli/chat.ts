// `apollo chat`: the terminal's lines to a conversation and back. Ctrl-C stops the answer being written; without one it ends the chat.
import { createInterface } from "node:readline";
import pc from "picocolors";
import { isLanguage, LANGUAGES, UserError } from "../core/index.ts";
import { createTerminalChat, openModel } from "../flows/index.ts";
import { disclaimerIn, EMERGENCY_REGIONS } from "../medical/index.ts";
import { defineCommand } from "./command.ts";

export const chatCommand = defineCommand({
  name: "chat",
  summary: "talk to a model in the terminal, or through a pipe: each line is a message or a /command",
  options: {
    model: {
      type: "string",
      value: "SPEC",
      required: true,
      help: "file.gguf, folder/, hf:owner/name[:file], http://host/v1#model or proxy:BASE+EXPERT-ANTI@ALPHA",
    },
    language: {
      type: "string",
      value: LANGUAGES.join("|"),
      help: "of the notices; default the terminal's, else en",
    },
    region: { type: "string", value: "CODE", help: "country whose emergency numbers are shown, e.g. FR" },
    temperature: { type: "number", least: 0, value: "T", default: 0, help: "0: always the likeliest words" },
    seed: { type: "whole", least: 0, value: "N", default: 0, help: "of the sampling" },
    threads: { type: "whole", value: "N", help: "CPU threads; default all cores, at most 8" },
    "max-tokens": { type: "whole", value: "N", default: 1024, help: "longest answer" },
  },
  examples: [
    "apollo chat --model model.gguf",
    'echo "How long should I wash my hands?" | apollo chat --model model.gguf',
    "apollo chat --model proxy:large.gguf+tuned.gguf-small.gguf@1 --language ar --region EG",
  ],
  async run({ options, io }) {
    const { region, temperature, seed } = options;
    const language = readLanguage(options.language);
    if (region !== undefined && !EMERGENCY_REGIONS.includes(region)) {
      throw new UserError("bad-option", `--region knows no numbers of "${region}"`, {
        remedy: `One of: ${EMERGENCY_REGIONS.join(", ")}.`,
      });
    }
    const open = (spec: string) =>
      openModel(spec, {
        progress: io.progress,
        ...(options.threads === undefined ? {} : { threads: options.threads }),
      });
    const note = (line: string): void => console.error(pc.dim(line));
    const chat = createTerminalChat({
      model: await open(options.model),
      open,
      note,
      // With --json standard output is one object at the end.
      write: (text) => void (io.json ? process.stderr : process.stdout).write(text),
      language,
      temperature,
      seed,
      maxTokens: options["max-tokens"],
      ...(region === undefined ? {} : { region }),
    });
    const interactive = process.stdin.isTTY === true && process.stdout.isTTY === true;
    const lines = createInterface({
      input: process.stdin,
      ...(interactive ? { output: process.stdout, prompt: "> " } : {}),
      terminal: interactive,
    });
    // Input may end while an answer is being written; a prompt after that is an error from Node 24 on.
    let ended = false;
    lines.once("close", () => {
      ended = true;
    });
    const prompt = (): void => {
      if (interactive && !ended) lines.prompt();
    };
    let answering: AbortController | undefined;
    // A terminal in raw mode hands Ctrl-C to readline, a pipe's writer hands it to the process.
    const stop = (): void => {
      if (answering === undefined) lines.close();
      else answering.abort();
    };
    lines.on("SIGINT", stop);
    io.signal.addEventListener("abort", stop);
    try {
      note(`${disclaimerIn(language)} ${interactive ? `(${chat.modelId}; /help)` : ""}`);
      prompt();
      for await (const line of lines) {
        answering = new AbortController();
        const go = await chat.take(line, answering.signal).catch((error: unknown) => {
          // One bad command or too long a conversation is no reason to lose it; in a pipe nobody is there to go on.
          if (!(error instanceof UserError) || !interactive) throw error;
          note(error.line);
          return true;
        });
        answering = undefined;
        if (!go || io.signal.aborted) break;
        prompt();
      }
      if (io.signal.aborted) throw io.signal.reason;
      return { model: chat.modelId, exchanges: chat.exchanges };
    } finally {
      lines.close();
      await chat.close();
    }
  },
});

function readLanguage(given: string | undefined) {
  if (given !== undefined) {
    if (isLanguage(given)) return given;
    throw new UserError("bad-option", `--language must be one of ${LANGUAGES.join(", ")}, found "${given}"`);
  }
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  const [code = ""] = (LC_ALL ?? LC_MESSAGES ?? LANG ?? "").split(/[_.]/u);
  return isLanguage(code) ? code : "en";
}
