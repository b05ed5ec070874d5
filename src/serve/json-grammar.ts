// JSON and JSON Schema as GBNF, the notation of llama.cpp's grammars: a text that follows the grammar validates against the
// schema. It may be narrower (declared properties in their order, no others beside them), never wider; a keyword that cannot
// be kept is refused by name. Notation: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
import { ApiError } from "./errors.ts";
import { integerGrammar, type NumberBounds, numberGrammar } from "./number-grammar.ts";

/** Collects rules. */
export interface GrammarBuilder {
  /** Adds a rule for the schema; gives its name. Throws `ApiError` 400 with `path` for what it cannot keep. */
  schema(schema: unknown, path: string): string;
  /** Adds a rule with this body; gives its name. */
  rule(body: string): string;
  /** Adds rules that name one another; gives their names. */
  rules(count: number, body: (index: number, nameOf: (index: number) => string) => string): string[];
  /** All rules, `root` first. */
  finish(root: string): string;
}

/** Any JSON object, as `response_format: {"type": "json_object"}` asks for. */
export const ANY_OBJECT = "object";

/** A text as a GBNF literal. */
export function literal(text: string): string {
  const escaped = text.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

const DAYS = '("0" [1-9] | [12] [0-9]';
const DATE = `[12] [0-9]{3} "-" (("0" [13578] | "1" [02]) "-" ${DAYS} | "3" [01]) | ("0" [469] | "11") "-" ${DAYS} | "30") | "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))`;
const TIME =
  '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("Z" | [+-] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])';
const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  "date-time": `${DATE} "T" ${TIME}`,
  uuid: '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [1-8] [0-9a-f]{3} "-" [89ab] [0-9a-f]{3} "-" [0-9a-f]{12}',
};

const COMMON_RULES: Readonly<Record<string, string>> = {
  // Bounded, so that no text goes on for ever in blanks.
  ws: '(" " | "\\n" [ ]{0,24})?',
  hex: "[0-9a-fA-F]",
  // No escaped surrogates: a lone one is no character, and a pair would count as two.
  char: '[^"\\\\\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" ([0-9abcefABCEF] hex hex hex | [dD] [0-7] hex hex))',
  string: '"\\"" char* "\\""',
  number: '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
  integer: '"-"? ("0" | [1-9] [0-9]{0,14})',
  boolean: '"true" | "false"',
  null: '"null"',
  value: "object | array | string | number | boolean | null",
  pair: 'string ":" ws value',
  object: '"{" ws (pair ("," ws pair)* ws)? "}"',
  array: '"[" ws (value ("," ws value)* ws)? "]"',
};

const TYPES = ["object", "array", "string", "number", "integer", "boolean", "null"] as const;
type Type = (typeof TYPES)[number];

