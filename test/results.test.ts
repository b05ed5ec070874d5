// The results pages in a real browser: real runs, the real server, its real policy, in every language, on a desk and on a phone.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { cp, mkdtemp, rm, truncate } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";

const INSTALLED = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const chromium = [process.env.CHROMIUM_PATH ?? "", ...INSTALLED].find(
  (path) => path !== "" && existsSync(path),
);
const built = existsSync(new URL("../dist/web/index.html", import.meta.url));
const noBrowser =
  chromium === undefined
    ? "no Chromium found: install it or set CHROMIUM_PATH"
    : !built && "the pages are not built: npm run build";

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
  const load = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href);
  const { loadSuite, runBench } = (await load("bench/index.js")) as typeof import("../src/bench/index.ts");
  const { createApp, startServer } = (await load("serve/index.js")) as typeof import("../src/serve/index.ts");
  const { createResultsPages } = (await load("flows/index.js")) as typeof import("../src/flows/index.ts");
  const { createNgramModel } = (await load(
    "serve/ngram-model.test.helper.js",
  )) as typeof import("../src/serve/ngram-model.test.helper.ts");
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
  if (noBrowser !== false) return;
  const { chromium: driver } = await import("playwright-core");
  browser = await driver.launch({ executablePath: chromium!, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  await server.close(0);
  await rm(folder, { recursive: true });
});

async function visit(
  path: string,
  look: { readonly language?: string; readonly dark?: boolean; readonly width?: number } = {},
): Promise<{ page: Page; finish: () => Promise<void> }> {
  const { language = "en", dark = false, width = 1200 } = look;
  const context = await browser!.newContext({
    locale: language,
    viewport: { width, height: 800 },
    colorScheme: dark ? "dark" : "light",
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("request", (request) => {
    if (!request.url().startsWith(server.url)) problems.push(request.url());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  // A violation of the policy is told here too.
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(server.url + path);
  return {
    page,
    finish: async () => {
      await context.close();
      assert.deepEqual(problems, []);
    },
  };
}

async function assertSound(page: Page, where: string): Promise<void> {
  const axe = createRequire(import.meta.url)("axe-core") as { source: string };
  await page.evaluate(axe.source);
  const violations = await page.evaluate(
    "axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target + ' ' + n.failureSummary).join('; ')))",
  );
  assert.deepEqual(violations, [], where);
  const wide = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(wide, 0, `${where} scrolls sideways`);
}

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
      { language, width: 1200 },
      { language, width: 360, dark: true },
    ]) {
      const { page, finish } = await visit("/results/", look);
      assert.equal(await page.locator("h1").textContent(), link);
      assert.equal(await page.locator("h1:dir(rtl)").count(), language === "ar" ? 1 : 0);
      await assertSound(page, `${language} ${look.width}`);
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
      ...(language === "ar" ? [{ language, width: 1200 }] : []),
      { language, width: 360, dark: true },
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
      await assertSound(page, `${language} ${look.width}`);
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
