// The clients that people use, for real, over a socket, against llama.cpp running a tiny random model: its words are nonsense,
// so whatever has a form got it from the server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateObject, generateText, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";
import { type LogitModel, openGguf, writeTinyGguf } from "../engine/index.ts";
import { createApp } from "./app.ts";
import { createGrammarBuilder } from "./json-grammar.ts";
import { type RunningServer, startServer } from "./server.ts";
import { toolGrammar } from "./tools.ts";

// As Gemma's: no system message, and turns must alternate.
const TEMPLATE = `{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system role') }}{% endif %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>`;

let folder: string;
let model: LogitModel;
let server: RunningServer;
let client: OpenAI;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-clients-"));
  await writeTinyGguf(join(folder, "tiny.gguf"), { contextLength: 4096, chatTemplate: TEMPLATE });
  model = await openGguf(join(folder, "tiny.gguf"), { threads: 1, exact: "scores" });
  server = await startServer({ app: createApp({ models: [model] }), port: 0 });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "none", maxRetries: 0 });
});
after(async () => {
  await server.close(0);
  await model.close();
  await rm(folder, { recursive: true });
});

const messages = [{ role: "user" as const, content: "How much may she take?" }];
const dose = z.object({
  drug: z.enum(["paracetamol", "ibuprofen"]),
  milligrams: z.number().int().min(1).max(4000),
  with_food: z.boolean(),
});
const doseSchema = z.toJSONSchema(dose);
const tools: OpenAI.ChatCompletionFunctionTool[] = [
  { type: "function", function: { name: "set_dose", description: "Note a dose", parameters: doseSchema } },
  { type: "function", function: { name: "call_doctor" } },
];

test("openai: answers in the form of a schema, one after the other and streamed alike", async () => {
  const request = {
    model: "tiny",
    messages,
    seed: 4,
    n: 3,
    response_format: { type: "json_schema" as const, json_schema: { name: "dose", schema: doseSchema } },
  };
  const whole = await client.chat.completions.create(request);
  const texts = whole.choices.map(({ message }) => message.content!);
  assert.equal(new Set(texts).size, 3);
  for (const text of texts) dose.parse(JSON.parse(text));
  const streamed = ["", "", ""];
  for await (const chunk of await client.chat.completions.create({ ...request, stream: true }))
    for (const { index, delta } of chunk.choices) streamed[index] += delta.content ?? "";
  assert.deepEqual(streamed, texts);
  await assert.rejects(
    client.chat.completions.create({
      ...request,
      response_format: {
        type: "json_schema",
        json_schema: { name: "x", schema: { type: "object", properties: { a: { pattern: "b" } } } },
      },
    }),
    (error) =>
      error instanceof OpenAI.BadRequestError &&
      error.param === "response_format.json_schema.schema.properties.a",
  );
});

test("openai: tools are called as their schemas say, streamed in pieces that add up", async () => {
  const request = { model: "tiny", messages, tools, seed: 7 };
  for (const [choice, names] of [
    ["required", ["set_dose", "call_doctor"]],
    [{ type: "function" as const, function: { name: "set_dose" } }, ["set_dose"]],
  ] as const) {
    const asked = { ...request, tool_choice: choice, parallel_tool_calls: false };
    const whole = await client.chat.completions.create(asked);
    const [{ message, finish_reason }] = whole.choices as [OpenAI.ChatCompletion.Choice];
    assert.equal(finish_reason, "tool_calls");
    assert.equal(message.content, null);
    assert.equal(message.tool_calls?.length, 1);
    const [call] = message.tool_calls as [OpenAI.ChatCompletionMessageFunctionToolCall];
    assert.ok((names as readonly string[]).includes(call.function.name));
    const given = JSON.parse(call.function.arguments);
    if (call.function.name === "set_dose") dose.parse(given);
    else assert.deepEqual(given, {});

    // The client's own helper puts the pieces together.
    const final = await client.chat.completions.stream(asked).finalChatCompletion();
    const [again] = final.choices[0]!.message.tool_calls as [OpenAI.ChatCompletionMessageFunctionToolCall];
    assert.equal(again.function.arguments, call.function.arguments);
    assert.equal(final.choices[0]!.finish_reason, "tool_calls");

    const { id } = call;
    const next = await client.chat.completions.create({
      ...request,
      tool_choice: "none",
      messages: [
        ...messages,
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: id, content: "noted" },
        { role: "tool", tool_call_id: "other", content: "twice" },
      ],
      max_tokens: 8,
    });
    assert.notEqual(next.choices[0]!.finish_reason, "tool_calls");
    assert.equal(next.choices[0]!.message.tool_calls, undefined);
  }
  const free = await client.chat.completions.create({ ...request, max_tokens: 60 });
  assert.ok(!free.choices[0]!.message.content?.includes("<tool_call>"));
  for (const wrong of [
    { tool_choice: { type: "function" as const, function: { name: "absent" } } },
    { tools: [tools[0]!, tools[0]!] },
    { logprobs: true },
  ])
    await assert.rejects(client.chat.completions.create({ ...request, ...wrong }), OpenAI.BadRequestError);
  await assert.rejects(
    client.chat.completions.create({ model: "tiny", messages, tool_choice: "required" }),
    OpenAI.BadRequestError,
  );
});

