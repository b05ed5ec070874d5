// What a model is asked for: prompts by language, from a file. Ours is recipes/qa-prompts.yaml; Apollo's published one
// (`qa_generation`, in English) is read as it is.
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { hashValue, loadConfigFile, UserError } from "../core/index.ts";

/** The project's own prompts. */
const QA_PROMPTS = fileURLToPath(new URL("../../recipes/qa-prompts.yaml", import.meta.url));

/** Prompts of one language; absent ones are not asked for. */
export interface LanguagePrompts {
  /** With `{text}`. */
  readonly question?: string | undefined;
  /** With `{question}` and `{reference}` (or `{text}`). */
  readonly answer?: string | undefined;
  /** With `{text}`; asks for `<Patient>...</Patient>` and `<Doctor>...</Doctor>` in turn. */
  readonly dialogue?: string | undefined;
}

/** A file of prompts. */
export interface QaPrompts {
  readonly id: string;
  /** What its file says, and the beginning of its content's hash: an edited file never passes for another. */
  readonly version: string;
  readonly languages: Readonly<Record<string, LanguagePrompts>>;
}

const holding = (...names: readonly string[]) =>
  z.string().refine((text) => names.every((name) => text.includes(name)), {
    message: `must hold ${names.join(" and ")}`,
  });
const withPassage = z
  .string()
  .refine((text) => text.includes("{reference}") || text.includes("{text}"), {
    message: "must hold {reference}",
  })
  .refine((text) => text.includes("{question}"), { message: "must hold {question}" });

const ownSchema = z.object({
  id: z.string().min(1),
  version: z.union([z.string(), z.number()]).transform(String),
  languages: z.record(
    z.string().regex(/^[a-z]{2}$/u, { message: "must be a language code such as fr" }),
    z.strictObject({
      question: holding("{text}").optional(),
      answer: withPassage.optional(),
      dialogue: holding("{text}").optional(),
    }),
  ),
});
const publishedSchema = z.object({
  qa_generation: z.object({
    question: holding("{text}"),
    answer: withPassage,
    patient_dialogue: holding("{text}"),
  }),
});

/** Reads a prompt file; `UserError` names the field that is not as it should be. */
export async function readQaPrompts(path: string = QA_PROMPTS): Promise<QaPrompts> {
  const raw = await loadConfigFile(path, "prompt file", `The project's own are in ${QA_PROMPTS}.`);
  const published = "qa_generation" in raw;
  const parsed = (published ? publishedSchema : ownSchema).safeParse(raw);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new UserError("bad-prompt-file", issue?.message ?? "not a prompt file", {
      file: path,
      at: issue?.path.join("."),
      remedy: `See ${QA_PROMPTS} for the form.`,
    });
  }
  if (!("qa_generation" in parsed.data)) {
    const { id, version, languages } = parsed.data;
    return { id, version: versionOf(version, languages), languages };
  }
  const { question, answer, patient_dialogue: dialogue } = parsed.data.qa_generation;
  const languages = { en: { question, answer, dialogue } };
  return { id: "apollo", version: versionOf("2024", languages), languages };
}

function versionOf(stated: string, languages: unknown): string {
  return `${stated}-${hashValue(languages).slice(0, 8)}`;
}

/** Puts values into `{name}` places, once: what a value holds in braces stays as it is. */
export function fillPrompt(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/gu, (whole, name: string) => values[name] ?? whole);
}
