// Ray's Jobs REST API as far as it is needed: version, packages, jobs, logs. Plain HTTP; every failure is named.
// Source: https://docs.ray.io/en/latest/cluster/running-applications/job-submission/rest.html and ray 2.60, dashboard/modules/job.
import { zipSync } from "fflate";
import { hashBytes, UserError } from "../core/index.ts";
import { callHttp, type HttpAnswer } from "./http-call.ts";
import { findRayToken } from "./ray-token.ts";

/** What a head says of itself. */
export interface RayVersion {
  /** Of the Jobs API. */
  readonly api: number;
  readonly ray: string;
  /** Another one after every restart of the head. */
  readonly session: string;
}

/** A job as the cluster knows it. */
export interface RayJobState {
  readonly id: string;
  readonly status: "PENDING" | "RUNNING" | "STOPPED" | "SUCCEEDED" | "FAILED";
  /** Why it failed, in Ray's words. */
  readonly message: string;
}

/** What to run on the cluster. */
export interface RayJobRequest {
  readonly id: string;
  /** A shell command, run on the head in a folder that holds `files`. */
  readonly entrypoint: string;
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  /** Environment of the job and its workers. It can be read in Ray's dashboard: no secrets. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A cluster's head. Every method throws `UserError`: code `ray-unreachable` while nobody answers, others for good. */
export interface RayApi {
  readonly address: string;
  version(): Promise<RayVersion>;
  /** Submits a job and returns at once. */
  submit(request: RayJobRequest): Promise<void>;
  /** `undefined` when the head does not know it (it was restarted). */
  job(id: string): Promise<RayJobState | undefined>;
  jobs(): Promise<readonly RayJobState[]>;
  /** Everything the job printed so far. */
  logs(id: string): Promise<string>;
  /** Asks a job to end; does nothing when it has. */
  stop(id: string): Promise<void>;
}

/** Version 4 of the Jobs API came with Ray 2.3; the head's tasks use nothing newer. */
const OLDEST_API = 4;
const REQUEST_MILLISECONDS = 30_000;

/** Talks to the head at `address` (`http://head:8265`); asks nothing yet. `UserError` for an address that is none. */
export function createRayApi(
  address: string,
  findToken: () => Promise<string | undefined> = findRayToken,
): RayApi {
  const base = readAddress(address);
  const request = async (method: string, path: string, body?: Uint8Array | object): Promise<HttpAnswer> => {
    const token = await findToken();
    const binary = body instanceof Uint8Array;
    let answer: HttpAnswer;
    try {
      answer = await callHttp(`${base}${path}`, {
        method,
        timeoutMilliseconds: REQUEST_MILLISECONDS,
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined
            ? {}
            : { "content-type": binary ? "application/octet-stream" : "application/json" }),
        },
        body: body === undefined || binary ? body : JSON.stringify(body),
      });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw unreachable(
        base,
        code === "ABORT_ERR" ? `no answer within ${REQUEST_MILLISECONDS / 1000} s` : (code ?? message),
        error,
      );
    }
    if (answer.status === 401 || answer.status === 403) throw refused(base, token !== undefined);
    // Also what a head says that has only just started.
    if (answer.status >= 500) throw unreachable(base, said(answer));
    return answer;
  };
  const readJson = (answer: HttpAnswer): unknown => {
    try {
      if (isOk(answer)) return JSON.parse(answer.text) as unknown;
    } catch {
      // Said below.
    }
    throw notRay(base, `answers ${answer.status} ${answer.text.trim().slice(0, 80)}`);
  };
  const put = async (name: string, bytes: Uint8Array): Promise<void> => {
    const path = `/api/packages/gcs/${name}`;
    if (isOk(await request("GET", path))) return;
    const response = await request("PUT", path, bytes);
    if (!isOk(response)) throw notRay(base, `did not take a package: ${said(response)}`);
  };
  return {
    address: base,
    async version() {
      const response = await request("GET", "/api/version");
      const found = readJson(response) as Record<string, unknown> | null;
      const { version, ray_version: ray, session_name: session } = found ?? {};
      if (typeof version !== "string" || typeof ray !== "string")
        throw notRay(base, "answers, but not as the head of a Ray cluster does");
      if (!(Number(version) >= OLDEST_API))
        throw new UserError(
          "ray-version",
          `runs Ray ${ray} with version ${version} of the Jobs API; ${OLDEST_API} or newer was expected`,
          { file: base, remedy: "Use Ray 2.10 or newer on the cluster: pip install -U 'ray[default]'." },
        );
      return { api: Number(version), ray, session: String(session) };
    },
    async submit({ id, entrypoint, files, environment }) {
      const encoder = new TextEncoder();
      const entries = Object.entries(files).map(([name, data]) => [
        name,
        // A fixed time: the same files are the same package.
        [typeof data === "string" ? encoder.encode(data) : data, { mtime: "1990-01-01T00:00:00" }],
      ]);
      const bytes = zipSync(Object.fromEntries(entries));
      const name = `_ray_pkg_${hashBytes(bytes)}.zip`;
      await put(name, bytes);
      const response = await request("POST", "/api/jobs/", {
        entrypoint,
        submission_id: id,
        runtime_env: {
          working_dir: `gcs://${name}`,
          ...(environment === undefined ? {} : { env_vars: environment }),
        },
      });
      if (!isOk(response))
        throw new UserError("ray-refused", `did not take the job: ${said(response)}`, { file: base });
    },
    async job(id) {
      const response = await request("GET", `/api/jobs/${id}`);
      return response.status === 404 ? undefined : readState(readJson(response));
    },
    async jobs() {
      const found = readJson(await request("GET", "/api/jobs/"));
      return (found as unknown[]).map(readState).filter(({ id }) => id !== "");
    },
    async logs(id) {
      const response = await request("GET", `/api/jobs/${id}/logs`);
      if (response.status === 404) return "";
      return String((readJson(response) as { logs?: unknown }).logs ?? "");
    },
    async stop(id) {
      // 404 and 400: gone already.
      await request("POST", `/api/jobs/${id}/stop`);
    },
  };
}

