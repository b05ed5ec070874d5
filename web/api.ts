// Talks to the server the page came from, through the same API that every other client uses.

/** A model as the server lists it. */
export interface ModelInfo {
  readonly id: string;
  /** False when the server passes messages on to a model elsewhere. */
  readonly local: boolean;
  readonly apollo?: {
    /** A proxy-tuned trio takes `alpha` with each request. */
    readonly kind?: "proxy";
    readonly alpha?: number;
    /** From a bench run of this model. */
    readonly exam?: readonly ExamScore[];
  };
}

/** A model's result on one source of the exam. */
export interface ExamScore {
  readonly source: string;
  readonly language: string;
  readonly n: number;
  readonly accuracy: number;
  readonly interval: readonly [number, number];
  readonly majority: number;
}

/** Part of a streamed answer. */
export type AnswerPart = { readonly text: string } | { readonly finish: "stop" | "length" };

/** What went wrong, in terms that the page has words for. */
export type FailureKind = "busy" | "connection" | "too-long" | "key" | "server";

/** A failed request. */
export class RequestFailure extends Error {
  readonly kind: FailureKind;
  constructor(kind: FailureKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

const KEY_STORAGE = "apollo.key";

/** Keeps the API key until the tab is closed. */
export function useKey(key: string): void {
  sessionStorage.setItem(KEY_STORAGE, key);
}

/** The models being served, and where the server shows results of exams if it does. */
export async function listModels(): Promise<{ models: ModelInfo[]; results: string | undefined }> {
  const { data, apollo } = (await (await ask("/v1/models", {})).json()) as {
    data: ModelInfo[];
    apollo?: { results?: string };
  };
  return { models: data, results: apollo?.results };
}

/** Streams the answer to a conversation; aborting `signal` ends it on the server too. */
export async function* streamAnswer(
  request: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
    readonly temperature: number;
    readonly seed: number;
    readonly maxTokens: number;
    readonly alpha?: number;
  },
  signal: AbortSignal,
): AsyncGenerator<AnswerPart> {
  const { maxTokens, ...rest } = request;
  const response = await ask("/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...rest, max_tokens: maxTokens, stream: true }),
    signal,
  });
  for await (const data of eventData(response.body!)) {
    if (data === "[DONE]") return;
    const { error, choices } = JSON.parse(data) as {
      error?: { message: string };
      choices?: { delta: { content?: string }; finish_reason: "stop" | "length" | null }[];
    };
    if (error !== undefined) throw new RequestFailure("server", error.message);
    const choice = choices?.[0];
    if (choice?.delta.content) yield { text: choice.delta.content };
    if (choice?.finish_reason) yield { finish: choice.finish_reason };
  }
  throw new RequestFailure("connection", "the answer ended without its end mark");
}

async function ask(path: string, options: RequestInit): Promise<Response> {
  const headers = new Headers(options.headers);
  const key = sessionStorage.getItem(KEY_STORAGE);
  if (key !== null) headers.set("authorization", `Bearer ${key}`);
  let response: Response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new RequestFailure("connection", String(error));
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => ({}))) as { error?: { message?: string; code?: string } };
  const message = body.error?.message ?? `HTTP ${response.status}`;
  if (response.status === 401) throw new RequestFailure("key", message);
  if (response.status === 429 || response.status === 503) throw new RequestFailure("busy", message);
  if (body.error?.code === "context_length_exceeded") throw new RequestFailure("too-long", message);
  throw new RequestFailure("server", message);
}

/** The `data` of each server-sent event. */
async function* eventData(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let buffer = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      buffer += decoder.decode(value, { stream: true });
      const events = buffer.split("\n\n");
      buffer = events.pop() ?? "";
      for (const event of events) {
        if (event.startsWith("data: ")) yield event.slice("data: ".length);
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
