// Texts and numbers of a JSON Schema as GBNF.
import { type Conversion, repeated } from "./json-containers.ts";
import { FORMATS } from "./json-rules.ts";
import { count, KEYWORDS, refused, type Schema } from "./json-schema.ts";
import { integerGrammar, type NumberBounds, numberGrammar } from "./number-grammar.ts";

/** A text of bounded length, or in a format. */
export function textRule(node: Schema, path: string, { rule }: Conversion): string {
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

/** A number within its bounds. */
export function numberRule(
  node: Schema,
  type: "integer" | "number",
  path: string,
  { rule }: Conversion,
): string {
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
  if (body === undefined) throw refused(path, "no number that could be written simply is within its bounds");
  return rule(body);
}
