// The pages of `proxy sweep` and `proxy explain` in a real browser: real runs of a small trio, on a desk and on a phone, in light
// and in dark.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser } from "playwright-core";
import {
  assertSound,
  DESKTOP,
  type Look,
  launch,
  openPage,
  PHONE,
  noBrowser as skip,
} from "./browser.test.helper.ts";
import { load } from "./load.test.helper.ts";

const PROMPT = "What does the man say? ماذا يقول الرجل؟";
const ALPHAS = [0, 0.25, 0.5, 1, 1.5, 2];

let folder = "";
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  const engine = await load<typeof import("../src/engine/index.ts")>("engine/index.js");
  const { loadSuite } = await load<typeof import("../src/bench/index.ts")>("bench/index.js");
  const { explainGeneration } = await load<typeof import("../src/proxy/index.ts")>("proxy/index.js");
  const { sweepProxy } = await load<typeof import("../src/flows/proxy-sweep.ts")>("flows/proxy-sweep.js");
  const { renderExplainReport } = await load<typeof import("../src/flows/proxy-explain-report.ts")>(
    "flows/proxy-explain-report.js",
  );
  folder = await mkdtemp(join(tmpdir(), "apollo-proxy-pages-"));
  // Names as long as on any real machine must not widen a phone's page.
  const deep = join(folder, "a-folder-with-a-long-name".repeat(4));
  await mkdir(deep);
  const open = async (name: string, seed: number) => {
    const path = join(deep, `${name}-of-a-model-with-a-rather-long-name-Q4_K_M.gguf`);
    await engine.writeTinyGguf(path, { seed });
    return engine.openGguf(path, { threads: 1 });
  };
  const models = {
    base: await open("base", 1),
    expert: await open("expert", 2),
    anti: await open("anti", 3),
  };
  const items = ["en", "ar", "zh"].flatMap((language) =>
    Array.from({ length: 3 }, (_, i) => ({
      question: `${i} the man?`,
      options: ["(A) yes", "(B) no", `(C) the answer ${i}`, "(D) an inn"].join("\n"),
      answer: `(${"ABC"[i]})`,
      source: `exam-${language}`,
    })),
  );
  await writeFile(join(deep, "suite.json"), JSON.stringify(items));
  const suite = await loadSuite(join(deep, "suite.json"));
  await sweepProxy({ ...models, suite, alphas: ALPHAS, mode: "text", out: join(folder, "sweep") });
  const tokens: import("../src/proxy/index.ts").ExplainedToken[] = [];
  const request = { input: { prompt: PROMPT }, maxTokens: 20, temperature: 0 };
  for await (const token of explainGeneration({ ...models, alpha: 1, request })) tokens.push(token);
  const model = `${models.base.id}+${models.expert.id}-${models.anti.id}@1`;
  await writeFile(join(folder, "explain.html"), renderExplainReport({ prompt: PROMPT, model, tokens }));
  for (const member of Object.values(models)) await member.close();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder !== "") await rm(folder, { recursive: true });
});

const visit = (name: string, look: Look) => openPage(browser, pathToFileURL(join(folder, name)).href, look);

for (const name of ["sweep/report.html", "explain.html"]) {
  test(`${name}: no accessibility fault, nothing wider than the screen`, { skip }, async () => {
    for (const look of [{ viewport: DESKTOP }, { viewport: PHONE, dark: true }]) {
      const { page, finish } = await visit(name, look);
      await assertSound(page, `${look.viewport.width} pixels`);
      await finish();
    }
  });
}

test("the sweep shows a panel a language, and a row an alpha in each", { skip }, async () => {
  const { page, finish } = await visit("sweep/report.html", { viewport: PHONE, dark: true });
  const hidden =
    "document.querySelector('.scroll').scrollWidth - document.querySelector('.scroll').clientWidth";
  assert.ok(Number(await page.evaluate(hidden)) <= 0, "no column is cut off on a phone");
  assert.equal(await page.locator("figure svg").count(), 3);
  assert.equal(await page.locator("tbody tr").count(), 3 * ALPHAS.length);
  const described = await page.locator("figure svg").first().getAttribute("aria-label");
  assert.equal(described?.match(/alpha [\d.]+: \d/gu)?.length, ALPHAS.length);
  await finish();
});

test("a token of the answer leads to what each of the three wanted there", { skip }, async () => {
  const { page, finish } = await visit("explain.html", { viewport: PHONE, dark: true });
  const token = page.locator(".answer a").last();
  const target = await token.getAttribute("href");
  await token.click();
  const row = page.locator(`tr${target}`);
  assert.equal(new URL(page.url()).hash, target);
  assert.equal(await row.count(), 1);
  const box = await row.boundingBox();
  assert.ok(box !== null && box.y < PHONE.height && box.y + box.height > 0, "the row is on the screen");
  await finish();
});