/** Keywords by the type they bind; they say nothing about values of other types. */
const KEYWORDS: Readonly<Record<"object" | "array" | "string" | "number", readonly string[]>> = {
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
const ANNOTATIONS: ReadonlySet<string> = new Set(
  "title description default examples example deprecated readOnly writeOnly $schema $id $comment $defs definitions strict".split(
    " ",
  ),
);
const COMBINING = ["$ref", "anyOf", "oneOf", "allOf"] as const;
const KNOWN: ReadonlySet<string> = new Set([
  "type",
  "enum",
  "const",
  ...COMBINING,
  ...Object.values(KEYWORDS).flat(),
]);

/** llama.cpp writes every repetition out. */
const MOST_REPETITIONS = 1000;
const MOST_RULES = 2000;
const DEEPEST_SCHEMA = 48;

type Schema = Readonly<Record<string, unknown>>;

/** Makes a builder. */
export function createGrammarBuilder(): GrammarBuilder {
  const rules: string[] = [];

  function rule(body: string): string {
    if (rules.length >= MOST_RULES) throw refused("", `the schema needs more than ${MOST_RULES} rules`);
    const name = `r${rules.length}`;
    rules.push(`${name} ::= ${body}`);
    return name;
  }

  function schema(root: unknown, rootPath: string): string {
    const references = new Map<string, string>();

    /** `chain`: the references on the way here with nothing written between them. */
    function convert(node: unknown, path: string, depth: number, chain: readonly string[]): string {
      if (depth > DEEPEST_SCHEMA)
        throw refused(path, `schemas nested deeper than ${DEEPEST_SCHEMA} are not supported`);
      if (node === true) return "value";
      if (!isObject(node))
        throw refused(path, node === false ? "no value satisfies the schema false" : "must be a schema");
      for (const keyword of Object.keys(node))
        if (!KNOWN.has(keyword) && !ANNOTATIONS.has(keyword))
          throw refused(path, `the JSON Schema keyword "${keyword}" is not supported`);
      const combining = COMBINING.find((keyword) => node[keyword] !== undefined);
      if (combining !== undefined) return combine(node, combining, path, depth, chain);
      if (node.enum !== undefined || "const" in node) return oneOfValues(node, path);
      const types = typesOf(node, path);
      if (types.length === 0) return "value";
      const names = types.map((type) => typed(node, type, path, depth));
      return names.length === 1 ? names[0]! : rule(names.join(" | "));
    }

    function combine(
      node: Schema,
      keyword: (typeof COMBINING)[number],
      path: string,
      depth: number,
      chain: readonly string[],
    ): string {
      const beside = Object.keys(node).find((key) => key !== keyword && !ANNOTATIONS.has(key));
      if (beside !== undefined) throw refused(path, `"${beside}" beside "${keyword}" is not supported`);
      if (keyword === "$ref") return reference(node.$ref, path, depth, chain);
      const branches = node[keyword];
      if (!Array.isArray(branches) || branches.length === 0)
        throw refused(`${path}.${keyword}`, "must be a list of schemas");
      if (keyword === "allOf" && branches.length > 1)
        throw refused(path, `"allOf" with several schemas is not supported`);
      if (keyword === "oneOf" && !disjoint(branches, (branch) => follow(branch)))
        throw refused(path, `"oneOf" whose schemas may overlap is not supported: use "anyOf"`);
      const names = branches.map((branch, i) =>
        convert(branch, `${path}.${keyword}[${i}]`, depth + 1, chain),
      );
      return rule(names.join(" | "));
    }

    function reference(target: unknown, path: string, depth: number, chain: readonly string[]): string {
      if (typeof target !== "string" || !/^#(\/|$)/.test(target))
        throw refused(path, '"$ref" must point into the schema itself, like "#/$defs/name"');
      if (chain.includes(target)) throw refused(path, `the reference "${target}" leads to itself`);
      const known = references.get(target);
      if (known !== undefined) return known;
      const found = resolve(root, target);
      if (found === undefined) throw refused(path, `the reference "${target}" leads nowhere`);
      // Its place is kept first: the schema may contain itself.
      const index = rules.length;
      const name = rule("");
      references.set(target, name);
      const body = convert(found, `${rootPath}${target.slice(1).replaceAll("/", ".")}`, depth + 1, [
        ...chain,
        target,
      ]);
      rules[index] = `${name} ::= ${body}`;
      // Within one chain only: elsewhere the name may be used before the rule is whole.
      return name;
    }

    function follow(node: unknown): unknown {
      const target = isObject(node) ? node.$ref : undefined;
      return typeof target === "string" ? resolve(root, target) : node;
    }

    function typed(node: Schema, type: Type, path: string, depth: number): string {
      switch (type) {
        case "object":
          return object(node, path, depth);
        case "array":
          return array(node, path, depth);
        case "string":
          return text(node, path);
        case "integer":
        case "number":
          return number(node, type, path);
        case "boolean":
        case "null":
          return type;
        default:
          return type satisfies never;
      }
    }

    function object(node: Schema, path: string, depth: number): string {
      const { properties = {}, required = [], additionalProperties: others = true, propertyNames } = node;
      if (!isObject(properties)) throw refused(`${path}.properties`, "must be an object of schemas");
      if (!Array.isArray(required) || !required.every((name) => typeof name === "string"))
        throw refused(`${path}.required`, "must be a list of names");
      if (propertyNames !== undefined && !(isObject(propertyNames) && onlyAnyText(propertyNames)))
        throw refused(
          path,
          `the JSON Schema keyword "propertyNames" is supported only as {"type": "string"}`,
        );
      const least = count(node, "minProperties", path) ?? 0;
      const most = count(node, "maxProperties", path);
      const names = [...new Set([...Object.keys(properties), ...required])];
      if (names.length === 0) {
        if (least > 1) throw refused(path, '"minProperties" above 1 is not supported');
        if (others === false || most === 0) {
          if (least > 0) throw refused(path, "no object satisfies it");
          return rule('"{" ws "}"');
        }
        if (others === true && least === 0 && most === undefined) return "object";
        const pair = rule(`string ":" ws ${convert(others, `${path}.additionalProperties`, depth + 1, [])}`);
        const list = `${pair} ${repeated(`("," ws ${pair})`, 0, most === undefined ? undefined : most - 1)} ws`;
        return rule(`"{" ws ${least === 0 ? `(${list})?` : list} "}"`);
      }
      if (least > required.length || (most !== undefined && most < names.length))
        throw refused(path, '"minProperties" and "maxProperties" beside "properties" are not supported');
      const members = names.map((name) => {
        const declared = Object.hasOwn(properties, name);
        if (!declared && others === false) throw refused(path, `"${name}" is required and not allowed`);
        const value = declared
          ? convert(properties[name], `${path}.properties.${name}`, depth + 1, [])
          : convert(others, `${path}.additionalProperties`, depth + 1, []);
        return {
          body: rule(`${literal(`${JSON.stringify(name)}:`)} ws ${value}`),
          needed: required.includes(name),
        };
      });
      // What follows the member at a place, when that one was written; and what an object may begin with.
      const tails: string[] = [];
      let tail = '""';
      for (let i = members.length - 1; i >= 0; i--) {
        tails[i] = tail;
        const { body, needed } = members[i]!;
        tail = rule(needed ? `"," ws ${body} ${tail}` : `("," ws ${body})? ${tail}`);
      }
      const first = members.findIndex(({ needed }) => needed);
      const starts = members
        .slice(0, first < 0 ? undefined : first + 1)
        .map(({ body }, i) => `${body} ${tails[i]}`);
      const list = rule(starts.join(" | "));
      return rule(`"{" ws ${first < 0 ? `(${list} ws)?` : `${list} ws`} "}"`);
    }

    function array(node: Schema, path: string, depth: number): string {
      const { items = true, prefixItems = [] } = node;
      if (!Array.isArray(prefixItems)) throw refused(`${path}.prefixItems`, "must be a list of schemas");
      const least = count(node, "minItems", path) ?? 0;
      const most = count(node, "maxItems", path);
      if (most !== undefined && (most < least || most < prefixItems.length))
        throw refused(path, `"maxItems" of ${most} is less than the items it must have`);
      const first = prefixItems.map((item, i) => convert(item, `${path}.prefixItems[${i}]`, depth + 1, []));
      const missing = Math.max(0, least - first.length);
      if (items === false && missing > 0) throw refused(path, "no array satisfies it");
      const none = items === false || most === first.length;
      const item = none ? "" : convert(items, `${path}.items`, depth + 1, []);
      const room = most === undefined ? undefined : most - first.length;
      if (first.length > 0) {
        const rest = none ? "" : repeated(`("," ws ${item})`, missing, room);
        return rule(`"[" ws ${first.join(' "," ws ')} ${rest} ws "]"`);
      }
      if (none) return rule('"[" ws "]"');
      const list = `${item} ${repeated(`("," ws ${item})`, Math.max(0, least - 1), room === undefined ? undefined : room - 1)} ws`;
      return rule(`"[" ws ${least === 0 ? `(${list})?` : list} "]"`);
    }

    function repeated(body: string, least: number, most: number | undefined): string {
      return most === undefined
        ? least === 0
          ? `${body}*`
          : `${body}{${least},}`
        : `${body}{${least},${most}}`;
    }

    function text(node: Schema, path: string): string {
      const least = count(node, "minLength", path);
      const most = count(node, "maxLength", path);
      if (node.format !== undefined) {
        const body = typeof node.format === "string" ? FORMATS[node.format] : undefined;
        if (body === undefined)
          throw refused(
            path,
            `the format ${JSON.stringify(node.format)} is not supported; these are: ${Object.keys(FORMATS).join(", ")}`,
          );
        if (least !== undefined || most !== undefined)
          throw refused(path, `"format" beside "minLength" or "maxLength" is not supported`);
        return rule(`"\\"" ${body} "\\""`);
      }
      if (least === undefined && most === undefined) return "string";
      if (most !== undefined && most < (least ?? 0)) throw refused(path, "no text satisfies it");
      return rule(`"\\"" ${repeated("char", least ?? 0, most)} "\\""`);
    }

    function number(node: Schema, type: "integer" | "number", path: string): string {
      const bounds: Record<string, number> = {};
      for (const keyword of KEYWORDS.number) {
        const value = node[keyword];
        if (value === undefined) continue;
        if (typeof value !== "number") throw refused(`${path}.${keyword}`, "must be a number");
        if (keyword !== "multipleOf") bounds[keyword] = value;
        else if (value !== 1 || type !== "integer") throw refused(path, `"multipleOf" is not supported`);
      }
      if (Object.keys(bounds).length === 0) return type;
      const body = (type === "integer" ? integerGrammar : numberGrammar)(bounds as NumberBounds);
      if (body === undefined)
        throw refused(path, "no number that could be written simply is within its bounds");
      return rule(body);
    }

    return convert(root, rootPath, 0, []);
  }

  function oneOfValues(node: Schema, path: string): string {
    const bound = Object.values(KEYWORDS)
      .flat()
      .find((keyword) => node[keyword] !== undefined);
    if (bound !== undefined) throw refused(path, `"${bound}" beside "enum" or "const" is not supported`);
    const listed = "const" in node ? [node.const] : node.enum;
    if (!Array.isArray(listed)) throw refused(`${path}.enum`, "must be a list");
    const types = node.type === undefined ? undefined : typesOf(node, path);
    const also =
      "const" in node && Array.isArray(node.enum)
        ? new Set(node.enum.map((v) => JSON.stringify(v)))
        : undefined;
    const values = listed
      .filter((value) => types === undefined || types.some((type) => isOfType(value, type)))
      .map((value) => JSON.stringify(value))
      .filter((value) => also === undefined || also.has(value));
    if (values.length === 0) throw refused(path, "no value satisfies it");
    return rule(values.map(literal).join(" | "));
  }

  return {
    schema,
    rule,
    rules(count, body) {
      const names = Array.from({ length: count }, () => rule(""));
      const first = rules.length - count;
      names.forEach((name, i) => {
        rules[first + i] = `${name} ::= ${body(i, (index) => names[index]!)}`;
      });
      return names;
    },
    finish: (root) =>
      [
        `root ::= ${root}`,
        ...rules,
        ...Object.entries(COMMON_RULES).map(([name, body]) => `${name} ::= ${body}`),
      ].join("\n"),
  };
}

function refused(path: string, message: string): ApiError {
  return new ApiError(400, path === "" ? message : `"${path}": ${message}`, {
    param: path === "" ? undefined : path,
    code: "unsupported_schema",
  });
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function onlyAnyText(schema: Schema): boolean {
  return Object.entries(schema).every(
    ([keyword, value]) => ANNOTATIONS.has(keyword) || (keyword === "type" && value === "string"),
  );
}

/** The types a schema names, or the one its keywords are about; none when anything goes. */
function typesOf(node: Schema, path: string): readonly Type[] {
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

function isOfType(value: unknown, type: Type): boolean {
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
function count(node: Schema, keyword: string, path: string): number | undefined {
  const value = node[keyword];
  if (value === undefined) return undefined;
  if (!Number.isInteger(value) || Number(value) < 0)
    throw refused(`${path}.${keyword}`, "must be a whole number, 0 or more");
  if (Number(value) > MOST_REPETITIONS)
    throw refused(`${path}.${keyword}`, `is more than ${MOST_REPETITIONS}, the largest supported`);
  return Number(value);
}

/** What a JSON pointer in a fragment (`#/$defs/a`) leads to. */
function resolve(root: unknown, target: string): unknown {
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

/** True when no value can satisfy two of the schemas: their types differ, or a required property's constants do. */
function disjoint(branches: readonly unknown[], follow: (branch: unknown) => unknown): boolean {
  const followed = branches.map(follow);
  return followed.every((a, i) => followed.slice(i + 1).every((b) => apart(a, b)));
}

function apart(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return false;
  const [valuesA, valuesB] = [constants(a), constants(b)];
  if (valuesA !== undefined && valuesB !== undefined)
    return !valuesA.some((value) => valuesB.includes(value));
  const [typesA, typesB] = [a, b].map((schema) =>
    schema.type === undefined
      ? undefined
      : new Set([schema.type].flat().map((type) => (type === "integer" ? "number" : type))),
  );
  if (typesA && typesB && ![...typesA].some((type) => typesB.has(type))) return true;
  const [propertiesA, propertiesB] = [a.properties, b.properties];
  if (a.type !== "object" || b.type !== "object" || !isObject(propertiesA) || !isObject(propertiesB))
    return false;
  const bothRequire = (name: string): boolean =>
    [a.required, b.required].every((required) => Array.isArray(required) && required.includes(name));
  return Object.keys(propertiesA).some((name) => {
    const [left, right] = [propertiesA[name], propertiesB[name]].map((schema) =>
      isObject(schema) ? constants(schema) : undefined,
    );
    return (
      bothRequire(name) &&
      left !== undefined &&
      right !== undefined &&
      !left.some((value) => right.includes(value))
    );
  });
}

function constants(schema: Schema): string[] | undefined {
  if ("const" in schema) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : undefined;
}
