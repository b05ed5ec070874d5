// Danger signs as people write Arabic in Latin letters and digits ("3andi waga3"): only through concepts/ar-latin.ts, the spellings are too many
// for rules word by word.
import { RED_FLAG_CATEGORIES, type RedFlagCategory, type RedFlagLanguage } from "../red-flag-language.ts";

export const arLatin: RedFlagLanguage = {
  language: "ar",
  script: "latin",
  words: {},
  negation: {
    before:
      "mafish|mafeesh|mafich|mafi|ma fi|makanch|makaynch|maku|makoo|bedoon|bedon|bidoun|bla|bala|wala|ma3andish|ma3ndi|ma3andi|men gher|min gheir",
    between: "ay|el|al",
  },
  cues: {
    now: "dilwa2ty|delwa2ty|dlwa2ty|dilwakti|halla2|halla|hala2|daba|hassa|fag2a|faj2a|fajaa|men sa3a|mn sa3a|embare7|mbare7|lyoum|elyom|el youm|el2oni|el7a2ouni|sa3douni|3amel eh|a3mel eh|shu a3mel|shou a3mel|ach ndir|lessa|lissa",
    person:
      "ana|ebni|ibni|benti|binti|bnti|ommi|ommy|ummi|mama|baba|abi|abouya|abooy|gozi|goozi|jozi|zawji|mrati|merati|akhoya|a5oya|akhouy|a5ooy|o5ti|okhti|ukhti|waldi|wldi|weldi|teta|geddo|jeddi|sa7bi|3andi|3ando|3andha|3ndi|3ando",
  },
  frames: {
    past: "lamma kan|lamma kanet|lamma kont|w howa sghir|we howa so8ayar|men sneen|mn snin|men zaman|mn zman|allah yer7amo|mat b|sanawat",
    exam: "ekhtar|e5tar|sou2al emte7an",
    definition: "eh a3rad|ma heya|ma howa|eh el far2|shu el fare2|a3rad el|asbab",
    story: "film|mosalsal|oghneya|2ossa|kora",
  },
  idioms:
    "hamoot men el de7k|hamout mn el d7k|mayet men el goo3|mayet mn ljou3|mayet men el ta3ab|bamoot fik|bamoot feek|7amoot men el 7ar|met mn do7k",
  rules: Object.fromEntries(RED_FLAG_CATEGORIES.map((category) => [category, []])) as unknown as Record<
    RedFlagCategory,
    readonly string[]
  >,
};
