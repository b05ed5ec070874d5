import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { EMERGENCY_NUMBERS, numbersFor, splitRuns, stripDirectionControls } from "../src/medical/index.ts";
import {
  type Conversation,
  newestLeaf,
  parseConversations,
  shownTurns,
  titleOf,
  toJson,
  toMarkdown,
  versionsOf,
} from "./conversation.ts";
import { languageOf } from "./language-of.ts";
import { createSentenceBuffer } from "./sentences.ts";
import { en } from "./strings/en.ts";
import { fill, INTERFACE_LANGUAGES, preferredLanguage, STRINGS, type Strings } from "./strings/strings.ts";

test("every language says everything, with the same values to fill in", () => {
  for (const { code } of INTERFACE_LANGUAGES) {
    for (const key of Object.keys(en) as (keyof Strings)[]) {
      const [own, english] = [STRINGS[code][key], en[key]];
      assert.ok(own.length > 0, `${code}.${key}`);
      if (typeof english === "string") {
        const places = (text: string) => text.match(/\{\w+\}/g) ?? [];
        assert.deepEqual(places(own as string), places(english), `${code}.${key}`);
      } else assert.equal(own.length, english.length, `${code}.${key}`);
    }
  }
  assert.equal(fill("a {b} {c}", { b: "1" }), "a 1 {c}");
});

test("the interface follows the browser's languages", () => {
  assert.equal(preferredLanguage(["de-DE", "ar-EG", "en"]), "ar");
  assert.equal(preferredLanguage(["zh-TW"]), "zh");
  assert.equal(preferredLanguage(["de"]), "en");
});

test("drug names, doses, ranges and ratios stay in one piece inside Arabic", () => {
  const isolated = (text: string) =>
    splitRuns(text)
      .filter((run) => run.ltr)
      .map((run) => run.text);
  assert.deepEqual(isolated("تناول amoxicillin 500 mg كل 8 ساعات."), ["amoxicillin 500 mg", "8"]);
  assert.deepEqual(isolated("الضغط 120/80 mmHg، من 5–10 أيام"), ["120/80 mmHg", "5–10"]);
  assert.deepEqual(isolated("أقل من <5 % أو 1:1000."), ["<5 %", "1:1000"]);
  assert.deepEqual(isolated("فيتامين B12، ثم 2.5 mg."), ["B12", "2.5 mg"]);
  assert.deepEqual(isolated("لا شيء هنا"), []);
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom("", "ماء 5", "a 1/2, ب"), (a, b) => {
      const text = a + b + a;
      assert.equal(
        splitRuns(text)
          .map((run) => run.text)
          .join(""),
        text,
      );
    }),
  );
  assert.equal(stripDirectionControls("a\u202eb\u2067c\u2069"), "abc");
});

test("streamed text is announced by sentence in each script", () => {
  const texts: [string, string, number][] = [
    ["en", "Drink water. Rest well! Call if it lasts", 3],
    ["zh", "多喝水。好好休息！如果持续请就医", 3],
    ["hi", "पानी पिएँ। आराम करें। ठीक न हो तो दिखाएँ", 3],
    ["ar", "اشرب الماء. هل تشعر بألم؟ استرح", 3],
  ];
  for (const [language, text, count] of texts) {
    const buffer = createSentenceBuffer(language);
    const sentences = [...text].flatMap((character) => buffer.push(character));
    assert.equal(sentences.length, count - 1, `${language}: before the end`);
    sentences.push(...buffer.flush());
    assert.equal(sentences.length, count, language);
    assert.deepEqual(buffer.flush(), []);
  }
  const marked = createSentenceBuffer("en");
  assert.deepEqual(
    [...marked.push("## Title\n\n- **Drink** `water`. "), ...marked.flush()],
    ["Title", "Drink water."],
  );
});

test("a conversation is written with model, settings and time, and read back", () => {
  const conversation: Conversation = {
    id: "c",
    created: "2026-11-01T10:00:00.000Z",
    turns: [
      { id: "1", role: "user", content: "كم الجرعة؟", time: "2026-11-01T10:00:00.000Z" },
      {
        id: "2",
        parent: "1",
        role: "assistant",
        content: "**500 mg**",
        time: "2026-11-01T10:00:02.000Z",
        model: "apollo",
        settings: { temperature: 0.7, seed: 5, maxTokens: 9 },
        finish: "stop",
      },
    ],
    leaf: "2",
  };
  const markdown = toMarkdown(conversation, { you: "أنت", assistant: "النموذج", notice: "ملاحظة" });
  assert.ok(markdown.startsWith("# كم الجرعة؟\n\n> ملاحظة\n"));
  assert.ok(markdown.includes("apollo · temperature 0.7 · seed 5 · max_tokens 9 · finish stop · 2026-11-01"));
  const json = JSON.parse(toJson(conversation, "note", "2026-11-02T00:00:00.000Z"));
  assert.equal(json.format, "apollo-conversation");
  assert.deepEqual(json.turns, conversation.turns);
  assert.deepEqual(parseConversations(JSON.stringify([conversation])), [conversation]);
  for (const bad of ["{}", '[{"id":1}]', '[{"id":"a","turns":[{}]}]', "[null]"]) {
    assert.throws(() => parseConversations(bad));
  }
  assert.equal(
    [...titleOf({ ...conversation, turns: [{ ...conversation.turns[0]!, content: "水".repeat(99) }] })]
      .length,
    60,
  );
});

test("a conversation is a tree: one path is shown, the other versions stay", () => {
  const turn = (id: string, parent?: string) => ({
    id,
    role: "user" as const,
    content: id,
    time: "2026-11-01T10:00:00.000Z",
    ...(parent === undefined ? {} : { parent }),
  });
  const turns = [turn("a"), turn("a1", "a"), turn("a2", "a"), turn("b"), turn("b1", "b"), turn("a2x", "a2")];
  const conversation: Conversation = { id: "c", created: "", turns, leaf: "b1" };
  const ids = (list: readonly { id: string }[]): string => list.map(({ id }) => id).join(" ");
  assert.equal(ids(shownTurns(conversation)), "b b1");
  assert.equal(ids(versionsOf(conversation, turns[0]!)), "a b");
  assert.equal(ids(versionsOf(conversation, turns[1]!)), "a1 a2");
  assert.equal(newestLeaf(conversation, "a"), "a2x");
  // What an earlier version of the page stored: a list.
  const [old] = parseConversations(
    JSON.stringify([{ id: "c", created: "", turns: [turn("x"), turn("y"), turn("z")] }]),
  );
  assert.equal(ids(shownTurns(old!)), "x y z");
});

test("a message's language is its script's; Latin is what the reader reads", () => {
  assert.equal(languageOf("头痛 500 mg paracetamol", "en"), "zh");
  assert.equal(languageOf("सिर में दर्द", "ar"), "hi");
  assert.equal(languageOf("صداع", "en"), "ar");
  assert.equal(languageOf("mal de tête", "fr"), "fr");
  assert.equal(languageOf("headache", "zh"), "en");
  assert.equal(languageOf("120/80 ?", "es"), "es");
});

test("each language's readers see their own emergency number first", () => {
  assert.ok(EMERGENCY_NUMBERS.every((entry) => entry.numbers.length > 0));
  for (const { code } of INTERFACE_LANGUAGES) {
    for (const service of ["emergency", "crisis"] as const) {
      assert.ok(numbersFor(service, code)[0]?.first.includes(code), `${code} ${service}`);
    }
  }
});
