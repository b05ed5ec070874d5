// The words of a reproduction's page by language, and what a reader must know before comparing, told in one of them.
import { type BoardLanguage, fillText } from "../bench/index.ts";
import { ar } from "./reproduce-words/ar.ts";
import { en } from "./reproduce-words/en.ts";
import { es } from "./reproduce-words/es.ts";
import { fr } from "./reproduce-words/fr.ts";
import { hi } from "./reproduce-words/hi.ts";
import { zh } from "./reproduce-words/zh.ts";

/** Every text of the page. */
export type ReproduceWords = typeof en;

/** The words by language. */
export const REPRODUCE_WORDS: Readonly<Record<BoardLanguage, ReproduceWords>> = { en, zh, fr, es, hi, ar };

/** Something that a reader must know before comparing, with what its sentence speaks of. */
export interface Caveat {
  readonly code: keyof ReproduceWords["caveats"];
  readonly values?: Readonly<Record<string, string | number>>;
}

/** A caveat as a sentence. */
export function tellCaveat({ code, values = {} }: Caveat, language: BoardLanguage): string {
  return fillText(REPRODUCE_WORDS[language].caveats[code], values);
}
