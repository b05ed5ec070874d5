// The quantities of a text. Two leaflets that differ in nothing but a dose share nearly all shingles and still are not the
// same document: texts are duplicates only when their quantities are equal, one by one and in order.

/** Number words that change a dose. "One" is left out: it is the article in half of the languages. */
const WORDS =
  "two three four five six seven eight nine ten eleven twelve once twice half double " +
  "deux trois quatre cinq sept huit neuf dix onze douze demi demie moitié " +
  "dos tres cuatro cinco seis siete ocho nueve diez once doce medio media mitad doble " +
  "दो तीन चार पांच पाँच छह छः सात आठ नौ दस आधा आधी " +
  "مرتين ثلاث ثلاثة أربع أربعة خمس خمسة ست ستة سبع سبعة ثمان ثماني ثمانية تسع تسعة عشر عشرة نصف";

/** A sign or comparison, digits with their separators, a percent sign or the first two letters of the unit. */
const FIGURE =
  /(?:[<>≤≥±]\s*|(?<![\p{L}\p{N}])[-+−])?\p{Nd}+(?:[.,:/٫٬]\p{Nd}+)*(?:[\s\p{Pd}]*(?:[%‰]|[\p{L}\p{M}]{1,2}))?/u;
const WORD = new RegExp(
  `(?<![\\p{L}\\p{M}])(?:${WORDS.split(" ").join("|").normalize("NFKC")})(?![\\p{L}\\p{M}])`,
  "u",
);
/** Chinese numerals in front of a measure. */
const HAN = /[零一二三四五六七八九十百千万两半]+(?=[次片粒丸滴支瓶袋勺倍天日周月年岁小分毫微克升成])/u;

const QUANTITY = new RegExp([FIGURE, WORD, HAN].map((part) => part.source).join("|"), "gu");
const DECIMAL_DIGIT = /(?![0-9])\p{Nd}/gu;

/** Every quantity of a text, e.g. `">5mg twice 三"`; equal for texts that give the same quantities in the same order. */
export function quantitiesOf(parts: readonly string[]): string {
  const text = parts.join("\n").normalize("NFKC").toLowerCase().replace(DECIMAL_DIGIT, asciiDigit);
  const found: string[] = [];
  for (const [quantity] of text.matchAll(QUANTITY))
    found.push(quantity.replace(/\s+|(?<=\d\s*)\p{Pd}/gu, ""));
  return found.join(" ");
}

/** ٣ and ३ are 3: each script has its ten digits in a row. */
function asciiDigit(digit: string): string {
  let value = 0;
  for (let point = digit.codePointAt(0)! - 1; value < 9 && isDigit(point); point--) value++;
  return String(value);
}

function isDigit(point: number): boolean {
  return /\p{Nd}/u.test(String.fromCodePoint(point));
}
