// A suite of one's own: a JSONL file in whatever shape it has, and a few lines of YAML (JSON, TOML, TypeScript) that say which
// field is what and how the items are asked.
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { hashValue, loadConfigFile, readJsonLines, UserError } from "../core/index.ts";

const name = z.string().min(1);

const promptSchema = z.strictObject({
  /** Stands once before everything. */
  description: z.string().default(""),
  /** The question: `{question}`, `{context}`, `{options}`, `{subject}`. */
  ask: z.string().refine((text) => text.includes("{question}"), "must contain {question}"),
  /** An option's line: `{letter}`, `{text}`. */
  option: z.string().default("{letter}. {text}"),
  /** Stands between the question and the answer. */
  delimiter: z.string().default(" "),
});

const configSchema = z.strictObject({
  /** What the suite is called; the source of items that name none. */
  name,
  /** The JSONL file, from the configuration's folder. */
  file: name,
  /** The items' language as an ISO 639-1 code, where no field says it. */
  language: name.optional(),
  /** Which field is what. `options` may be a list of fields. */
  fields: z
    .strictObject({
      question: name.default("question"),
      options: z.union([name, z.array(name).min(2)]).default("options"),
      answer: name.default("answer"),
      source: name.default("source"),
      language: name.default("language"),
      context: name.default("context"),
      subject: name.default("subject"),
      id: name.default("id"),
    })
    .prefault({}),
  /** What the answer field holds: a letter, the option's place counted from 0 or 1, or its text. */
  answer: z.enum(["letter", "index", "number", "text"]).default("letter"),
  /** Worked examples before each question, unless `--shots` says otherwise. */
  shots: z.number().int().min(0).optional(),
  /** Where they come from: JSONL in the same shape, a JSON suite or another configuration, from the configuration's folder. */
  shotsFrom: name.optional(),
  /** Default: our own prompts in the items' language. */
  prompt: promptSchema.optional(),
});

/** A checked configuration; its paths are absolute. */
export type SuiteConfig = z.infer<typeof configSchema>;

const CONFIG_TYPES = /\.(ya?ml|toml|jsonc|json5|m?[tj]s)$/u;

/** True for files that say what a suite is, rather than hold its items. */
export function isSuiteConfig(path: string): boolean {
  return CONFIG_TYPES.test(path);
}

/** Reads and checks a configuration; `UserError` names the key that is wrong. */
export async function loadSuiteConfig(path: string): Promise<SuiteConfig> {
  const raw = await loadConfigFile(path, "suite configuration");
  const parsed = configSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError("bad-suite", issue?.message ?? "not a suite configuration", {
      file: path,
      at: issue?.path.join("."),
      remedy: "src/bench/README.md shows one with every key.",
    });
  }
  const from = (file: string): string => resolve(dirname(path), file);
  const config = parsed.data;
  return {
    ...config,
    file: from(config.file),
    ...(config.shotsFrom === undefined ? {} : { shotsFrom: from(config.shotsFrom) }),
  };
}

/** Hash of what decides the items besides their file. */
export function configHash(config: SuiteConfig): string {
  const { file: _, shotsFrom: __, ...rest } = config;
  return hashValue(rest);
}

/** The records of the file in the shape of a suite. `UserError` with the line when one does not hold what the fields say. */
export async function readConfigured(config: SuiteConfig): Promise<unknown[]> {
  const records: unknown[] = [];
  for await (const { value, line } of readJsonLines(config.file)) {
    records.push(toSuiteRecord(value, config, { file: config.file, at: `line ${line}` }));
  }
  return records;
}

function toSuiteRecord(
  value: unknown,
  config: SuiteConfig,
  place: { readonly file: string; readonly at: string },
): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new UserError("bad-suite", "an object was expected", place);
  }
  const record = value as Record<string, unknown>;
  const { fields } = config;
  const wrong = (found: string, remedy: string): UserError =>
    new UserError("bad-suite", found, { ...place, remedy });
  const present = (field: string): unknown => {
    if (record[field] !== undefined && record[field] !== null) return record[field];
    throw wrong(
      `has no field "${field}"`,
      `It has: ${Object.keys(record).join(", ")}. Say under fields which is meant.`,
    );
  };
  const options = Array.isArray(fields.options)
    ? fields.options.map((field) => String(present(field)))
    : optionList(present(fields.options));
  const answer = present(fields.answer);
  const gold = (): string => {
    if (config.answer === "letter") return String(answer);
    if (options === undefined) {
      throw wrong("options written as one text", "An answer by place or text needs the options as a list.");
    }
    const index =
      config.answer === "text"
        ? options.indexOf(String(answer))
        : Number(answer) - (config.answer === "number" ? 1 : 0);
    if (Number.isInteger(index) && index >= 0 && index < options.length)
      return String.fromCharCode(65 + index);
    throw wrong(
      `the answer ${JSON.stringify(answer)} is none of the ${options.length} options by ${config.answer}`,
      "The key `answer` of the configuration says what the field holds: letter, index (from 0), number (from 1) or text.",
    );
  };
  return {
    id: record[fields.id] === undefined ? undefined : String(record[fields.id]),
    question: present(fields.question),
    options: options ?? present(String(fields.options)),
    answer: gold(),
    source: record[fields.source] ?? config.name,
    language: record[fields.language] ?? config.language,
    context: record[fields.context],
    subject: record[fields.subject],
  };
}

/** A list, or an object's values; `undefined` for options written as one text. */
function optionList(value: unknown): string[] | undefined {
  if (typeof value === "string") return undefined;
  return Object.values(value as object).map(String);
}
