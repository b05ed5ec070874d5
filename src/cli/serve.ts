// `apollo serve`: opens the models, listens, and stops at Ctrl-C or SIGTERM when the answers in progress have ended.
import { once } from "node:events";
import { UserError } from "../core/index.ts";
import type { LanguageModel } from "../engine/index.ts";
import {
  createResultsPages,
  modelName,
  type OpenModelOptions,
  openModel,
  parseModelSpec,
} from "../flows/index.ts";
import {
  type App,
  type AppOptions,
  createApp,
  isLoopback,
  type LazyModel,
  type RunningServer,
  readExamResults,
  startServer,
} from "../serve/index.ts";
import { type CommandIo, defineCommand } from "./command.ts";
import { MODEL_OPTIONS, readModelOptions } from "./model-options.ts";

const DEFAULT_PORT = 8080;

export const serveCommand = defineCommand({
  name: "serve",
  summary: "answer over HTTP: the OpenAI API and a chat page",
  options: {
    model: {
      type: "string",
      value: "SPEC",
      required: true,
      multiple: true,
      help: "file.gguf, folder/, hf:owner/name[:file], http://host/v1#model or proxy:BASE+EXPERT-ANTI@ALPHA",
    },
    ...MODEL_OPTIONS,
    exam: {
      type: "string",
      value: "RUN",
      multiple: true,
      help: "bench run of a served model: its results by language are shown beside its answers",
    },
    parallel: {
      type: "whole",
      value: "N",
      default: 4,
      help: "requests that each model works on at the same time; each takes memory for a whole context",
    },
    queue: {
      type: "whole",
      least: 0,
      value: "N",
      default: 64,
      help: "requests that may wait for a model; further ones are refused with 429",
    },
    "max-loaded": {
      type: "whole",
      value: "N",
      help: "open models when they are asked for, at most N at once; default all of them at the start",
    },
    "max-tokens": { type: "whole", value: "N", help: "longest answer in tokens; default the context" },
    "max-seconds": { type: "whole", value: "N", default: 3600, help: "longest time for an answer" },
    log: { type: "boolean", help: "a JSON line on standard error for each request, without its text" },
    "log-prompts": { type: "boolean", help: "the same with the whole request: prompts may hold health data" },
    results: {
      type: "string",
      value: "FOLDER",
      help: "folder of bench runs: shown at /results/ as a leaderboard, each with its report and samples",
    },
    host: { type: "string", value: "ADDRESS", default: "127.0.0.1", help: "address to listen at" },
    port: {
      type: "number",
      value: "PORT",
      default: DEFAULT_PORT,
      help: "port to listen at, 0 for any free one",
    },
    "api-key": {
      type: "string",
      value: "KEY",
      help: "key that requests must carry; needed unless the host is this machine; also read from APOLLO_API_KEY",
    },
  },
  examples: [
    "apollo serve --model model.gguf",
    "apollo serve --model small.gguf --model large.gguf --max-loaded 1 --parallel 32",
    "apollo serve --model base.gguf --model proxy:large.gguf+tuned.gguf-base.gguf@1 --port 9000",
    "apollo serve --model model.gguf --results runs",
    "APOLLO_API_KEY=secret apollo serve --model model.gguf --host 0.0.0.0",
  ],
  run: async ({ options, io }) => {
    const { model: specs, host, port } = options;
    const apiKey = options["api-key"] ?? process.env.APOLLO_API_KEY;
    if (apiKey === "") throw new UserError("bad-option", "the API key is empty");
    if (apiKey === undefined && !isLoopback(host)) {
      throw new UserError("key-needed", `other machines can reach ${host}, so an API key is needed`, {
        remedy: "Give one with --api-key or APOLLO_API_KEY, or keep to --host 127.0.0.1.",
      });
    }
    const exams = await Promise.all(options.exam.map(readExamResults));
    const results = options.results === undefined ? undefined : await createResultsPages(options.results);
    // Scores as exact as the benchmark's; answers the faster way.
    const settings = {
      ...readModelOptions(options),
      exact: "scores",
      maxSequences: options.parallel,
      progress: io.progress,
    } as const;
    const maxLoaded = options["max-loaded"];
    const models = maxLoaded === undefined ? await openAll(specs, settings) : specs.map(lazily(settings));
    for (const { model } of exams) {
      if (!models.some(({ id }) => id === model))
        io.warn(`the exam is of "${model}", which is not served here: its results are not shown`);
    }
    const logs = options.log || options["log-prompts"];
    return serveModels(models, {
      host,
      port,
      io,
      app: {
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(maxLoaded === undefined ? {} : { maxLoaded }),
        ...(options["max-tokens"] === undefined ? {} : { maxTokens: options["max-tokens"] }),
        ...(logs ? { log: (entry) => io.warn(JSON.stringify(entry)) } : {}),
        logPrompts: options["log-prompts"],
        ...(results === undefined ? {} : { results }),
        exams,
        concurrency: options.parallel,
        waiting: options.queue,
        answerSeconds: options["max-seconds"],
      },
    });
  },
});

