// JSON and JSON Schema as GBNF, the notation of llama.cpp's grammars: a text that follows the grammar validates against the
// schema. It may be narrower (declared properties in their order, no others beside them), never wider; a keyword that cannot
// be kept is refused by name. Notation: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
import { arrayRule, objectRule } from "./json-containers.ts";
import { COMMON_RULES, literal } from "./json-rules.ts";
import { numberRule, textRule } from "./json-scalars.ts";
import {
  ANNOTATIONS,
  COMBINING,
  isObject,
  isOfType,
  KEYWORDS,
  KNOWN,
  refused,
  resolve,
  type Schema,
  type Type,
  typesOf,
} from "./json-schema.ts";
import { disjoint } from "./json-schema-overlap.ts";

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

const MOST_RULES = 2000;
const DEEPEST_SCHEMA = 48;

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
      const conversion = {
        rule,
        inner: (inner: unknown, place: string) => convert(inner, place, depth + 1, []),
      };
      switch (type) {
        case "object":
          return objectRule(node, path, conversion);
        case "array":
          return arrayRule(node, path, conversion);
        case "string":
          return textRule(node, path, conversion);
        case "integer":
        case "number":
          return numberRule(node, type, path, conversion);
        case "boolean":
        case "null":
          return type;
        default:
          return type satisfies never;
      }
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
