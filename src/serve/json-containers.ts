// Objects and arrays of a JSON Schema as GBNF.
import { literal } from "./json-rules.ts";
import { count, isObject, onlyAnyText, refused, type Schema } from "./json-schema.ts";

/** How a node's grammar names those of the schemas in it. */
export interface Conversion {
  /** Adds a rule with this body; gives its name. */
  readonly rule: (body: string) => string;
  /** The name of a rule for a schema below this one. */
  readonly inner: (node: unknown, path: string) => string;
}

/** Declared properties in their order; others only where none is declared. */
export function objectRule(node: Schema, path: string, { rule, inner }: Conversion): string {
  const { properties = {}, required = [], additionalProperties: others = true, propertyNames } = node;
  if (!isObject(properties)) throw refused(`${path}.properties`, "must be an object of schemas");
  if (!Array.isArray(required) || !required.every((name) => typeof name === "string"))
    throw refused(`${path}.required`, "must be a list of names");
  if (propertyNames !== undefined && !(isObject(propertyNames) && onlyAnyText(propertyNames)))
    throw refused(path, `the JSON Schema keyword "propertyNames" is supported only as {"type": "string"}`);
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
    const pair = rule(`string ":" ws ${inner(others, `${path}.additionalProperties`)}`);
    const list = `${pair} ${repeated(`("," ws ${pair})`, 0, most === undefined ? undefined : most - 1)} ws`;
    return rule(`"{" ws ${least === 0 ? `(${list})?` : list} "}"`);
  }
  if (least > required.length || (most !== undefined && most < names.length))
    throw refused(path, '"minProperties" and "maxProperties" beside "properties" are not supported');
  const members = names.map((name) => {
    const declared = Object.hasOwn(properties, name);
    if (!declared && others === false) throw refused(path, `"${name}" is required and not allowed`);
    const value = declared
      ? inner(properties[name], `${path}.properties.${name}`)
      : inner(others, `${path}.additionalProperties`);
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

/** Items one after the other. */
export function arrayRule(node: Schema, path: string, { rule, inner }: Conversion): string {
  const { items = true, prefixItems = [] } = node;
  if (!Array.isArray(prefixItems)) throw refused(`${path}.prefixItems`, "must be a list of schemas");
  const least = count(node, "minItems", path) ?? 0;
  const most = count(node, "maxItems", path);
  if (most !== undefined && (most < least || most < prefixItems.length))
    throw refused(path, `"maxItems" of ${most} is less than the items it must have`);
  const first = prefixItems.map((item, i) => inner(item, `${path}.prefixItems[${i}]`));
  const missing = Math.max(0, least - first.length);
  if (items === false && missing > 0) throw refused(path, "no array satisfies it");
  const none = items === false || most === first.length;
  const item = none ? "" : inner(items, `${path}.items`);
  const room = most === undefined ? undefined : most - first.length;
  if (first.length > 0) {
    const rest = none ? "" : repeated(`("," ws ${item})`, missing, room);
    return rule(`"[" ws ${first.join(' "," ws ')} ${rest} ws "]"`);
  }
  if (none) return rule('"[" ws "]"');
  const list = `${item} ${repeated(`("," ws ${item})`, Math.max(0, least - 1), room === undefined ? undefined : room - 1)} ws`;
  return rule(`"[" ws ${least === 0 ? `(${list})?` : list} "]"`);
}

/** So many of `body`, written out. */
export function repeated(body: string, least: number, most: number | undefined): string {
  return most === undefined ? (least === 0 ? `${body}*` : `${body}{${least},}`) : `${body}{${least},${most}}`;
}