function readState(value: unknown): RayJobState {
  const { submission_id: id, status, message } = value as Record<string, unknown>;
  return {
    id: typeof id === "string" ? id : "",
    status: status as RayJobState["status"],
    message: typeof message === "string" ? message : "",
  };
}

function readAddress(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/u.test(url.protocol))
    throw new UserError("ray-address", `"${address}" is no address of a Ray head`, {
      remedy: "Write it as http://HEAD:8265, the address of its dashboard (not ray:// and not port 6379).",
    });
  return url.href.replace(/\/+$/u, "");
}

/** True when nobody answered: it may be another matter in a moment. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof UserError && error.code === "ray-unreachable";
}

function unreachable(base: string, why: string, cause?: unknown): UserError {
  return new UserError("ray-unreachable", `the head of the Ray cluster does not answer (${why})`, {
    file: base,
    remedy:
      "Start it with: ray start --head --dashboard-host=0.0.0.0, and give the address of its dashboard, port 8265.",
    cause,
  });
}

function refused(base: string, shown: boolean): UserError {
  return shown
    ? new UserError("ray-wrong-token", "the cluster does not accept this token", {
        file: base,
        remedy: "Set RAY_AUTH_TOKEN to the cluster's token: ray get-auth-token prints it on the head.",
      })
    : new UserError("ray-no-token", "the cluster wants a token and none was found", {
        file: base,
        remedy:
          "Set RAY_AUTH_TOKEN (or RAY_AUTH_TOKEN_PATH, or ~/.ray/auth_token) to what ray get-auth-token prints on the head.",
      });
}

function notRay(base: string, found: string): UserError {
  return new UserError("not-ray", found, {
    file: base,
    remedy: "Give the address of the Ray dashboard, http://HEAD:8265.",
  });
}

function isOk({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300;
}

/** The end of what a failed request says: Ray puts whole tracebacks there. */
function said({ status, text }: HttpAnswer): string {
  return `${status} ${text.trim().split("\n").at(-1)?.slice(0, 300) ?? ""}`;
}
