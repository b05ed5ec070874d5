// The fields of a chat request that bind the form of its answer: tools, the choice among them, and the response's format.
import { z } from "zod";
import { ApiError } from "./errors.ts";
import { createGrammarBuilder } from "./json-grammar.ts";
import { ANY_OBJECT } from "./json-rules.ts";
import { type Tool, type ToolUse, toolGrammar } from "./tools.ts";

/** More would not be told apart by any model. */
const MOST_TOOLS = 128;

const tool = z.object({
  type: z.literal("function", { error: "must be function" }),
  function: z.object({
    name: z.string().regex(/^[\w-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -"),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
});

/** Zod fields of the request. */
export const toolFields = {
  tools: z.array(tool).max(MOST_TOOLS).nullish(),
  tool_choice: z
    .union(
      [
        z.enum(["none", "auto", "required"]),
        z.object({ type: z.literal("function"), function: z.object({ name: z.string() }) }),
      ],
      { error: 'must be "none", "auto", "required" or {"type": "function", "function": {"name": ...}}' },
    )
    .nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: z
    .discriminatedUnion(
      "type",
      [
        z.object({ type: z.literal("text") }),
        // llama-server takes a schema here too.
        z.object({ type: z.literal("json_object"), schema: z.record(z.string(), z.unknown()).nullish() }),
        z.object({
          type: z.literal("json_schema"),
          json_schema: z.object({ schema: z.record(z.string(), z.unknown()).nullish() }),
        }),
      ],
      { error: "must be of type text, json_object or json_schema" },
    )
    .nullish(),
};

type ToolRequest = z.output<z.ZodObject<typeof toolFields>>;

/** How an answer is bound. */
export interface AnswerForm {
  /** The tools that the model is told of. */
  readonly toolUse: ToolUse | undefined;
  /** GBNF that the answer follows. */
  readonly grammar: string | undefined;
}

/** Reads the form off a request. Throws `ApiError` 400 for tools that are not there and schemas that cannot be kept. */
export function readAnswerForm(request: ToolRequest): AnswerForm {
  const toolUse = readToolUse(request);
  const builder = createGrammarBuilder();
  const format = request.response_format;
  let answer: string | undefined;
  if (format?.type === "json_schema")
    answer = builder.schema(format.json_schema.schema ?? {}, "response_format.json_schema.schema");
  else if (format?.type === "json_object")
    answer = format.schema ? builder.schema(format.schema, "response_format.schema") : ANY_OBJECT;
  const root = toolUse === undefined ? answer : toolGrammar(builder, toolUse, answer);
  return { toolUse, grammar: root === undefined ? undefined : builder.finish(root) };
}

function readToolUse(request: ToolRequest): ToolUse | undefined {
  const { tools, tool_choice: choice } = request;
  if (!tools?.length) {
    if (choice === "required" || typeof choice === "object")
      if (choice !== null) throw new ApiError(400, '"tool_choice" needs "tools"', { param: "tool_choice" });
    return undefined;
  }
  const listed = tools.map(
    ({ function: { name, description, parameters } }): Tool => ({
      name,
      description: description ?? undefined,
      parameters: parameters ?? undefined,
    }),
  );
  const twice = listed.find(({ name }, i) => listed.findIndex((other) => other.name === name) < i);
  if (twice !== undefined)
    throw new ApiError(400, `two tools are both called "${twice.name}"`, { param: "tools" });
  if (choice === "none") return undefined;
  const parallel = request.parallel_tool_calls ?? true;
  if (typeof choice !== "object" || choice === null)
    return { tools: listed, required: choice === "required", parallel };
  const named = listed.filter(({ name }) => name === choice.function.name);
  if (named.length === 0)
    throw new ApiError(400, `"tool_choice" names "${choice.function.name}", which is not among the tools`, {
      param: "tool_choice",
    });
  return { tools: named, required: true, parallel: false };
}
