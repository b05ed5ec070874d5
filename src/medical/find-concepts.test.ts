import assert from "node:assert/strict";
import { test } from "node:test";
import { compileConcepts } from "./find-concepts.ts";
import { normalise } from "./normalise.ts";

const names = (find: ReturnType<typeof compileConcepts>, text: string): string[] =>
  [...find(normalise(text))].filter(([, matches]) => matches.length > 0).map(([name]) => name);

test("words of a term stand in order, with at most two others between, within one sentence", () => {
  const find = compileConcepts({ a: "cant breath*" }, "en");
  assert.deepEqual(names(find, "she can't really quite breathe"), ["a"]);
  for (const text of ["breathe, I can't", "can't say how well I breathe", "I can't. Breathing is fine"])
    assert.deepEqual(names(find, text), [], text);
});

test("one wrong letter is forgiven in words of six letters and more", () => {
  const find = compileConcepts({ fit: "seizure*", limb: "hand" }, "en");
  for (const text of ["siezure", "seizre", "seizzure", "seizuras"])
    assert.deepEqual(names(find, text), ["fit"], text);
  for (const text of ["sand", "seasure", "azure"]) assert.deepEqual(names(find, text), [], text);
});

test("what a language writes on the front of a word does not hide it", () => {
  assert.deepEqual(names(compileConcepts({ chest: "صدر*" }, "ar"), "وبصدره"), ["chest"]);
  assert.deepEqual(names(compileConcepts({ eye: "oeil" }, "fr"), "dans loeil"), ["eye"]);
});

test("Chinese terms leave room for three characters", () => {
  const find = compileConcepts({ a: "掐 脖子" }, "zh");
  assert.deepEqual(names(find, "他掐住我的脖子"), ["a"]);
  assert.deepEqual(names(find, "他掐了我一下然后又摸脖子"), []);
});
