// The six languages of the published Apollo, in the order used everywhere.

/** The languages of ApolloCorpora and XMedBench. */
export const LANGUAGES = ["en", "zh", "fr", "es", "hi", "ar"] as const;

/** One of the six. */
export type Language = (typeof LANGUAGES)[number];

/** True for one of the six codes. */
export function isLanguage(code: string): code is Language {
  return (LANGUAGES as readonly string[]).includes(code);
}
