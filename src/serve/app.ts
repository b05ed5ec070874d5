// The HTTP application: routes, guards and headers over a set of models. A function from Request to Response, no socket in sight.
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { LanguageModel } from "../engine/index.ts";
import { replyToChat } from "./chat.ts";
import { replyToCompletion } from "./completions.ts";
import { replyToEmbedding } from "./embeddings.ts";
import { ApiError, asApiError } from "./errors.ts";
import type { ExamResults } from "./exam.ts";
import { loopbackNamesOnly, requireApiKey, requirePassword, sameOriginOnly } from "./guards.ts";
import type { LazyModel } from "./loader.ts";
import { createMetrics, type ModelGauges } from "./metrics.ts";
import { createModelRegistry, isLogitModel, isSteered, type ServedModel } from "./models.ts";
import { CONTENT_SECURITY_POLICY, loadPages, WEB_ROOT } from "./pages.ts";
import type { ReplyContext } from "./reply.ts";
import { parseChatRequest } from "./request-chat.ts";
import { parseCompletionRequest } from "./request-completion.ts";
import {
  parseDetokenizeRequest,
  parseEmbeddingRequest,
  parseScoreRequest,
  parseTokenizeRequest,
} from "./request-texts.ts";
import { replyToScore } from "./score.ts";
import { replyToDetokenize, replyToTokenize, replyToTokenizerInfo } from "./tokenize.ts";

/** Options for `createApp`. */
export interface AppOptions {
  /** The models to serve, under their ids: open ones, and ones that are opened when they are asked for. */
  readonly models: readonly (LanguageModel | LazyModel)[];
  /** Models of the latter kind in memory at once; the one unused for longest makes room. Default 1. */
  readonly maxLoaded?: number;
  /** When given, every `/v1` route asks for it; without one, only requests for a loopback name are answered. */
  readonly apiKey?: string;
  /** Requests that one model works on at the same time. Default 4. */
  readonly concurrency?: number;
  /** Requests that may wait for one model; further ones get 429. Default 64. */
  readonly waiting?: number;
  /** Seconds that a request may wait for its turn; then it gets 503. Default 300. */
  readonly waitSeconds?: number;
  /** Seconds that an answer may take from its request on; what is written by then is cut off. Default 3600. */
  readonly answerSeconds?: number;
  /** Tokens that an answer may have, whatever the request says. Default: the model's context. */
  readonly maxTokens?: number;
  /** Takes a line about every API request when it has been answered. Default: nothing is logged. */
  readonly log?: (entry: LogEntry) => void;
  /** Put the requests' bodies, prompts and all, into the log. Default false. */
  readonly logPrompts?: boolean;
  /** Largest request body in bytes. Default 4 MiB. */
  readonly bodyBytes?: number;
  /** Folder of the built pages. Default: `dist/web` of this package. */
  readonly webRoot?: string;
  /** Exam results of models, listed with the model of the same id. Default none. */
  readonly exams?: readonly ExamResults[];
  /** Answers what lies under `/results/`; with an API key, browsers are asked for it as a password. Default: there are no results. */
  readonly results?: (request: Request) => Promise<Response | undefined>;
  /** Takes failures of ours (never a prompt). Default: they are not reported. */
  readonly report?: (error: unknown) => void;
}

/** What is logged of a request. */
export interface LogEntry {
  /** ISO 8601. */
  readonly time: string;
  readonly id: string;
  readonly path: string;
  readonly status: number;
  /** Until the answer's headers; a stream goes on after that. */
  readonly seconds: number;
  /** The request, only with `logPrompts`. */
  readonly request?: unknown;
}

/** The application; `app.fetch` or `app.request` answer a request. */
export interface App extends Hono {
  /** Closes the models that were opened when they were asked for. */
  closeModels(): Promise<void>;
}

/** A client that is gone reads no status; this one (nginx's) marks it in logs. */
const CLIENT_CLOSED_REQUEST = 499;

