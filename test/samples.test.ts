// The shipped samples keep their promises: generated files agree with the topics, six languages each, a fair exam, no leak.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

interface ExamItem {
  readonly question: string;
  /** The right one first. */
  readonly options: readonly string[];
}
interface Entry {
  readonly passage: string;
  readonly qa: readonly { readonly question: string; readonly answer: string }[];
  readonly taught: ExamItem;
  readonly heldOut: ExamItem;
}
interface Topic {
  readonly id: string;
  readonly guideline: string;
  readonly languages: Readonly<Record<string, Entry>>;
}
interface SuiteItem {
  readonly id: string;
  readonly question: string;
  readonly options: string;
  readonly answer: string;
  readonly source: string;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LANGUAGES = ["en", "zh", "fr", "es", "hi", "ar"];
const read = (path: string): unknown => JSON.parse(readFileSync(join(ROOT, "samples", path), "utf8"));
const files = readdirSync(join(ROOT, "samples", "topics")).sort();
const topics = files.map((file) => read(`topics/${file}`) as Topic);
const entries = topics.flatMap(({ id, languages }) =>
  LANGUAGES.map((language) => ({ id, language, entry: languages[language]! })),
);

/** Letters, marks and digits alone, in one case: what a copied text keeps. */
const bare = (text: string): string =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
    .trim();
const trainingText = ({ passage, qa }: Entry): string =>
  bare([passage, ...qa.flatMap(({ question, answer }) => [question, answer])].join(" \n "));

test("corpus and exam are up to date with the topics", () => {
  const { status, stderr } = spawnSync(process.execPath, [join(ROOT, "scripts", "samples.mjs"), "--check"], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

test("forty topics, each in six languages: a passage, two pairs, two exam items of four different options", () => {
  assert.equal(topics.length, 40);
  topics.forEach((topic, i) => {
    assert.equal(`${topic.id}.json`, files[i]);
    assert.ok(topic.guideline.length > 0, `${topic.id} names its guideline`);
    assert.deepEqual(Object.keys(topic.languages), LANGUAGES, topic.id);
  });
  for (const { id, language, entry } of entries) {
    const place = `${id} ${language}`;
    assert.deepEqual(Object.keys(entry), ["passage", "qa", "taught", "heldOut"], place);
    assert.equal(entry.qa.length, 2, place);
    const texts = [
      entry.passage,
      ...entry.qa.flatMap(({ question, answer }) => [question, answer]),
      ...[entry.taught, entry.heldOut].flatMap(({ question, options }) => [question, ...options]),
    ];
    for (const text of texts) {
      assert.ok(text.length > 0 && text === text.trim() && !text.includes("\n"), `${place}: "${text}"`);
      assert.equal(text, text.normalize("NFC"), `${place} is in NFC`);
      assert.doesNotMatch(
        text,
        /[\u200B-\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFD]/u,
        `${place}: invisible signs`,
      );
    }
    for (const { options } of [entry.taught, entry.heldOut]) {
      assert.equal(options.length, 4, place);
      assert.equal(new Set(options.map(bare)).size, 4, `${place}: ${options}`);
    }
  }
});

test("every text is written in its own script", () => {
  const scripts: Record<string, RegExp> = {
    en: /\p{Script=Latin}/gu,
    fr: /\p{Script=Latin}/gu,
    es: /\p{Script=Latin}/gu,
    zh: /\p{Script=Han}/gu,
    hi: /\p{Script=Devanagari}/gu,
    ar: /\p{Script=Arabic}/gu,
  };
  for (const { id, language, entry } of entries) {
    for (const text of [entry.passage, entry.taught.question, entry.heldOut.question]) {
      const letters = text.match(/\p{L}/gu)?.length ?? 0;
      const own = text.match(scripts[language]!)?.filter((sign) => /\p{L}/u.test(sign)).length ?? 0;
      // Names such as WHO, ORS and HIV stand in Latin letters.
      assert.ok(own / letters > 0.7, `${id} ${language}: ${own} of ${letters} letters`);
    }
  }
});

test("what is held out is in no training text of its topic, and no exam question in any", () => {
  const all = Object.fromEntries(
    LANGUAGES.map((language) => [
      language,
      entries
        .filter((other) => other.language === language)
        .map(({ entry }) => trainingText(entry))
        .join("\n"),
    ]),
  );
  for (const { id, language, entry } of entries) {
    const [answer] = entry.heldOut.options as [string];
    assert.ok(!trainingText(entry).includes(bare(answer)), `${id} ${language}: "${answer}" is taught`);
    for (const { question } of [entry.taught, entry.heldOut])
      assert.ok(
        !all[language]!.includes(bare(question)),
        `${id} ${language}: "${question}" is in the corpus`,
      );
  }
});

for (const [name, count] of [
  ["taught", 240],
  ["held-out", 240],
] as const) {
  const suite = read(`exam/${name}.json`) as SuiteItem[];

  test(`${name}: 40 items a language, each letter right 60 times and 10 times in each language`, () => {
    assert.equal(suite.length, count);
    assert.equal(new Set(suite.map(({ id }) => id)).size, count);
    for (const source of LANGUAGES.map((language) => `${name}-${language}`)) {
      const answers = suite.filter((item) => item.source === source).map(({ answer }) => answer);
      for (const letter of "ABCD")
        assert.equal(
          answers.filter((answer) => answer === `(${letter})`).length,
          10,
          `${source} (${letter})`,
        );
    }
  });

  test(`${name}: the right option is the topic's first, at the same letter in every language`, () => {
    const byTopic = new Map<string, Set<string>>();
    for (const { id, options, answer, source } of suite) {
      const language = source.split("-").at(-1)!;
      const topic = id.slice(0, id.indexOf(`-${source}`));
      const item = topics.find((candidate) => candidate.id === topic)!.languages[language]!;
      const [right] = (name === "taught" ? item.taught : item.heldOut).options;
      assert.ok(options.split("\n").includes(`${answer} ${right}`), id);
      byTopic.set(topic, (byTopic.get(topic) ?? new Set()).add(answer));
    }
    assert.ok([...byTopic.values()].every((letters) => letters.size === 1));
  });

  test(`${name}: the right option cannot be told by its length`, () => {
    for (const language of LANGUAGES) {
      const own = entries.filter((entry) => entry.language === language);
      const longest = own.filter(({ entry }) => {
        const { options } = name === "taught" ? entry.taught : entry.heldOut;
        return options.slice(1).every((option) => option.length < options[0]!.length);
      }).length;
      // Guessing finds 10 of 40; 18 and more come by chance once in 500 tries.
      assert.ok(longest <= 18, `${language}: ${longest} of 40 right options are the longest`);
    }
  });
}
