// Model specs: one small language for naming a model, understood wherever a model is named.
import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { UserError } from "../core/index.ts";
import type { EndpointSource } from "../engine/index.ts";
import { parseSchedule, type Schedule } from "../proxy/index.ts";

/** What a spec names. */
export type ModelSpec =
  | { readonly kind: "gguf"; readonly path: string }
  | { readonly kind: "checkpoint"; readonly path: string }
  | { readonly kind: "hub"; readonly name: string }
  | { readonly kind: "remote"; readonly url: string; readonly model: string }
  | { readonly kind: "endpoints"; readonly source: EndpointSource; readonly model: string }
  | {
      readonly kind: "proxy";
      readonly base: ModelSpec;
      readonly expert: ModelSpec;
      readonly anti: ModelSpec;
      readonly alpha: number;
      readonly schedule?: Schedule;
      readonly topK?: number;
      readonly chat?: "own" | "base";
      /** Likeliest tokens to ask a server for, when the base is one. */
      readonly candidates?: number;
    };

/** The name a model goes by before it is opened; for files the one it has afterwards too. */
export function modelName(spec: ModelSpec): string {
  switch (spec.kind) {
    case "gguf":
      return basename(spec.path).replace(/\.gguf$/iu, "");
    case "checkpoint":
      return basename(resolve(spec.path));
    case "hub":
      return spec.name;
    case "remote":
    case "endpoints":
      return spec.model;
    case "proxy":
      return `${modelName(spec.base)}+${modelName(spec.expert)}-${modelName(spec.anti)}@${spec.alpha}`;
    default:
      return spec satisfies never;
  }
}

/** The forms of a spec, for messages and `--help`. */
export const MODEL_FORMS =
  "file.gguf, folder/, hf:owner/name[:file], http://host/v1#model (several: http://a/v1,http://b/v1#model, endpoints:FILE#model or ray-serve:http://head:8265#model) or proxy:BASE+EXPERT-ANTI@ALPHA";

/** Parses a spec; a local path must exist. `UserError` says which forms there are. */
export function parseModelSpec(text: string): ModelSpec {
  if (text.startsWith("proxy:")) return parseProxy(text);
  const simple = parseSimple(text);
  if (simple === undefined) throw unknownSpec(text);
  if ((simple.kind === "gguf" || simple.kind === "checkpoint") && !existsSync(simple.path)) {
    throw new UserError("file-not-found", "no such model file or folder", {
      file: simple.path,
      remedy: `A model is named as ${MODEL_FORMS}.`,
    });
  }
  return simple;
}

function unknownSpec(text: string): UserError {
  return new UserError("unknown-model-spec", `"${text}" names no model`, {
    remedy: `A model is named as ${MODEL_FORMS}.`,
  });
}

function parseSimple(text: string): Exclude<ModelSpec, { kind: "proxy" }> | undefined {
  if (/^https?:\/\//u.test(text)) {
    const { before, model } = splitModel(text);
    const urls = before.split(/,(?=https?:\/\/)/u).map((url) => url.replace(/\/+$/u, ""));
    return urls.length === 1
      ? { kind: "remote", url: urls[0]!, model }
      : { kind: "endpoints", source: { kind: "urls", urls }, model };
  }
  if (text.startsWith("endpoints:")) {
    const { before, model } = splitModel(text.slice("endpoints:".length));
    if (!existsSync(before))
      throw new UserError("file-not-found", "no such list of servers", {
        file: before,
        remedy: "Write one address a line: http://host:8000/v1",
      });
    return { kind: "endpoints", source: { kind: "file", path: before }, model };
  }
  if (text.startsWith("ray-serve:")) {
    const { before, model } = splitModel(text.slice("ray-serve:".length));
    const [, dashboard, application] = /^(https?:\/\/[^/]+)(?:\/([^/]+))?\/?$/u.exec(before) ?? [];
    if (dashboard === undefined) throw unknownSpec(text);
    return { kind: "endpoints", source: { kind: "ray-serve", dashboard, application }, model };
  }
  if (text.startsWith("hf:")) {
    if (!/^hf:[^/\s]+\/[^/\s:]+(?::\S+)?$/u.test(text)) throw unknownSpec(text);
    return { kind: "hub", name: text.slice("hf:".length) };
  }
  if (text.endsWith(".gguf")) return { kind: "gguf", path: text };
  if (text.endsWith("/") || existsSync(text)) return { kind: "checkpoint", path: text };
  return undefined;
}

