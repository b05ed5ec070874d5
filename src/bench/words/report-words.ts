// The words of a run's page, of the table of published results and of the browser of samples, by language.
import { escapeHtml } from "../../core/index.ts";
import { type BoardLanguage, fillWords } from "../leaderboard-words.ts";
import { ar } from "./ar.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";
import { fr } from "./fr.ts";
import { hi } from "./hi.ts";
import { zh } from "./zh.ts";

/** Every text of the page; `en` says what each is. */
export type ReportWords = typeof en;

/** What the browser of samples says; it stands in the page as data. */
export type BrowserWords = ReportWords["browser"];

/** The words by language. */
export const REPORT_WORDS: Readonly<Record<BoardLanguage, ReportWords>> = { en, zh, fr, es, hi, ar };

/** A value inside HTML words: text is escaped and, like a number, keeps its own direction; `html` is taken as it is. */
export type WordValue = string | number | { readonly html: string };

/** Puts values in place of `{name}`; gives HTML. */
export function fillHtml(text: string, values: Readonly<Record<string, WordValue>>): string {
  return fillWords(
    text,
    Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        typeof value === "object" ? value.html : isolate(String(value)),
      ]),
    ),
  );
}

/** Figures have no letter that tells their direction, and stay in one line with their unit. */
function isolate(value: string): string {
  const figure = !/\p{L}/u.test(value);
  return `<bdi${figure ? ' dir="ltr"' : ""}>${escapeHtml(figure ? value.replaceAll(" ", "\u00a0") : value)}</bdi>`;
}

/** Puts values in place of `{name}`; gives text, for titles and labels. */
export function fillText(text: string, values: Readonly<Record<string, string | number>>): string {
  return fillWords(
    text,
    Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)])),
  );
}

/** Sentences one after the other: Chinese writes no space between them. */
export function joinSentences(language: BoardLanguage, sentences: readonly string[]): string {
  return sentences.join(language === "zh" ? "" : " ");
}
