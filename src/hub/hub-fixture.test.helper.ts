// What the hub's tests share: a local hub with its own empty cache, both gone when the test ends.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  type LocalHub,
  type LocalHubOptions,
  type LocalRepository,
  type SeenRequest,
  startLocalHub,
} from "./local-hub.ts";
import type { PullOptions } from "./open-pull.ts";
import { type PullResult, pull } from "./pull.ts";

/** Bytes that repeat nowhere, the same in every run. */
function sampleBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

export const WEIGHTS = sampleBytes(300_000);
export const CONFIG = '{"model_type":"llama"}\n';

/** A model as they are published: wanted files, unwanted ones, a file in a folder. */
export const MODEL: LocalRepository = {
  type: "model",
  id: "owner/model",
  files: {
    ".gitattributes": "*.safetensors filter=lfs\n",
    "README.md": "# Model\n",
    "config.json": CONFIG,
    "model.safetensors": WEIGHTS,
    "onnx/model.onnx": "onnx",
    "pytorch_model.bin": "pickle",
    "tokenizer.json": "{}",
    "additional_chat_templates/tool.jinja": "",
  },
  revisions: ["main", "v1", "refs/pr/1"],
};

export interface Fixture {
  readonly hub: LocalHub;
  readonly home: string;
  readonly variables: Record<string, string>;
  /** Lines that a person would have seen. */
  readonly warnings: string[];
  pull(spec: string, options?: PullOptions & { readonly env?: Record<string, string> }): Promise<PullResult>;
  /** Requests for the bytes of files, in order. */
  downloads(): SeenRequest[];
  blobs(id?: string): Promise<string[]>;
}

export async function startFixture(
  context: TestContext,
  repositories: readonly LocalRepository[] = [MODEL],
  options: LocalHubOptions = {},
): Promise<Fixture> {
  const home = await mkdtemp(join(tmpdir(), "apollo-hub-"));
  const hub = await startLocalHub(repositories, options);
  context.after(async () => {
    await hub.close();
    await rm(home, { recursive: true, force: true });
  });
  const variables = { HF_HOME: home, HF_ENDPOINT: hub.endpoint };
  const warnings: string[] = [];
  return {
    hub,
    home,
    variables,
    warnings,
    pull: (spec, { env = {}, ...rest } = {}) =>
      pull(spec, {
        variables: { ...variables, ...env },
        retry: { attempts: 5, wait: 1, longestWait: 2000 },
        warn: (line) => warnings.push(line),
        ...rest,
      }),
    downloads: () =>
      hub.requests.filter(({ server, url }) => server === "storage" || url.includes("/resolve/")),
    blobs: async (id = "models--owner--model") =>
      (await readdir(join(home, "hub", id, "blobs")).catch(() => [])).sort(),
  };
}

/** Sends the first `length` bytes of `bytes` as if all would come, then cuts the connection. */
export function sendCut(response: ServerResponse, bytes: Buffer, length: number): true {
  response.writeHead(200, { "content-length": bytes.length });
  response.write(bytes.subarray(0, length), () => response.destroy());
  return true;
}

/** Answers with a status and headers and nothing else. */
export function sendStatus(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | number> = {},
  body = "",
): true {
  response.writeHead(status, headers);
  response.end(body);
  return true;
}
