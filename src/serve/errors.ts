// Failures as HTTP: OpenAI's error object with the status its clients map to their error classes.
import { UserError } from "../core/index.ts";

/** OpenAI's `type` for each status we send; what it never sends (501, 503) is named as llama-server does. Clients branch on status and `code`. */
const TYPE_OF_STATUS = {
  400: "invalid_request_error",
  401: "invalid_request_error",
  403: "invalid_request_error",
  404: "invalid_request_error",
  405: "invalid_request_error",
  413: "invalid_request_error",
  429: "rate_limit_error",
  500: "server_error",
  501: "not_supported_error",
  503: "unavailable_error",
} as const;

/** A status this server answers failures with. */
export type ErrorStatus = keyof typeof TYPE_OF_STATUS;

/** Parts of an `ApiError` beside its message. */
export interface ApiErrorDetail {
  /** The field of the request that is wrong, e.g. `messages[0].role`. */
  readonly param?: string | undefined;
  /** A stable name for programs, e.g. `model_not_found`. */
  readonly code?: string;
  /** Seconds after which trying again makes sense; sent as `Retry-After`. */
  readonly retryAfter?: number;
}

/** A failure the client is told about. */
export class ApiError extends Error {
  readonly status: ErrorStatus;
  readonly param: string | undefined;
  readonly code: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(status: ErrorStatus, message: string, detail: ApiErrorDetail = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.param = detail.param;
    this.code = detail.code;
    this.retryAfter = detail.retryAfter;
  }

  /** The body: `{"error": {message, type, param, code}}`. */
  get body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    return {
      error: {
        message: this.message,
        type: TYPE_OF_STATUS[this.status],
        param: this.param ?? null,
        code: this.code ?? null,
      },
    };
  }

  toResponse(): Response {
    const headers: Record<string, string> = {};
    if (this.retryAfter !== undefined) headers["retry-after"] = String(this.retryAfter);
    if (this.status === 401) headers["www-authenticate"] = "Bearer";
    return Response.json(this.body, { status: this.status, headers });
  }
}

/**
 * Any failure as an `ApiError`. A model's `UserError` is the request's fault (400); everything else is ours (500) and its
 * text stays on this side, since it may quote a prompt.
 */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof UserError) {
    return new ApiError(400, error.line, { code: error.code.replaceAll("-", "_") });
  }
  return new ApiError(500, "the server failed to answer this request", { code: "internal_error" });
}