async function openAll(specs: readonly string[], settings: OpenModelOptions): Promise<LanguageModel[]> {
  const models: LanguageModel[] = [];
  try {
    for (const spec of specs) models.push(await openModel(spec, settings));
    return models;
  } catch (error) {
    await Promise.all(models.map((model) => model.close()));
    throw error;
  }
}

/** A model that is opened when it is first asked for; what its spec names must be there now. */
function lazily(settings: OpenModelOptions): (spec: string) => LazyModel {
  return (spec) => {
    const parsed = parseModelSpec(spec);
    return {
      id: modelName(parsed),
      local: parsed.kind !== "remote" && parsed.kind !== "endpoints",
      ...(parsed.kind === "proxy" ? { alpha: parsed.alpha } : {}),
      open: () => openModel(spec, settings),
    };
  };
}

/** Serves models until Ctrl-C or SIGTERM, then closes them. Without a port: 8080, or any free one when that is taken. */
export async function serveModels(
  models: readonly (LanguageModel | LazyModel)[],
  options: {
    readonly host: string;
    readonly port?: number | undefined;
    readonly app?: Omit<AppOptions, "models" | "report">;
    readonly io: CommandIo;
  },
): Promise<{ url: string; models: string[] }> {
  const { host, port, io } = options;
  const app = createApp({
    ...options.app,
    models,
    report: (error) => io.warn(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  try {
    const server =
      port === undefined ? await startAnywhere(app, host) : await startServer({ app, host, port });
    const names = models.map((model) => model.id);
    io.event({ url: server.url, models: names });
    io.print(`Serving ${names.join(", ")}`);
    io.print(`  chat page  ${server.url}/`);
    if (options.app?.results !== undefined) io.print(`  results    ${server.url}/results/`);
    io.print(`  API        ${server.url}/v1   (OpenAI's: any client of theirs works)`);
    io.print("Ctrl-C stops it when the answers in progress have ended; twice stops it at once.");
    await stopRequested(io.signal);
    await server.close();
    return { url: server.url, models: names };
  } finally {
    await app.closeModels();
    await Promise.all(models.map((model) => ("close" in model ? model.close() : undefined)));
  }
}

async function startAnywhere(app: App, host: string): Promise<RunningServer> {
  try {
    return await startServer({ app, host, port: DEFAULT_PORT });
  } catch (error) {
    if (error instanceof UserError && error.code === "port-in-use")
      return startServer({ app, host, port: 0 });
    throw error;
  }
}

/** Waits for Ctrl-C (`signal`) or SIGTERM. */
async function stopRequested(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const waiting = new AbortController();
  const { signal: stopWaiting } = waiting;
  await Promise.race([
    once(process, "SIGTERM", { signal: stopWaiting }),
    once(signal, "abort", { signal: stopWaiting }),
  ]);
  waiting.abort();
}