/** Builds the application. `UserError` when there is no model or two share a name. */
export function createApp(options: AppOptions): App {
  const { apiKey, bodyBytes = 4 * 1024 * 1024, exams = [], results, report = () => {} } = options;
  const registry = createModelRegistry(options.models, {
    concurrency: options.concurrency ?? 4,
    waiting: options.waiting ?? 64,
    waitSeconds: options.waitSeconds ?? 300,
    maxLoaded: options.maxLoaded ?? 1,
    report,
  });
  const metrics = createMetrics();
  const answerMilliseconds = 1000 * (options.answerSeconds ?? 3600);
  const bodies = new WeakMap<Request, unknown>();
  const pages = loadPages(options.webRoot ?? WEB_ROOT);
  const app = Object.assign(new Hono(), { closeModels: registry.close });

  app.onError((error, c) => {
    if (c.req.raw.signal.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    const failure = asApiError(error);
    // What we refuse on purpose is no failure.
    if (failure !== error && failure.status >= 500) report(error);
    return failure.toResponse();
  });
  app.use(requestId());
  app.use(async (c, next) => {
    const begun = performance.now();
    await next();
    const seconds = (performance.now() - begun) / 1000;
    const { path, method } = c.req;
    // Made-up paths must not become labels.
    const handler =
      app.routes.find((route) => route.method !== "ALL" && route.path === path)?.path ?? "other";
    metrics.http(handler, METHODS.has(method) ? method : "other", c.res.status, seconds);
    if (path.startsWith("/v1/") || TOKENIZER_PATHS.includes(path))
      options.log?.({
        time: new Date().toISOString(),
        id: c.get("requestId"),
        path,
        status: c.res.status,
        seconds,
        ...(options.logPrompts === true ? { request: bodies.get(c.req.raw) } : {}),
      });
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: CONTENT_SECURITY_POLICY,
      xFrameOptions: "DENY",
      referrerPolicy: "no-referrer",
      // Plain HTTP on one's own machine: there is no transport security to insist on.
      strictTransportSecurity: false,
      permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
    }),
  );
  app.use(apiKey === undefined ? loopbackNamesOnly : ignoreHost);
  for (const path of ["/v1/*", ...TOKENIZER_PATHS]) app.use(path, sameOriginOnly);
  if (apiKey !== undefined)
    for (const path of ["/v1/*", "/metrics", ...TOKENIZER_PATHS]) app.use(path, requireApiKey(apiKey));
  app.use(
    bodyLimit({
      maxSize: bodyBytes,
      onError: () => {
        throw new ApiError(413, `the request body is larger than ${bodyBytes} bytes`);
      },
    }),
  );

  app.get("/health", (c) => c.json({ status: "ok" }));
  app.get("/metrics", () => {
    const text = metrics.render(registry.list.map(gaugesOf));
    return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
  });
  app.get("/v1/models", (c) =>
    c.json({
      object: "list",
      data: registry.list.map((served) => describe(served, exams)),
      ...(results === undefined ? {} : { apollo: { results: "/results/" } }),
    }),
  );
  app.get("/v1/models/:id{.+}", (c) => c.json(describe(registry.find(c.req.param("id")), exams)));
  const contextOf = (request: Request): ReplyContext => {
    const controller = new AbortController();
    return {
      signal: AbortSignal.any([request.signal, controller.signal]),
      abort: () => controller.abort(),
      report,
      metrics,
      maxTokens: options.maxTokens ?? Number.POSITIVE_INFINITY,
      startClock() {
        const late = setTimeout(() => controller.abort(tooLate(answerMilliseconds)), answerMilliseconds);
        return () => clearTimeout(late);
      },
    };
  };
  /** An endpoint that checks its body, finds the model that it names and answers. */
  const post = <Body extends { readonly model: string | undefined }>(
    path: string,
    parse: (body: unknown) => Body,
    reply: (served: ServedModel, request: Body, context: ReplyContext) => Promise<Response>,
  ) =>
    app.post(path, async (c) => {
      const body = await readJson(c.req.raw);
      if (options.logPrompts === true) bodies.set(c.req.raw, body);
      const request = parse(body);
      return reply(registry.find(request.model), request, contextOf(c.req.raw));
    });
  post("/v1/chat/completions", parseChatRequest, replyToChat);
  post("/v1/completions", parseCompletionRequest, replyToCompletion);
  post("/v1/score", parseScoreRequest, replyToScore);
  post("/v1/embeddings", parseEmbeddingRequest, replyToEmbedding);
  post("/tokenize", parseTokenizeRequest, replyToTokenize);
  post("/detokenize", parseDetokenizeRequest, replyToDetokenize);
  app.get("/tokenizer_info", (c) =>
    replyToTokenizerInfo(registry.find(c.req.query("model")), contextOf(c.req.raw)),
  );
  if (results !== undefined) {
    if (apiKey !== undefined) app.use("/results/*", requirePassword(apiKey));
    app.get("/results", (c) => c.redirect("/results/"));
    app.get("/results/*", async (c) => {
      const page = await results(c.req.raw);
      if (page === undefined) throw notFound(app, c.req.method, c.req.path);
      return page;
    });
  }
  app.get("*", (c) => {
    const page = pages(c.req.path, c.req.header("if-none-match"));
    if (page === undefined) throw notFound(app, c.req.method, c.req.path);
    return page;
  });
  app.notFound((c) => notFound(app, c.req.method, c.req.path).toResponse());
  return app;
}

