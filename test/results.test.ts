// The results pages in a real browser: real runs, the real server, its real policy, in every language, on a desk and on a phone.
import assert from "node:assert/strict";
import { cp, mkdtemp, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import {
  assertSound,
  DESKTOP,
  type Look,
  launch,
  noBrowser,
  openPage,
  PHONE,
} from "./browser.test.helper.ts";
import { load } from "./load.test.helper.ts";

const LINKS = {
  en: "Results",
  zh: "测评结果",
  fr: "Résultats",
  es: "Resultados",
  hi: "परिणाम",
  ar: "النتائج",
};
const KEY = "the key: with a colon";
let folder = "";
let browser: Browser | undefined;
let server: { readonly url: string; close(grace?: number): Promise<void> };
let locked: { request(path: string, init?: RequestInit): Response | Promise<Response> };

before(async () => {
  const { loadSuite, runBench } = await load<typeof import("../src/bench/index.ts")>("bench/index.js");
  const { createApp, startServer } = await load<typeof import("../src/serve/index.ts")>("serve/index.js");
  const { createResultsPages } = await load<typeof import("../src/flows/index.ts")>("flows/index.js");
  const { createNgramModel } = await load<typeof import("../src/engine/ngram-model.test.helper.ts")>(
    "engine/ngram-model.test.helper.js",
  );
  folder = await mkdtemp(join(tmpdir(), "apollo-results-"));
  const suite = await loadSuite(fileURLToPath(new URL("../samples/exam/taught.json", import.meta.url)));
  const model = (text: string, id: string) => createNgramModel(text, { id });
  const runs = { first: "The answer is A. The answer is option B or C.", "deep/second": "DDDDDDDD" };
  for (const [name, text] of Object.entries(runs)) {
    await runBench({
      suite,
      model: model(text, name.replace("deep/", "")),
      out: join(folder, name),
      limit: 10,
    });
  }
  await cp(join(folder, "first"), join(folder, "broken"), { recursive: true });
  await truncate(join(folder, "broken", "run.json"), 50);
  const results = await createResultsPages(folder);
  const models = [model("hello", "small")];
  server = await startServer({ app: createApp({ models, results }), port: 0 });
  locked = createApp({ models, results, apiKey: KEY });
  if (noBrowser === false) browser = await launch();
});
after(async () => {
  await browser?.close();
  await server.close(0);
  await rm(folder, { recursive: true });
});

const visit = (path: string, look?: Look) => openPage(browser!, server.url + path, look);

test("from the chat to the leaderboard, to another base, to a run's samples, and back", {
  skip: noBrowser,
}, async () => {
  const { page, finish } = await visit("/");
  await page.getByRole("link", { name: "Results" }).click();
  await page.getByRole("heading", { name: "Results", level: 1 }).waitFor();
  assert.equal(await page.locator(".board tbody tr").count(), 2);
  assert.match(
    (await page.getByRole("table", { name: "Runs that cannot be shown" }).textContent()) ?? "",
    /broken/u,
  );
  const best = page.locator(".board tbody tr").first();
  assert.match((await best.textContent()) ?? "", /compared with/u);
  await page.getByRole("link", { name: /^Compare the others with/u }).click();
  assert.match((await page.locator(".board tbody tr").nth(1).textContent()) ?? "", /compared with/u);
  await page.locator(".board tbody a", { hasText: "second" }).first().click();
  await page.locator("#samples-list li").first().waitFor();
  assert.match((await page.locator("#samples-count").textContent()) ?? "", /^60 of 60 items/u);
  await page.locator("#samples-language").selectOption({ label: "العربية (ar)" });
  await page.locator(".sample summary").first().click();
  // A sample's body is made on the "toggle" event, which browsers send some time after the click.
  await page.locator(".sample .body").first().waitFor();
  assert.equal(await page.locator(".sample .body:dir(rtl) .options li").count(), 4);
  await assertSound(page, "run");
  await page.getByRole("link", { name: "All results" }).click();
  await page.getByRole("link", { name: "Chat" }).click();
  await page.locator("#message").waitFor();
  await finish();
});

for (const [language, link] of Object.entries(LINKS)) {
  test(`${language}: the leaderboard without accessibility faults, on a desk and on a phone`, {
    skip: noBrowser,
  }, async () => {
    for (const look of [
      { language, viewport: DESKTOP },
      { language, viewport: PHONE, dark: true },
    ]) {
      const { page, finish } = await visit("/results/", look);
      assert.equal(await page.locator("h1").textContent(), link);
      assert.equal(await page.locator("h1:dir(rtl)").count(), language === "ar" ? 1 : 0);
      await assertSound(page, `${language} ${look.viewport.width}`);
      await finish();
    }
  });
}

for (const [language, link] of Object.entries(LINKS)) {
  test(`${language}: a run's page, in the language of the leaderboard that led to it`, {
    skip: noBrowser,
  }, async () => {
    // The phone's page is the harder one; the mirrored one is looked at on both.
    for (const look of [
      ...(language === "ar" ? [{ language, viewport: DESKTOP }] : []),
      { language, viewport: PHONE, dark: true },
    ]) {
      const { page, finish } = await visit("/results/", look);
      await page.locator(".board tbody a", { hasText: "second" }).first().click();
      await page.locator("#samples-list li").first().waitFor();
      assert.equal(await page.locator("h1 bdi:dir(ltr)").count(), 1, "a model's name keeps its direction");
      assert.equal(await page.locator("html:dir(rtl)").count(), language === "ar" ? 1 : 0);
      assert.equal(await page.locator(`html:lang(${language})`).count(), 1);
      const count = (await page.locator("#samples-count").textContent()) ?? "";
      assert.ok(count.includes("60") && (language === "en") === / items/u.test(count), count);
      await page.locator(".sample summary").first().click();
      await page.locator(".sample .body").first().waitFor();
      await assertSound(page, `${language} ${look.viewport.width}`);
      await page.locator("nav.contents a").first().click();
      await page.locator(".board").first().waitFor();
      assert.equal(await page.locator("h1").textContent(), link);
      await finish();
    }
  });
}

test("with an API key the results ask for it; what is not there is 404", async () => {
  const ask = (path: string, authorization?: string) =>
    locked.request(
      `http://127.0.0.1${path}`,
      authorization === undefined ? {} : { headers: { authorization } },
    );
  const basic = (words: string) => `Basic ${Buffer.from(words).toString("base64")}`;
  for (const path of ["/results/", "/results", "/results/run/000000000000/", "/results/style.css"]) {
    const refused = await ask(path);
    assert.equal(refused.status, 401, path);
    assert.match(refused.headers.get("www-authenticate") ?? "", /^Basic realm=/u);
  }
  assert.equal((await ask("/results/", basic("anyone:wrong"))).status, 401);
  assert.equal((await ask("/results/", "Basic")).status, 401);
  assert.equal((await ask("/results/", basic(`anyone:${KEY}`))).status, 200);
  assert.equal((await ask("/results/", `Bearer ${KEY}`)).status, 200);
  for (const path of ["run/000000000000/", "run/../../run.json", "first/run.json", "run/first/"]) {
    assert.equal((await ask(`/results/${path}`, `Bearer ${KEY}`)).status, 404, path);
  }
  assert.equal((await fetch(`${server.url}/results`)).status, 200, "led to the page");
});
