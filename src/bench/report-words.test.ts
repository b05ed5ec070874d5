import assert from "node:assert/strict";
import { test } from "node:test";
import { BOARD_LANGUAGES, BOARD_WORDS } from "./leaderboard-words.ts";
import { renderPaperTable } from "./paper-table.ts";
import { PUBLISHED_CAVEATS, PUBLISHED_DEFECTS } from "./published-results.ts";
import { fillHtml, REPORT_WORDS } from "./words/report-words.ts";

/** Terms that are the same in several languages. */
const SHARED = new Set([
  "comma",
  "source",
  "sources.cluster",
  "calibration.title",
  "browser.page",
  "gap.questions",
  "pHolm",
]);

/** Every text by its path. */
function texts(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([key, value]): [string, string][] =>
    typeof value === "string" ? [[path + key, value]] : texts(value, `${path}${key}.`),
  );
}

const english = new Map(texts(REPORT_WORDS.en));
const slots = (text: string): string[] =>
  [...text.matchAll(/\{\w+\}|<\/?\w+>/gu)].map(([slot]) => slot).sort();

for (const { code } of BOARD_LANGUAGES) {
  test(`${code}: every text is there, with the same values and markup, and translated`, () => {
    const own = new Map(texts(REPORT_WORDS[code]));
    assert.deepEqual([...own.keys()].sort(), [...english.keys()].sort());
    for (const [path, text] of own) {
      assert.notEqual(text.trim(), "", path);
      assert.deepEqual(slots(text), slots(english.get(path)!), path);
      if (code === "en") continue;
      assert.ok(text !== english.get(path) || SHARED.has(path), `${path} is English`);
    }
  });
}

test("the boards' words and the runs' say the same where they say it", () => {
  for (const { code } of BOARD_LANGUAGES) {
    assert.equal(REPORT_WORDS[code].paper.title, BOARD_WORDS[code].published, code);
    if (code !== "en") assert.equal(REPORT_WORDS[code].safety, BOARD_WORDS[code].safety, code);
  }
});

test("the published table has its footnotes and caveats in every language, with the numbers they speak of", () => {
  for (const { code } of BOARD_LANGUAGES) {
    const { defects, caveats } = REPORT_WORDS[code].paper;
    assert.equal(caveats.length, PUBLISHED_CAVEATS.length);
    // One decimal number at most in each: the same one, in the same order.
    const numbers = (list: readonly string[]) => list.map((text) => /\d+\.\d\d/u.exec(text)?.[0]);
    assert.deepEqual(numbers(defects), numbers(PUBLISHED_DEFECTS), code);
    const html = renderPaperTable([{ model: "<mine>", sources: [] }], code);
    for (const text of [...defects, ...caveats]) assert.ok(html.includes(text), `${code}: ${text}`);
    assert.equal(html.match(/<tr>/gu)!.length, 1 + 1 + 26);
  }
});

test("values in HTML are escaped and keep their direction", () => {
  assert.equal(
    fillHtml("a {x} {y}", { x: "<b>", y: { html: "<b>c</b>" } }),
    "a <bdi>&#60;b&#62;</bdi> <b>c</b>",
  );
  assert.equal(fillHtml("{x}", { x: "24.0 %" }), '<bdi dir="ltr">24.0\u00a0%</bdi>');
});
