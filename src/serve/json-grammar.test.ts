// What a schema's grammar lets through is held against another reader of JSON Schema (zod's), with llama.cpp itself following
// the grammar: random schemas, random allowed tokens.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { createRandom } from "../core/index.ts";
import { type LogitModel, openGguf, writeTinyGguf } from "../engine/index.ts";
import { ApiError } from "./errors.ts";
import { createGrammarBuilder } from "./json-grammar.ts";

let folder: string;
let model: LogitModel;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-json-grammar-"));
  await writeTinyGguf(join(folder, "tiny.gguf"));
  model = await openGguf(join(folder, "tiny.gguf"), { threads: 1 });
});
after(async () => {
  await model.close();
  await rm(folder, { recursive: true });
});

function grammarOf(schema: unknown): string {
  const builder = createGrammarBuilder();
  return builder.finish(builder.schema(schema, "schema"));
}

/** Random text of at most about `limit` tokens that follows the grammar: in the end whatever closes is preferred. */
function randomText(grammar: string, seed: string, limit = 60): string {
  const random = createRandom(seed);
  const constraint = model.constrain!(grammar);
  const bytes: number[] = [];
  try {
    for (let step = 0; ; step++) {
      const logits = new Float32Array(model.vocabularySize);
      constraint.restrict(logits);
      const allowed = [...logits.keys()].filter((id) => logits[id] === 0);
      assert.ok(allowed.length > 0, `nothing may follow ${Buffer.from(bytes)}`);
      const end = allowed.filter((id) => model.tokenizer.isEnd(id));
      const text = allowed.filter((id) => !model.tokenizer.isSpecial(id));
      if (end.length > 0 && (text.length === 0 || step > limit || random.next() < 0.3)) break;
      const closing = text.filter((id) => /^["\]},:0-9a-z]$/.test(model.tokenizer.decode([id])));
      const strong = closing.filter((id) => /^["\]}]$/.test(model.tokenizer.decode([id])));
      const choice = step > limit ? (strong.length > 0 ? strong : closing.length > 0 ? closing : text) : text;
      const id = choice[random.integer(choice.length)]!;
      constraint.accept(id);
      bytes.push(...model.tokenizer.bytes(id));
      assert.ok(step < 20 * limit, `does not end: ${Buffer.from(bytes)}`);
    }
  } finally {
    constraint.dispose();
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
}

function assertValid(schema: object, seed: string): unknown {
  const text = randomText(grammarOf(schema), seed);
  const value = JSON.parse(text);
  const result = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value);
  assert.ok(result.success, `${text} against ${JSON.stringify(schema)}: ${result.error?.message}`);
  return value;
}

const small = fc.integer({ min: 0, max: 4 });
const { schema: anySchema } = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<object>(
      { type: "string" },
      { type: "boolean" },
      { type: "null" },
      { type: "number" },
      { type: "integer" },
      { type: ["string", "null"] },
      { type: "string", format: "date" },
      { type: "string", format: "uuid" },
      { type: "string", format: "date-time" },
      { enum: ['a"b\\c', "नमस्ते", 3, null] },
      { const: "x\ny" },
    ),
    fc
      .tuple(fc.integer({ min: -3000, max: 3000 }), fc.integer({ min: 0, max: 2500 }), fc.boolean())
      .map(([minimum, width, whole]) => ({
        type: whole ? "integer" : "number",
        minimum,
        maximum: minimum + width,
      })),
    fc
      .tuple(small, small)
      .map(([least, more]) => ({ type: "string", minLength: least, maxLength: least + more })),
    fc
      .tuple(tie("schema"), small, small)
      .map(([items, least, more]) => ({ type: "array", items, minItems: least, maxItems: least + more })),
    fc.array(tie("schema"), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc
      .tuple(
        fc.dictionary(fc.constantFrom("dose", "unité", "ملاحظة", "a b", '"'), tie("schema"), { maxKeys: 4 }),
        fc.boolean(),
      )
      .map(([properties, all]) => ({
        type: "object",
        // zod reads a name like __proto__ oddly; ours are plain.
        properties: { ...properties },
        required: Object.keys(properties).filter((_, i) => all || i % 2 === 0),
        additionalProperties: false,
      })),
    tie("schema").map((additionalProperties) => ({ type: "object", additionalProperties, maxProperties: 2 })),
  ),
}));

test("every text that follows a schema's grammar is valid JSON and validates", () => {
  fc.assert(
    fc.property(anySchema, fc.integer(), (schema, seed) => {
      assertValid(schema, String(seed));
    }),
    { numRuns: 60, seed: 20261122 },
  );
});

test("references, recursion, tuples, maps and unions as zod and pydantic write them", () => {
  const tree = {
    $ref: "#/$defs/node",
    $defs: {
      node: {
        type: "object",
        properties: {
          name: { type: "string", maxLength: 3 },
          children: { type: "array", items: { $ref: "#/$defs/node" }, maxItems: 1 },
        },
        required: ["name"],
        additionalProperties: false,
      },
    },
  };
  const disjoint = {
    oneOf: [
      {
        type: "object",
        properties: { kind: { const: "pill" }, count: { type: "integer", minimum: 1 } },
        required: ["kind", "count"],
      },
      {
        type: "object",
        properties: { kind: { const: "syrup" }, ml: { type: "number", exclusiveMinimum: 0, maximum: 1 } },
        required: ["kind", "ml"],
      },
    ],
  };
  const tuple = {
    type: "array",
    prefixItems: [{ type: "boolean" }, { type: "null" }],
    items: { type: "integer" },
    maxItems: 4,
  };
  const record = z.toJSONSchema(z.record(z.string(), z.number().int().min(0).max(120)));
  const person = z.toJSONSchema(
    z.object({
      name: z.string(),
      age: z.number().int(),
      note: z.string().nullable(),
      tags: z.array(z.enum(["x", "y"])).optional(),
    }),
  );
  for (const [i, schema] of [tree, disjoint, tuple, record, person].entries())
    for (let seed = 0; seed < 8; seed++) assertValid(schema, `${i}/${seed}`);
});

test("bounds reach their ends and nothing beyond", () => {
  const seen = new Set<number>();
  for (let seed = 0; seed < 80; seed++)
    seen.add((assertValid({ type: "integer", minimum: -2, exclusiveMaximum: 3 }, `b${seed}`) as number) + 0);
  assert.deepEqual(
    [...seen].map((n) => n || 0).sort((a, b) => a - b),
    [-2, -1, 0, 1, 2],
  );
});

test("what cannot be kept is refused by name and place", () => {
  const cases: [unknown, string, RegExp][] = [
    [{ type: "string", pattern: "^a" }, "schema", /"pattern"/],
    [
      { type: "object", properties: { a: { type: "array", uniqueItems: true } } },
      "schema.properties.a",
      /"uniqueItems"/,
    ],
    [{ type: "string", format: "email" }, "schema", /email/],
    [{ not: {} }, "schema", /"not"/],
    [{ allOf: [{ type: "string" }, { minLength: 2 }] }, "schema", /allOf/],
    [{ oneOf: [{ type: "number" }, { type: "integer" }] }, "schema", /oneOf/],
    [{ type: "integer", minimum: 5, maximum: 4 }, "schema", /no number/],
    [{ $ref: "#" }, "schema", /leads to itself/],
    [
      { anyOf: [{ $ref: "#/$defs/a" }], $defs: { a: { anyOf: [{ $ref: "#/$defs/a" }] } } },
      "schema.$defs.a.anyOf[0]",
      /itself/,
    ],
    [{ $ref: "http://x/y" }, "schema", /into the schema itself/],
    [{ type: "string", minLength: 5000 }, "schema.minLength", /largest/],
    [{ type: "float" }, "schema.type", /one or more of/],
    [false, "schema", /no value/],
    [[], "schema", /must be a schema/],
    [{ enum: [] }, "schema", /no value/],
  ];
  for (const [schema, param, message] of cases)
    assert.throws(
      () => grammarOf(schema),
      (error) =>
        error instanceof ApiError &&
        error.status === 400 &&
        error.param === param &&
        message.test(error.message),
      JSON.stringify(schema),
    );
  let deep: object = { type: "string" };
  for (let i = 0; i < 100; i++) deep = { type: "array", items: deep };
  assert.throws(() => grammarOf(deep), ApiError);
});
