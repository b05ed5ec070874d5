// The HTTP application: routes, guards and headers over a set of models. A function from Request to Response, no socket in sight.
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { requestId } from "hono/request-id";
import { secureHeaders } from "hono/secure-headers";
import type { LanguageModel } from "../engine/index.ts";
import { replyToChat } from "./chat.ts";
import { replyToCompletion } from "./completions.ts";
import { ApiError, asApiError } from "./errors.ts";
import type { ExamResults } from "./exam.ts";
import { loopbackNamesOnly, requireApiKey, requirePassword, sameOriginOnly } from "./guards.ts";
import {
  createModelRegistry,
  isLogitModel,
  isSteered,
  type ModelRegistry,
  type ServedModel,
} from "./models.ts";
import { CONTENT_SECURITY_POLICY, loadPages, WEB_ROOT } from "./pages.ts";
import type { ReplyContext } from "./reply.ts";
import { parseChatRequest, parseCompletionRequest, parseScoreRequest } from "./request.ts";
import { replyToScore } from "./score.ts";

/** Options for `createApp`. */
export interface AppOptions {
  /** The models to serve, under their ids. */
  readonly models: readonly LanguageModel[];
  /** When given, every `/v1` route asks for it; without one, only requests for a loopback name are answered. */
  readonly apiKey?: string;
  /** Requests that one model works on at the same time. Default 4. */
  readonly concurrency?: number;
  /** Requests that may wait for one model; further ones get 429. Default 64. */
  readonly waiting?: number;
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

/** The application; `app.fetch` or `app.request` answer a request. */
export type App = Hono;

/** A client that is gone reads no status; this one (nginx's) marks it in logs. */
const CLIENT_CLOSED_REQUEST = 499;

/** Builds the application. `UserError` when there is no model or two share a name. */
export function createApp(options: AppOptions): App {
  const { apiKey, bodyBytes = 4 * 1024 * 1024, exams = [], results, report = () => {} } = options;
  const registry = createModelRegistry(options.models, {
    concurrency: options.concurrency ?? 4,
    waiting: options.waiting ?? 64,
  });
  const pages = loadPages(options.webRoot ?? WEB_ROOT);
  const app = new Hono();

  app.onError((error, c) => {
    if (c.req.raw.signal.aborted) return new Response(null, { status: CLIENT_CLOSED_REQUEST });
    const failure = asApiError(error);
    if (failure.status >= 500) report(error);
    return failure.toResponse();
  });
  app.use(requestId());
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
  app.use("/v1/*", sameOriginOnly);
  if (apiKey !== undefined) app.use("/v1/*", requireApiKey(apiKey));
  app.use(
    bodyLimit({
      maxSize: bodyBytes,
      onError: () => {
        throw new ApiError(413, `the request body is larger than ${bodyBytes} bytes`);
      },
    }),
  );

  app.get("/health", (c) => c.json({ status: "ok" }));
  app.get("/v1/models", (c) =>
    c.json({
      object: "list",
      data: registry.list.map((served) => describe(served, exams)),
      ...(results === undefined ? {} : { apollo: { results: "/results/" } }),
    }),
  );
  app.get("/v1/models/:id{.+}", (c) => c.json(describe(registry.find(c.req.param("id")), exams)));
  const post = (
    path: string,
    reply: (body: unknown, registry: ModelRegistry, context: ReplyContext) => Promise<Response>,
  ) =>
    app.post(path, async (c) => {
      const controller = new AbortController();
      return reply(await readJson(c.req.raw), registry, {
        signal: AbortSignal.any([c.req.raw.signal, controller.signal]),
        abort: () => controller.abort(),
        report,
      });
    });
  post("/v1/chat/completions", async (body, models, context) => {
    const request = parseChatRequest(body);
    return replyToChat(models.find(request.model), request, context);
  });
  post("/v1/completions", async (body, models, context) => {
    const request = parseCompletionRequest(body);
    return replyToCompletion(models.find(request.model), request, context);
  });
  post("/v1/score", async (body, models, context) => {
    const request = parseScoreRequest(body);
    return replyToScore(models.find(request.model), request, context.signal);
  });
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

function describe({ id, created, model }: ServedModel, exams: readonly ExamResults[]): object {
  const exam = exams.filter((results) => results.model === id).flatMap(({ scores }) => scores);
  return {
    id,
    object: "model",
    created,
    owned_by: "apollo",
    max_model_len: model.contextLength,
    // Only a model at work in this process gives logits; another one is asked over the network, which a user should know.
    local: isLogitModel(model),
    apollo: {
      ...(isSteered(model) ? { kind: "proxy", alpha: model.alpha } : {}),
      ...(exam.length === 0 ? {} : { exam }),
    },
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
