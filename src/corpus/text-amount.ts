// How much a text says, whatever its script: as many characters as its English translation would have.

/**
 * Characters of a language for one of English: lengths of the same 3,071 sentences in TICO-19 (zh 148,588, ar 417,484, hi 453,804,
 * es 533,430, fr 539,224, en 456,806). Japanese and Korean by their scripts' kinship.
 */
const CHARACTERS_FOR_ONE: Readonly<Record<string, number>> = {
  en: 1,
  zh: 0.33,
  ja: 0.45,
  ko: 0.5,
  ar: 0.91,
  hi: 0.99,
  es: 1.17,
  fr: 1.18,
};

/** `english` characters of English as characters of `language` (others count as English), at least one. */
export function charactersOf(english: number, language: string): number {
  return Math.max(1, Math.round(english * (CHARACTERS_FOR_ONE[language] ?? 1)));
}

/** Code points of a text that are not white space. */
export function countVisible(text: string): number {
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 32 && unit !== 0xa0 && unit !== 0x3000 && (unit & 0xfc00) !== 0xdc00) n++;
  }
  return n;
}

/** How much a line says in characters of English, by its own script: a Han character says what three letters do. */
export function englishCharacters(line: string): number {
  let n = 0;
  for (let i = 0; i < line.length; i++) {
    const unit = line.charCodeAt(i);
    n += unit >= 0x3400 && unit < 0xa000 ? 3 : unit > 32 && unit !== 0xa0 && unit !== 0x3000 ? 1 : 0;
  }
  return n;
}
