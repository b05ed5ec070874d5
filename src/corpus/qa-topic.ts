// Whether a question asks about its passage at all: it has a word of it that says something. A weak model answers "Ask a question about this"
// with "Can you explain it to me?", which is a question, and of no use.

/** Words that stand in any question or text, in the five languages that write words apart; of Chinese, pairs of characters. */
const COMMON = new Set(
  (
    "the and for are can how what who why when does did has have had was were will you your this that with from not any all may its which " +
    "there their they them these those would could should where while after before other because about into than then some more most such " +
    "also been being between through during each between question answer explain describe tell please main topic name list " +
    "que qui quoi les des une est son ses leur dans pour avec sur par pas plus sont être cette comment quel quelle quels quelles quand " +
    "pourquoi entre aux ces peut question réponse " +
    "qué cuál cuáles cómo cuándo dónde quién por para con una uno los las del este esta esto son ser como más sus entre sobre puede " +
    "pregunta respuesta según " +
    "क्या कैसे क्यों कब कहाँ कहां कौन किस किन कितने लिए में है हैं हो का की के से को और पर यह इस ये वह उस जो तो भी नहीं होता होती होते सकता सकते सकती " +
    "किया जाता जाती प्रश्न उत्तर " +
    "ما ماذا هل كيف متى أين لماذا من في على إلى عن هي هو التي الذي هذا هذه أن مع كان يمكن بين أو أي كم سؤال " +
    "什么 如何 怎么 怎样 为何 哪些 哪种 多少 多久 是否 能否 可以 应该 需要 这个 这种 有哪 请问 问题 回答 一个 进行 以及 之间 对于 关于 是什 么是 的是"
  )
    .normalize("NFKC")
    .split(/\s+/u),
);
const WORD = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu;
const HAN = /\p{Script=Han}/u;
/** Shorter ones are articles and particles. */
const LEAST_LETTERS = 3;
/** Inflected words begin alike. */
const STEM_LETTERS = 5;

/** True when a question has a word in common with its passage that is not in every text. */
export function isOnTopic(question: string, passage: string): boolean {
  const known = topicWords(passage);
  for (const word of topicWords(question)) if (known.has(word)) return true;
  return false;
}

function topicWords(text: string): Set<string> {
  const found = new Set<string>();
  for (const [word] of text.normalize("NFKC").toLowerCase().matchAll(WORD)) {
    if (HAN.test(word)) {
      for (let i = 0; i + 1 < word.length; i++) {
        const pair = word.slice(i, i + 2);
        if (!COMMON.has(pair)) found.add(pair);
      }
      continue;
    }
    // The Arabic article is written with its word.
    const bare = word.replace(/^(?:[وفبكل]?ال|لل)(?=[\p{L}\p{M}]{3})/u, "");
    if (bare.length >= LEAST_LETTERS && !COMMON.has(word) && !COMMON.has(bare))
      found.add(bare.slice(0, STEM_LETTERS));
  }
  return found;
}
