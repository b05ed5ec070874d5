// Which language a message is written in, as far as its script tells: enough to say what was measured.
import type { InterfaceLanguage } from "./strings/strings.ts";

const SCRIPTS = [
  ["zh", /\p{Script=Han}/gu],
  ["hi", /\p{Script=Devanagari}/gu],
  ["ar", /\p{Script=Arabic}/gu],
] as const;
/** One letter may be a quotation. */
const ENOUGH = 2;

/**
 * The language of a text. Drug names and units are Latin everywhere, so another script decides wherever it appears; the Latin
 * script says no more than which of its languages the reader reads.
 */
export function languageOf(text: string, reading: InterfaceLanguage): InterfaceLanguage {
  const [best] = SCRIPTS.map(([code, script]) => ({ code, letters: text.match(script)?.length ?? 0 })).sort(
    (a, b) => b.letters - a.letters,
  );
  if (best !== undefined && best.letters >= ENOUGH) return best.code;
  if (!/\p{Script=Latin}/u.test(text)) return reading;
  return reading === "fr" || reading === "es" ? reading : "en";
}
