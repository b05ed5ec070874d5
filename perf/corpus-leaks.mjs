// Not speed: which share of an exam's items each decontamination rule finds when they are copied word for word, by language and by how the copy
// is written. The documents around them are real ones of the corpora given, or a sentence of padding. Seeded.
// node perf/corpus-leaks.mjs SUITE.json [CORPUS...]

import { createFinder, DECONTAMINATION_RULES } from "../dist/corpus/decontaminate-part.js";
import { readExamItems } from "../dist/corpus/exam-suite.js";
import { readCorpus } from "../dist/corpus/read-documents.js";

const [suite, ...corpora] = process.argv.slice(2);
if (suite === undefined) throw new Error("node perf/corpus-leaks.mjs SUITE.json [CORPUS...]");

const LANGUAGES = ["en", "zh", "es", "fr", "hi", "ar"];
/** Where XMedBench's sources that are not English come from. */
const SOURCES = { headqa: "es", frenchmedmcqa: "fr", "mmlu-medical-ar": "ar", "mmlu-medical-hi": "hi" };
const languageOf = (source) =>
  SOURCES[source] ?? (/^(cmb|cmexam|cmmlu|medqa-mcmle)/u.test(source) ? "zh" : "en");

const around = [];
for (const corpus of corpora)
  for await (const document of readCorpus(corpus))
    around.push((document.text ?? document.turns.at(-1)).slice(0, 2000));
if (around.length === 0) around.push("Rest helps. 多休息。");
let drawn = 0;
/** Real text before and behind, as running text has it. */
const within = (text) => `${around[drawn++ % around.length]}\n${text}\n${around[drawn++ % around.length]}`;
const lettered = (options) => options.map((option, i) => `(${"ABCDEFGHIJ"[i]}) ${option}`).join("\n");
const letter = ({ options, gold }) => `(${"ABCDEFGHIJ"[options.indexOf(gold[0])]})`;

/** How a copy is written: the turns of a document, or its text alone. */
const STYLES = {
  "question, options; answer's letter": (item) => [
    `${item.question}\n${lettered(item.options)}`,
    letter(item),
  ],
  "question; answer in words": ({ question, gold }) => [question, gold.join(" ")],
  "in running text, with options": ({ question, options }) => [within(`${question}\n${lettered(options)}`)],
  "in running text, with answer": ({ question, gold }) => [within(`${question}\n${gold.join(" ")}`)],
  "question alone": ({ question }) => [question, "See the chapter."],
};

const items = await readExamItems([suite]);
const counts = Object.fromEntries(LANGUAGES.map((language) => [language, 0]));
for (const { source } of items) counts[languageOf(source)]++;
console.log(
  `${items.length} items: ${LANGUAGES.map((code) => `${code} ${counts[code]}`).join(", ")}; ${around.length} texts around`,
);
for (const rule of DECONTAMINATION_RULES) {
  const finder = createFinder(rule, items);
  for (const [name, write] of Object.entries(STYLES)) {
    const found = Object.fromEntries(LANGUAGES.map((language) => [language, 0]));
    drawn = 0;
    for (const item of items)
      if (finder.find(write(item)).some(({ item: { question } }) => question === item.question))
        found[languageOf(item.source)]++;
    const shares = LANGUAGES.map((code) => `${code} ${((100 * found[code]) / counts[code]).toFixed(2)}`);
    console.log(`${rule.padEnd(13)} ${name.padEnd(36)} ${shares.join("  ")}`);
  }
}
