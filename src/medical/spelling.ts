// How a language is misspelt on a phone: letters that sound alike, endings that are not heard, short forms. Folding brings a word of the
// lexicon and a word of a message to the same spelling; it is for comparing, never for showing.

/** How one lexicon is spelt: its language, and the script where a language has two. */
export type SpellingName = "en" | "fr" | "es" | "hi" | "hi-latin" | "ar" | "ar-latin";

/** What belongs to one lexicon's spelling. */
export interface Spelling {
  /** One spelling for those that sound alike; `whole` for a full word, whose ending may go, not for a stem. */
  readonly fold: (word: string, whole: boolean) => string;
  /** Short forms, each with the word or words that it stands for. */
  readonly short: ReadonlyMap<string, string>;
  /** True where words may have been run together and may be taken apart. */
  readonly splits: boolean;
}

/** Shorter words differ by a letter without being misspelt: "fell" and "feel", "cou" and "coup". */
const FOLDED_FROM = 5;
const NO_SHORT_FORMS: ReadonlyMap<string, string> = new Map();
const oneConsonant = (word: string): string => word.replace(/([b-df-hj-np-tv-z])\1+/gu, "$1");

/** The spelling of each lexicon; Chinese has none of this. */
export const SPELLINGS: Readonly<Record<SpellingName, Spelling>> = {
  en: {
    fold: (word) => (word.length < FOLDED_FROM ? word : oneConsonant(word).replaceAll("ph", "f")),
    short: shortForms(
      "cnt cant|cannt cant|carnt cant|coz because|bc because|rn now|pls please|temp temperature|tho though|hubby husband|preggers pregnant|thru through|dosent doesnt|dosnt doesnt|wnt wont|brething breathing|breth breath|brethe breathe|chesk chest|unconcious unconscious|unconsious unconscious|unconcsious unconscious|diarhea diarrhea|stomache stomach",
    ),
    splits: true,
  },
  fr: {
    fold: (word, whole) => {
      if (word.length < FOLDED_FROM) return word;
      const folded = oneConsonant(word)
        .replaceAll("ph", "f")
        .replaceAll("qu", "k")
        .replaceAll("eau", "o")
        .replaceAll("au", "o")
        .replaceAll("y", "i");
      return whole ? folded.replace(/(?:er|ez|ees?|es?|s|t|x)$/u, "") : folded;
    },
    short: shortForms(
      "plu plus|pa pas|ke que|ki qui|jai ai|g ai|chui suis|jsuis suis|jss suis|ds dans|ac avec|tt tout|tte toute|bcp beaucoup|bp beaucoup|mtn maintenant|pr pour|tjrs toujours|tjs toujours|dpuis depuis|dep depuis|resp respire|med médicament|medoc médicament|doli doliprane|gamine fille|gosse enfant|seign saigne",
    ),
    splits: true,
  },
  es: {
    fold: (word) =>
      word.length < 4
        ? word
        : oneConsonant(
            word
              .replace(/(?<!c)h/gu, "")
              .replaceAll("ll", "y")
              .replace(/c(?=[ei])|z/gu, "s")
              .replaceAll("v", "b")
              .replaceAll("qu", "k")
              .replace(/g(?=[ei])/gu, "j"),
          ),
    short: shortForms(
      "q que|k que|xq porque|pq porque|bn bien|vien bien|tmb también|tb también|aora ahora|ahorita ahora|oy hoy|asta hasta|ase hace|ace hace|ai hay|ay hay|toy estoy|ta está|pastis pastillas|mija hija|mijo hijo|miio hijo|aser hacer|muxo mucho|mxo mucho|bb bebé|pa para|sta está|stoy estoy",
    ),
    splits: true,
  },
  hi: {
    fold: (word) =>
      word
        .replaceAll("ी", "ि")
        .replaceAll("ू", "ु")
        .replaceAll("श", "स")
        .replaceAll("ष", "स")
        .replaceAll("ण", "न"),
    short: NO_SHORT_FORMS,
    splits: false,
  },
  "hi-latin": {
    fold: (word) =>
      word.length < 3
        ? word
        : word
            .replace(/a{2,}/gu, "a")
            .replace(/ee|ii/gu, "i")
            .replace(/oo|uu/gu, "u")
            .replaceAll("ph", "f")
            .replaceAll("w", "v")
            .replaceAll("z", "j")
            .replaceAll("chh", "ch")
            .replaceAll("ksh", "x")
            .replace(/([b-df-hj-np-tv-z])\1+/gu, "$1")
            .replace(/(?<=[aeiou])n$/u, ""),
    short: shortForms(
      "nhi nahi|nai nahi|ni nahi|nhe nahi|nahee nahi|nahin nahi|ny nahi|rha raha|rhi rahi|rhe rahe|rahaa raha|h hai|hn hai|gya gaya|gyi gayi|kr kar|krke karke|ky kya|mje mujhe|bht bahut|bhot bahut|bohot bahut|boht bahut|bhut bahut|zyda zyada|saas saans|sas saans|sans saans|sanse saans|pregnent pregnant|pragnent pregnant|pregnet pregnant|blooding bleeding|bachhe bachche|bacche bachche|bache bachche|bachcho bachche|bchche bachche|bacha bachcha|baccha bachcha|bachaa bachcha|goliyan goliyan|goliya goliyan|golia goliyan|tablet goli",
    ),
    splits: true,
  },
  ar: {
    fold: (word) => word.replaceAll("ظ", "ض").replaceAll("ذ", "د").replaceAll("ث", "ت"),
    short: NO_SHORT_FORMS,
    splits: false,
  },
  // Vowels are written as they come, some consonants in two ways: "sedro", "sadrou", "7arara", "harara".
  "ar-latin": {
    fold: (word, whole) => {
      const folded = word
        .replaceAll("gh", "8")
        .replaceAll("kh", "5")
        .replaceAll("sh", "$")
        .replaceAll("ch", "$")
        .replaceAll("dh", "d")
        .replaceAll("th", "t")
        .replaceAll("ou", "o")
        .replaceAll("9", "s")
        .replace(/[jg]/gu, "g")
        .replace(/[kq]/gu, "k")
        .replaceAll("7", "h")
        .replace(/[ei]+y?/gu, "i")
        .replace(/[uo]+/gu, "o")
        .replace(/a+/gu, "a")
        .replace(/(.)\1+/gu, "$1");
      return whole ? folded.replace(/(?<=..)[ah]$/u, "") : folded;
    },
    short: NO_SHORT_FORMS,
    splits: false,
  },
};

function shortForms(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split("|").map((pair) => {
      const [short = "", ...long] = pair.split(" ");
      return [short, long.join(" ")] as const;
    }),
  );
}
