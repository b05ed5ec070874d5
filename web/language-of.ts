// Which language a message is written in, as far as its script tells: enough to say what was measured.
import type { InterfaceLanguage } from "./strings/strings.ts";

/** The language of a text; the Latin script says no more than which of its languages the reader reads. */
export function languageOf(text: string, reading: InterfaceLanguage): InterfaceLanguage {
  const count = (script: RegExp): number => text.match(script)?.length ?? 0;
  const scripts = [
    ["zh", count(/\p{Script=Han}/gu) * 2],
    ["hi", count(/\p{Script=Devanagari}/gu)],
    ["ar", count(/\p{Script=Arabic}/gu)],
    ["latin", count(/\p{Script=Latin}/gu)],
  ] as const;
  const [[script, letters]] = scripts.toSorted(([, a], [, b]) => b - a) as [(typeof scripts)[number]];
  if (letters === 0) return reading;
  if (script !== "latin") return script;
  return reading === "fr" || reading === "es" ? reading : "en";
}