/** `ADDRESS#model`. */
function splitModel(text: string): { before: string; model: string } {
  const at = text.indexOf("#");
  if (at > 0 && at < text.length - 1) return { before: text.slice(0, at), model: text.slice(at + 1) };
  throw new UserError("unknown-model-spec", `"${text}" does not say which of the server's models`, {
    remedy: "Append #model, for example http://127.0.0.1:8080/v1#apollo.",
  });
}

/**
 * `+`, `-` and `@` may also stand inside file names: of all ways to cut the text, the one counts whose three parts name models.
 */
function parseProxy(text: string): ModelSpec {
  const at = text.lastIndexOf("@");
  const [tail = "", ...query] = at < 0 ? [] : text.slice(at + 1).split("?");
  const alpha = at < 0 ? 1 : Number(tail);
  const hasAlpha = at >= 0 && tail.trim() !== "" && Number.isFinite(alpha);
  const options = hasAlpha && query.length > 0 ? parseProxyOptions(query.join("?"), text) : {};
  const body = text.slice("proxy:".length, hasAlpha ? at : undefined);
  const readings: ModelSpec[] = [];
  for (const plus of places(body, "+")) {
    for (const minus of places(body, "-")) {
      if (minus <= plus) continue;
      const parts = [body.slice(0, plus), body.slice(plus + 1, minus), body.slice(minus + 1)].map(nameable);
      const [base, expert, anti] = parts;
      if (base && expert && anti)
        readings.push({ kind: "proxy", base, expert, anti, alpha: hasAlpha ? alpha : 1, ...options });
    }
  }
  const [reading] = readings;
  if (reading !== undefined && readings.length === 1) return reading;
  throw new UserError(
    "unknown-model-spec",
    reading === undefined
      ? `"${text}" does not name three models that are there`
      : `"${text}" can be read in ${readings.length} ways`,
    {
      remedy:
        "Write proxy:BASE+EXPERT-ANTI@ALPHA, each part a model by itself; rename files that hold + or -.",
    },
  );
}

/** `schedule=first:32&topk=50&chat=base&candidates=100`, each of them optional. */
function parseProxyOptions(query: string, text: string): Partial<Extract<ModelSpec, { kind: "proxy" }>> {
  const read = ([key, value]: [string, string]): object => {
    const count = /^[1-9]\d*$/u.test(value) ? Number(value) : undefined;
    if (key === "schedule") return { schedule: parseSchedule(value) };
    if (key === "topk" && count !== undefined) return { topK: count };
    if (key === "candidates" && count !== undefined) return { candidates: count };
    if (key === "chat" && (value === "own" || value === "base")) return { chat: value };
    throw new UserError("unknown-model-spec", `"${key}=${value}" in "${text}" is no option of a trio`, {
      remedy:
        "There are schedule=first:32 (or linear:64, unsure:0.5), topk=50, chat=own|base and candidates=20.",
    });
  };
  return Object.assign({}, ...[...new URLSearchParams(query)].map(read));
}

function nameable(text: string): ModelSpec | undefined {
  try {
    return text === "" || text.startsWith("proxy:") ? undefined : parseModelSpec(text);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

function places(text: string, sign: string): number[] {
  return [...text].flatMap((_, i) => (text[i] === sign ? [i] : []));
}
