// A real server over a real model for tests: an OpenAI-compatible one, as small as it can be, that can be told to misbehave, stopped and started again.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { UserError } from "../core/index.ts";
import { type LogitModel, logNormaliser } from "./index.ts";

/** What the server does before it answers; true when that was all. A test may put in a failure. */
export type Hook = (
  request: IncomingMessage,
  response: ServerResponse,
  body: Record<string, unknown>,
) => boolean | Promise<boolean>;

/** A running server. */
export interface ModelServer {
  readonly url: string;
  /** Bodies of the requests so far. */
  readonly bodies: Record<string, unknown>[];
  hook: Hook;
  /** Ends at once: connections are cut. */
  stop(): Promise<void>;
  /** Listens again on the port that it had. */
  restart(): Promise<void>;
}

/** Serves `local` under the name `name`. */
export async function startModelServer(local: LogitModel, name = "tiny"): Promise<ModelServer> {
  let server: Server;
  let port = 0;
  const bodies: Record<string, unknown>[] = [];
  const self = { bodies, hook: (() => false) as Hook, url: "", stop, restart };

  async function restart(): Promise<void> {
    server = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => {
        if (!(error instanceof UserError) || response.headersSent) return response.destroy(error as Error);
        response.writeHead(400);
        response.end(
          JSON.stringify({ error: { message: error.message, code: error.code.replaceAll("-", "_") } }),
        );
      });
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
    self.url = `http://127.0.0.1:${port}/v1`;
  }

  async function stop(): Promise<void> {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const part of request) text += String(part);
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    bodies.push(body);
    if (await self.hook(request, response, body)) return;
    response.setHeader("content-type", "application/json");
    if (request.url === "/v1/models") {
      response.end(
        JSON.stringify({ object: "list", data: [{ id: name, max_model_len: local.contextLength }] }),
      );
    } else if (body.echo === true) {
      const generated = body.max_tokens === 1 ? ["!"] : [];
      const choices = await Promise.all(
        (body.prompt as string[]).map((text, index) => echo(text, index, generated)),
      );
      const prompt_tokens = (body.prompt as string[]).reduce(
        (sum, text) => sum + local.tokenizer.encode(text).length,
        0,
      );
      response.end(JSON.stringify({ choices, usage: { prompt_tokens } }));
    } else if (body.prompt_logprobs !== undefined) {
      const choices = await Promise.all((body.prompt as string[]).map(promptLogprobs));
      response.end(JSON.stringify({ choices }));
    } else {
      await streamAnswer(body, response);
    }
  }

  async function echo(text: string, index: number, generated: readonly string[]): Promise<unknown> {
    const tokens = local.tokenizer.encode(text);
    const spell = (id: number): string => local.tokenizer.decode([id]);
    const values: (number | null)[] = [null];
    const top: (Record<string, number> | null)[] = [null];
    await local.visitLogits(tokens.subarray(0, 1), [tokens.subarray(1)], (logits, _, position) => {
      const id = tokens[position + 1];
      if (id === undefined) return;
      const { argmax, max, logSum } = logNormaliser(logits);
      values.push(logits[id]! - logSum);
      top.push({ [spell(id)]: logits[id]! - logSum, [spell(argmax)]: max - logSum });
    });
    for (const piece of generated) {
      values.push(-1);
      top.push({ [piece]: -1 });
    }
    return {
      index,
      text: text + generated.join(""),
      logprobs: {
        tokens: [...Array.from(tokens, spell), ...generated],
        token_logprobs: values,
        top_logprobs: top,
      },
    };
  }

  /** vLLM's answer to `prompt_logprobs: 1`: at each place the prompt's token and the likeliest, by id. */
  async function promptLogprobs(text: string, index: number): Promise<unknown> {
    const tokens = local.tokenizer.encode(text);
    const places: (object | null)[] = [null];
    await local.visitLogits(tokens.subarray(0, 1), [tokens.subarray(1)], (logits, _, position) => {
      const actual = tokens[position + 1];
      if (actual === undefined) return;
      const { logSum } = logNormaliser(logits);
      const rank = (id: number): number => 1 + logits.filter((value) => value > logits[id]!).length;
      const entry = (id: number) => [
        id,
        { logprob: logits[id]! - logSum, rank: rank(id), decoded_token: local.tokenizer.decode([id]) },
      ];
      places.push(Object.fromEntries([actual, logNormaliser(logits).argmax].map(entry)));
    });
    return { index, text: " generated", prompt_logprobs: places };
  }

  async function streamAnswer(body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    response.setHeader("content-type", "text/event-stream");
    const chat = "messages" in body;
    const send = (event: unknown): void => {
      response.write(`: ping\n\ndata: ${JSON.stringify(event)}\r\n\r\n`);
    };
    const input = chat ? { messages: body.messages as [] } : { prompt: String(body.prompt) };
    for await (const { text, token, finish, usage } of local.generate({
      input,
      maxTokens: Number(body.max_tokens ?? 8),
      stop: (body.stop ?? []) as string[],
      temperature: Number(body.temperature),
      seed: Number(body.seed),
      topLogProbabilities: Number(body.logprobs === true ? body.top_logprobs : (body.logprobs ?? 2)),
    })) {
      const entry = { token: token!.text, logprob: token!.logProbability };
      const others = token!.top.map((other) => ({ token: other.text, logprob: other.logProbability }));
      send({
        choices: [
          chat
            ? {
                delta: { content: text },
                logprobs: { content: [{ ...entry, top_logprobs: others }] },
                finish_reason: finish ?? null,
              }
            : {
                text,
                logprobs: {
                  tokens: [entry.token],
                  token_logprobs: [entry.logprob],
                  top_logprobs: [Object.fromEntries(others.map((other) => [other.token, other.logprob]))],
                },
                finish_reason: finish ?? null,
              },
        ],
      });
      if (usage !== undefined)
        send({
          choices: [],
          usage: { prompt_tokens: usage.promptTokens, completion_tokens: usage.completionTokens },
        });
    }
    response.end("data: [DONE]\n\n");
  }

  await restart();
  return self;
}
