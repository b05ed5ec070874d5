// What a unit of a translation memory gives: the same sentence in several languages, as texts or as questions to translate.
import type { Content } from "./document.ts";
import type { UnitText } from "./read-xml.ts";

/** How to ask for a translation into a language, in that language; others are asked for in English. */
const REQUESTS: Readonly<Record<string, string>> = {
  en: "Translate into English:",
  zh: "请翻译成中文：",
  fr: "Traduisez en français :",
  es: "Traduzca al español:",
  hi: "हिन्दी में अनुवाद कीजिए:",
  ar: "ترجم إلى العربية:",
};

const languageNames = new Intl.DisplayNames(["en"], { type: "language" });

/**
 * The records of a unit. Kind `text`: one text for each language. Else one question for each ordered pair of languages: the
 * request and the sentence in one, answered by the sentence in the other; the record's language is the answer's. With
 * `language`, only texts or answers in it. Regional variants count as their language (es-LA as es). A unit that gives none is an empty record.
 */
export function translationRecords(
  texts: readonly UnitText[],
  { kind, language }: { readonly kind?: Content["kind"]; readonly language?: string },
): { value: unknown; language?: string }[] {
  const sentences = new Map<string, string>();
  for (const { language: tag, text } of texts) {
    const code = languageCode(tag);
    if (code !== undefined && !sentences.has(code)) sentences.set(code, text.trim());
  }
  if (sentences.size < (kind === "text" ? 1 : 2) && language === undefined)
    return [{ value: kind === "text" ? "" : [] }];
  const wanted = [...sentences].filter(([code]) => language === undefined || code === language);
  if (kind === "text") return wanted.map(([code, text]) => ({ value: text, language: code }));
  return wanted.flatMap(([to, answer]) =>
    [...sentences]
      .filter(([from]) => from !== to)
      .map(([, sentence]) => ({
        // A sentence that is missing makes no question of the request alone.
        value: [sentence === "" ? "" : `${requestFor(to)}\n${sentence}`, answer],
        language: to,
      })),
  );
}

/** `es-LA` -> `es`, `cmn` -> `zh`; languages without a code of two letters keep theirs. */
function languageCode(tag: string | undefined): string | undefined {
  const first = tag?.split(/[-_]/u)[0];
  try {
    return first === undefined ? undefined : new Intl.Locale(first).language;
  } catch {
    return undefined;
  }
}

function requestFor(language: string): string {
  return REQUESTS[language] ?? `Translate into ${languageNames.of(language)}:`;
}
