// Writes samples/corpus (ApolloCorpus format) and samples/exam (XMedBench format) from samples/topics.
// `node scripts/samples.mjs` writes; with `--check` it only says whether the files on disk are up to date (a test does).
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const SAMPLES = fileURLToPath(new URL("../samples", import.meta.url));
const LANGUAGES = ["en", "zh", "fr", "es", "hi", "ar"];
const LETTERS = "ABCD";

const topics = readdirSync(join(SAMPLES, "topics"))
  .sort()
  .map((file) => JSON.parse(readFileSync(join(SAMPLES, "topics", file), "utf8")));

/** Rotates the options so that over the topics each letter is right equally often, at the same place in all languages. */
function item(entry, topicIndex, shift, source, id) {
  const gold = (topicIndex + shift) % LETTERS.length;
  const options = [...entry.options];
  const [right] = options.splice(0, 1);
  options.splice(gold, 0, right);
  return {
    id,
    question: entry.question,
    options: options.map((option, i) => `(${LETTERS[i]}) ${option}`).join("\n"),
    answer: `(${LETTERS[gold]})`,
    source,
  };
}

const files = new Map();
const exams = { taught: [], "held-out": [] };
for (const language of LANGUAGES) {
  const entries = topics.map((topic) => topic.languages[language]);
  files.set(
    `corpus/medicalWiki_${language}_text.json`,
    entries.map((entry) => entry.passage),
  );
  files.set(
    `corpus/medicalGuideline_${language}_qa.json`,
    entries.map(({ qa }) => [qa[0].question, qa[0].answer]),
  );
  files.set(
    `corpus/medicalPatient_${language}.json`,
    entries.map(({ qa }) => [qa[1].question, qa[1].answer]),
  );
  topics.forEach((topic, index) => {
    const entry = topic.languages[language];
    exams.taught.push(item(entry.taught, index, 0, `taught-${language}`, `${topic.id}-taught-${language}`));
    exams["held-out"].push(
      item(entry.heldOut, index, 1, `held-out-${language}`, `${topic.id}-held-out-${language}`),
    );
  });
}
for (const [name, items] of Object.entries(exams)) files.set(`exam/${name}.json`, items);

let stale = 0;
for (const [name, value] of files) {
  const path = join(SAMPLES, name);
  const text = `${JSON.stringify(value, null, 1)}\n`;
  if (existsSync(path) && readFileSync(path, "utf8") === text) continue;
  stale++;
  if (process.argv.includes("--check"))
    console.error(`${name} differs from samples/topics: run node scripts/samples.mjs`);
  else {
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, text);
  }
}
if (process.argv.includes("--check")) process.exitCode = stale === 0 ? 0 : 1;
else console.log(`${topics.length} topics, ${files.size} files, ${stale} written`);