test("where calls are optional, any text may come, and a call that is begun must be a whole one", () => {
  const builder = createGrammarBuilder();
  const use = {
    tools: [{ name: "call_doctor", description: undefined, parameters: undefined }],
    required: false,
    parallel: true,
  };
  const grammar = builder.finish(toolGrammar(builder, use, undefined));
  const call = '<tool_call>\n{"name": "call_doctor", "arguments": {}}\n</tool_call>';
  const follows = (text: string): "whole" | "begun" | "no" => {
    const constraint = model.constrain!(grammar);
    try {
      for (const id of model.tokenizer.encode(text)) {
        if (!constraint.allows(id)) return "no";
        constraint.accept(id);
      }
      return constraint.allows(model.tokenizer.eosId!) ? "whole" : "begun";
    } finally {
      constraint.dispose();
    }
  };
  for (const text of ["", "पानी < 5 <tool_cal> <<tool", call, `I will.\n${call}`, `<${call}\n${call}`])
    assert.equal(follows(text), "whole", text);
  for (const text of ["<tool_call>", call.slice(0, -1)]) assert.equal(follows(text), "begun", text);
  for (const text of ["<tool_call>x", `${call} and more`, call.replace("call_doctor", "absent")])
    assert.equal(follows(text), "no", text);
});

test("openai: embeddings are the same as numbers and as base64, which it asks for by itself", async () => {
  const input = ["fever", "حمى", "fever"];
  const reply = await client.embeddings.create({ model: "tiny", input });
  const plain = await client.embeddings.create({ model: "tiny", input, encoding_format: "float" });
  assert.deepEqual(
    reply.data.map(({ embedding }) => embedding.map(Math.fround)),
    plain.data.map(({ embedding }) => embedding.map(Math.fround)),
  );
  const own = await model.embed!(input);
  assert.deepEqual(reply.data[1]!.embedding, [...own[1]!.vector]);
  assert.equal(
    reply.usage.total_tokens,
    own.reduce((sum, { tokens }) => sum + tokens, 0),
  );
  const ids = [...model.tokenizer.encode("fever")];
  const tokens = await client.embeddings.create({ model: "tiny", input: ids });
  assert.deepEqual(tokens.data[0]!.embedding, reply.data[0]!.embedding);
  for (const wrong of [{ input, dimensions: 7 }, { input: [""] }, { input: [999_999] }])
    await assert.rejects(client.embeddings.create({ model: "tiny", ...wrong }), OpenAI.BadRequestError);
});

test("openai: a bias and penalties change what is said", async () => {
  const ask = async (options: object): Promise<string> => {
    const reply = await client.chat.completions.create({
      model: "tiny",
      messages,
      temperature: 0,
      max_tokens: 24,
      ...options,
    });
    return reply.choices[0]!.message.content!;
  };
  const [x] = model.tokenizer.encode("x");
  assert.equal(await ask({ logit_bias: { [x!]: 100 } }), "x".repeat(24));
  assert.notEqual(
    await ask({ logit_bias: { [x!]: 100 }, frequency_penalty: 2, presence_penalty: 2, max_tokens: 200 }),
    "x".repeat(200),
  );
  await assert.rejects(ask({ logit_bias: { fever: 1 } }), OpenAI.BadRequestError);
  await assert.rejects(ask({ presence_penalty: 3 }), OpenAI.BadRequestError);
});

test("Vercel's AI SDK: text, streams, objects, tools and embeddings", async () => {
  const provider = createOpenAICompatible({
    name: "apollo",
    baseURL: `${server.url}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
  const tiny = provider("tiny");
  const text = await generateText({ model: tiny, prompt: "hello", seed: 2, maxOutputTokens: 12 });
  const stream = streamText({ model: tiny, prompt: "hello", seed: 2, maxOutputTokens: 12 });
  let streamed = "";
  for await (const piece of stream.textStream) streamed += piece;
  assert.equal(streamed, text.text);
  assert.equal((await stream.usage).outputTokens, text.usage.outputTokens);

  const { object } = await generateObject({ model: tiny, prompt: "a dose", schema: dose, seed: 5 });
  dose.parse(object);

  const calling = await generateText({
    model: tiny,
    prompt: "a dose",
    tools: { set_dose: tool({ inputSchema: dose, execute: ({ milligrams }) => `${milligrams} mg noted` }) },
    toolChoice: "required",
    seed: 3,
  });
  assert.equal(calling.finishReason, "tool-calls");
  assert.match(String(calling.toolResults[0]?.output), /^\d+ mg noted$/);
  const { embeddings } = await embedMany({
    model: provider.embeddingModel("tiny"),
    values: ["fever", "cough"],
  });
  assert.equal(embeddings.length, 2);
});

test("curl: a streamed answer ends with [DONE]", async (context) => {
  const curl = promisify(execFile);
  try {
    await curl("curl", ["--version"]);
  } catch {
    return context.skip("curl is not installed");
  }
  const body = JSON.stringify({ model: "tiny", messages, stream: true, max_tokens: 5 });
  const { stdout } = await curl("curl", ["-sN", `${server.url}/v1/chat/completions`, "-d", body]);
  const events = stdout.trim().split("\n\n");
  assert.equal(events.at(-1), "data: [DONE]");
  for (const event of events.slice(0, -1)) JSON.parse(event.replace(/^data: /, ""));
  const { stdout: metrics } = await curl("curl", ["-s", `${server.url}/metrics`]);
  assert.match(metrics, /^apollo:generation_tokens_total\{model_name="tiny"\} [1-9]\d*$/m);
});
