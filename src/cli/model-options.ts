// Options of every command that runs models: how much of the machine they get.
import { UserError } from "../core/index.ts";
import {
  CHAT_FORMAT_NAMES,
  type EndpointReport,
  type LanguageModel,
  type TokenPrice,
} from "../engine/index.ts";
import { endpointReports, type OpenModelOptions } from "../flows/index.ts";
import type { CommandIo, OptionDefinition } from "./command.ts";
import { printTable } from "./table.ts";

/** To be spread into a command's options. */
export const MODEL_OPTIONS = {
  threads: { type: "whole", value: "N", help: "CPU threads of a local model; default all cores, at most 8" },
  "gpu-layers": {
    type: "whole",
    least: -1,
    value: "N",
    help: "layers of a local model kept on a GPU, where llama.cpp has one; -1 = all, default 0",
  },
  "chat-format": {
    type: "string",
    value: "NAME",
    help: `prompt format of a local model: ${CHAT_FORMAT_NAMES.join(", ")}; default the file's own chat template`,
  },
} as const satisfies Record<string, OptionDefinition>;

/** What the user gave, as `openModel` takes it; ranges are checked there. */
export function readModelOptions(options: {
  readonly threads: number | undefined;
  readonly "gpu-layers": number | undefined;
  readonly "chat-format": string | undefined;
}): OpenModelOptions {
  const { threads, "gpu-layers": gpuLayers, "chat-format": chatFormat } = options;
  return {
    ...(threads === undefined ? {} : { threads }),
    ...(gpuLayers === undefined ? {} : { gpuLayers }),
    ...(chatFormat === undefined ? {} : { chatFormat }),
  };
}

/** To be spread into the options of commands that may ask a server for much. */
export const PRICE_OPTION = {
  price: {
    type: "string",
    value: "PROMPT,COMPLETION",
    help: "what a server asks for a million tokens of each: the cost is then told",
  },
} as const satisfies Record<string, OptionDefinition>;

/** `"0.5,1.5"` as prices. */
export function readPrice(text: string | undefined): { readonly price?: TokenPrice } {
  if (text === undefined) return {};
  const [prompt = Number.NaN, completion = Number.NaN, ...more] = text
    .split(",")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  if (prompt >= 0 && completion >= 0 && more.length === 0) return { price: { prompt, completion } };
  throw new UserError("bad-option", `--price must be two prices of at least 0, found "${text}"`, {
    remedy: "Write it as --price 0.5,1.5: for a million prompt tokens, for a million generated ones.",
  });
}

/** Requests that wait in front of each server, so that none stands idle while a slow one holds the next in line. */
const WAITING_AT_EACH = 64;

/** Items to ask about at once: what was asked for, else enough for all of a model's servers, else `otherwise`. */
export function readConcurrency<T>(
  given: number | undefined,
  model: LanguageModel,
  otherwise: T,
): number | T {
  const servers = endpointReports(model)?.length;
  return given ?? (servers === undefined ? otherwise : WAITING_AT_EACH * servers);
}

/** What came of each server, as a table; nothing for other models. Gives what `--json` tells of them. */
export function printEndpoints(
  io: CommandIo,
  model: LanguageModel,
): { readonly endpoints?: readonly EndpointReport[] } {
  const endpoints = endpointReports(model);
  if (endpoints === undefined) return {};
  const count = (tokens: number): string => tokens.toLocaleString("en");
  const priced = endpoints.some(({ cost }) => cost !== undefined);
  printTable(
    io,
    [
      "server",
      "state",
      "answered",
      "failed",
      "busy",
      "outages",
      "s/answer",
      "read",
      "written",
      ...(priced ? ["cost"] : []),
    ],
    endpoints.map((one) => [
      one.url,
      one.state,
      count(one.requests),
      count(one.failures),
      count(one.busy),
      count(one.outages),
      one.seconds.toFixed(2),
      count(one.promptTokens),
      count(one.completionTokens),
      ...(priced ? [one.cost === undefined ? "" : one.cost.toFixed(4)] : []),
    ]),
  );
  return { endpoints };
}
