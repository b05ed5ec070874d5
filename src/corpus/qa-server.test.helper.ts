// A server of OpenAI's chat completions on a real socket whose answers are a matter of prompt and seed, and which misbehaves on demand.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { QaPrompts } from "./qa-prompts.ts";

/** What may go wrong with a request. */
export type Fault =
  | "too-many"
  | "failing"
  | "cut"
  | "ended"
  | "not-json"
  | "no-choices"
  | "slow"
  | "unauthorized"
  | "filtered";

/** Prompts that the server understands. */
export const TEST_PROMPTS: QaPrompts = {
  id: "test",
  version: "1",
  languages: {
    en: {
      question: "QUESTION: {text}",
      answer: "ANSWER: {question} FROM {reference}",
      dialogue: "DIALOGUE: {text}",
    },
  },
};

/** A text that the server can be asked about. */
export function medicineText(number: number): string {
  return `Medicine number ${number} lowers fever and eases pain in adults. The usual dose is ${100 + number} mg, taken with food twice a day. Doctors advise against it in late pregnancy.`;
}

/** What the server says to a prompt; every third seed tempts it to a figure of its own. */
function replyTo(prompt: string, seed: number): string {
  const [, number = "0"] = /number (\d+)/u.exec(prompt) ?? [];
  const dose = seed % 3 === 0 ? "999 mg" : `${100 + Number(number)} mg`;
  if (prompt.startsWith("QUESTION")) return `What is the usual dose of medicine number ${number}?`;
  if (prompt.startsWith("ANSWER"))
    return `The usual dose of medicine number ${number} is ${dose}, taken with food twice a day.`;
  return [
    `<Patient>I have a fever. May I take medicine number ${number}?</Patient>`,
    `<Doctor>Yes, adults take ${dose} with food twice a day, though not in late pregnancy.</Doctor>`,
  ].join("\n");
}

/** A running server. */
export interface QaServer {
  readonly url: string;
  /** Every completion asked for, as `prompt|seed`, and when. */
  readonly requests: { readonly key: string; readonly at: number }[];
  /** The most that were answered at once. */
  readonly busiest: number;
  close(): void;
}

/** Starts a server; `fault` says what happens to the nth request (from 0), `milliseconds` how long an answer takes. */
export async function startQaServer(
  options: {
    readonly fault?: (n: number, key: string, active: number) => Fault | undefined;
    readonly reply?: (prompt: string, seed: number) => string | undefined;
    readonly milliseconds?: number;
  } = {},
): Promise<QaServer> {
  const { fault = () => undefined, reply = () => undefined, milliseconds = 0 } = options;
  const requests: QaServer["requests"] = [];
  let active = 0;
  let busiest = 0;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = "";
    for await (const part of request) text += String(part);
    if (request.url === "/v1/models") {
      response.end(JSON.stringify({ object: "list", data: [{ id: "tester" }] }));
      return;
    }
    const body = JSON.parse(text) as { messages: { content: string }[]; seed: number };
    const prompt = body.messages[0]!.content;
    const key = `${prompt}|${body.seed}`;
    const wrong = fault(requests.length, key, active);
    requests.push({ key, at: performance.now() });
    if (wrong === "too-many") response.writeHead(429, { "retry-after": "0.2" });
    if (wrong === "failing") response.writeHead(500, { "retry-after-ms": "1" });
    if (wrong === "unauthorized") response.writeHead(401);
    if (wrong === "filtered") response.writeHead(400);
    if (response.statusCode !== 200) {
      response.end(JSON.stringify({ error: { message: wrong } }));
      return;
    }
    active++;
    busiest = Math.max(busiest, active);
    const said = reply(prompt, body.seed) ?? replyTo(prompt, body.seed);
    const event = (value: unknown): void =>
      void response.write(`data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`);
    response.writeHead(200, { "content-type": "text/event-stream" });
    const half = said.length >> 1;
    for (const part of [said.slice(0, half), said.slice(half)]) {
      await sleep(wrong === "slow" ? 300 : milliseconds / 2);
      if (wrong === "no-choices") event({ choices: [] });
      else event({ choices: [{ delta: { content: part } }] });
      if (wrong === "not-json") event('{"choices": [{"delta"');
      if (wrong === "cut") {
        active--;
        response.destroy();
        return;
      }
    }
    if (wrong !== "ended" && wrong !== "no-choices") {
      event({ choices: [{ delta: {}, finish_reason: "stop" }] });
      event({ choices: [], usage: { prompt_tokens: prompt.length, completion_tokens: said.length } });
    }
    if (wrong !== "ended") event("[DONE]");
    active--;
    response.end();
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    get busiest() {
      return busiest;
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
