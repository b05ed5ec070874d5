// JSON Schema as it is read: which keywords there are, what a node says of its values, and where its references lead. Makes no grammar.
import { ApiError } from "./errors.ts";

/** A node that is not `true` or `false`. */
export type Schema = Readonly<Record<string, unknown>>;

const TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
/** A type that a schema may name. */
export type Type = (typeof TYPES)[number];

/** Keywords by the type they bind; they say nothing about values of other types. */
export const KEYWORDS: Readonly<Record<"object" | "array" | "string" | "number", readonly string[]>> = {
  object: [
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
  ],
  array: ["items", "prefixItems", "minItems", "maxItems"],
  string: ["minLength", "maxLength", "format"],
  number: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"],
};
/** Keywords that bind nothing. */
export const ANNOTATIONS: ReadonlySet<string> = new Set(
  "title description default examples example deprecated readOnly writeOnly $schema $id $comment $defs definitions strict".split(
    " ",
  ),
);
/** Keywords that make a schema of others. */
export const COMBINING = ["$ref", "anyOf", "oneOf", "allOf"] as const;
/** Keywords that a grammar can keep. */
export const KNOWN: ReadonlySet<string> = new Set([
  "type",
  "enum",
  "const",
  ...COMBINING,
  ...Object.values(KEYWORDS).flat(),
]);

/** llama.cpp writes every repetition out. */
const MOST_REPETITIONS = 1000;

/** The refusal of what a schema asks for at `path`. */
export function refused(path: string, message: string): ApiError {
  return new ApiError(400, path === "" ? message : `"${path}": ${message}`, {
    param: path === "" ? undefined : path,
    code: "unsupported_schema",
  });
}

/** True for an object that is no list. */
export function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** True for a schema that binds nothing but that its values are texts. */
export function onlyAnyText(schema: Schema): boolean {
  return Object.entries(schema).every(
    ([keyword, value]) => ANNOTATIONS.has(keyword) || (keyword === "type" && value === "string"),
  );
}

/** The types a schema names, or the one its keywords are about; none when anything goes. */
export function typesOf(node: Schema, path: string): readonly Type[] {
  if (node.type === undefined) {
    const about = (Object.keys(KEYWORDS) as (keyof typeof KEYWORDS)[]).find((type) =>
      KEYWORDS[type].some((keyword) => node[keyword] !== undefined),
    );
    return about === undefined ? [] : [about];
  }
  const named = [node.type].flat();
  if (named.length === 0 || !named.every((type): type is Type => TYPES.includes(type as Type)))
    throw refused(`${path}.type`, `must be one or more of ${TYPES.join(", ")}`);
  return named;
}

/** True for a value of that type. */
export function isOfType(value: unknown, type: Type): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
    case "number":
    case "boolean":
      return typeof value === type;
    default:
      return type satisfies never;
  }
}

/** A count that llama.cpp can repeat. */
export function count(node: Schema, keyword: string, path: string): number | undefined {
  const value = node[keyword];
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || Number(value) < 0)
    throw refused(`${path}.${keyword}`, "must be a whole number, 0 or more");
  if (Number(value) > MOST_REPETITIONS)
    throw refused(`${path}.${keyword}`, `is more than ${MOST_REPETITIONS}, the largest supported`);
  return Number(value);
}

/** What a JSON pointer in a fragment (`#/$defs/a`) leads to. */
export function resolve(root: unknown, target: string): unknown {
  let node = root;
  for (const part of target.split("/").slice(1)) {
    const key = safeDecode(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(node)) node = node[Number(key)];
    else if (isObject(node) && Object.hasOwn(node, key)) node = node[key];
    else return undefined;
  }
  return node;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
