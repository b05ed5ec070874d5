// What JSON is made of, in GBNF: the rules that every grammar ends with, and what its texts look like in each format.
// Notation: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md

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
/** Bodies of rules for a text's `format`. */
export const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  "date-time": `${DATE} "T" ${TIME}`,
  uuid: '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [1-8] [0-9a-f]{3} "-" [89ab] [0-9a-f]{3} "-" [0-9a-f]{12}',
};

/** Rules by name; schemas refer to them. */
export const COMMON_RULES: Readonly<Record<string, string>> = {
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