const ignoreHost = async (_: unknown, next: () => Promise<void>): Promise<void> => next();

/** Where llama-server and vLLM have them: outside /v1. */
const TOKENIZER_PATHS = ["/tokenize", "/detokenize", "/tokenizer_info"];

const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);

function tooLate(milliseconds: number): ApiError {
  return new ApiError(503, `the answer took longer than ${milliseconds / 1000} seconds`, { code: "timeout" });
}

function describe(served: ServedModel, exams: readonly ExamResults[]): object {
  const { id, created, current, hints } = served;
  const exam = exams.filter((results) => results.model === id).flatMap(({ scores }) => scores);
  // Only a model at work in this process gives logits; another one is asked over the network, which a user should know.
  const local = current === undefined ? hints.local : isLogitModel(current);
  const alpha = current === undefined ? hints.alpha : isSteered(current) ? current.alpha : undefined;
  return {
    id,
    object: "model",
    created,
    owned_by: "apollo",
    ...(current === undefined ? {} : { max_model_len: current.contextLength }),
    ...(local === undefined ? {} : { local }),
    apollo: {
      loaded: current !== undefined,
      ...(alpha === undefined ? {} : { kind: "proxy", alpha }),
      ...(exam.length === 0 ? {} : { exam }),
    },
  };
}

function gaugesOf({ id, current, queue }: ServedModel): ModelGauges {
  const usage = current?.usage?.();
  return {
    model: id,
    running: queue.active,
    waiting: queue.waiting,
    loaded: current !== undefined,
    prefix: usage === undefined ? undefined : { queries: usage.promptTokens, hits: usage.reusedTokens },
  };
}

/** 405 for a known path with another method, 404 for the rest. */
function notFound(app: Hono, method: string, path: string): ApiError {
  const methods = app.routes
    .filter((route) => route.path === path && route.method !== "ALL")
    .map((route) => route.method);
  if (methods.length > 0) return new ApiError(405, `${path} takes ${methods.join(", ")}, not ${method}`);
  const hint = path === "/" ? "; the chat page has not been built: npm run build" : "";
  return new ApiError(404, `nothing is served at ${method} ${path}${hint}`);
}

/** The body as JSON. Throws `ApiError` 400 on anything that is not JSON in UTF-8. */
async function readJson(request: Request): Promise<unknown> {
  const bytes = await request.arrayBuffer();
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError(400, "the request body is not valid UTF-8");
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ApiError(400, `the request body is not valid JSON: ${(error as Error).message.slice(0, 120)}`);
  }
}
