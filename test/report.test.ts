// The benchmark's report in a real browser: a real run of a small model on the shipped exam, its samples filtered, searched and
// read, on a desk and on a phone, in light and in dark.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";

const INSTALLED = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const chromium = [process.env.CHROMIUM_PATH ?? "", ...INSTALLED].find(
  (path) => path !== "" && existsSync(path),
);
const skip = chromium === undefined && "no Chromium found: install it or set CHROMIUM_PATH";

let folder = "";
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  const load = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href);
  const { loadSuite, runBench } = (await load("bench/index.js")) as typeof import("../src/bench/index.ts");
  const { createNgramModel } = (await load(
    "serve/ngram-model.test.helper.js",
  )) as typeof import("../src/serve/ngram-model.test.helper.ts");
  folder = await mkdtemp(join(tmpdir(), "apollo-report-page-"));
  // The page names the suite by its path: a long one, as on any real machine, must not widen a phone's page.
  const deep = join(folder, "a-folder-with-a-long-name".repeat(4));
  await mkdir(deep);
  await copyFile(new URL("../samples/exam/taught.json", import.meta.url), join(deep, "taught.json"));
  const suite = await loadSuite(join(deep, "taught.json"));
  const model = createNgramModel("The answer is A. The answer is option B or C.", { id: "small" });
  await runBench({ suite, model, out: folder, rotations: true, limit: 12 });
  const { chromium: driver } = await import("playwright-core");
  browser = await driver.launch({ executablePath: chromium!, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  if (folder !== "") await rm(folder, { recursive: true });
});

async function visit(look: { readonly dark: boolean; readonly width: number }): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 800 },
    colorScheme: look.dark ? "dark" : "light",
  });
  const page = await context.newPage();
  page.on("request", (request) => assert.match(request.url(), /^file:/u));
  page.on("pageerror", (error) => assert.fail(error));
  await page.goto(pathToFileURL(join(folder, "report.html")).href);
  await page.locator("#samples-list li").first().waitFor();
  return page;
}

test("samples are filtered, searched, turned over and read", { skip }, async () => {
  const page = await visit({ dark: false, width: 1200 });
  const count = page.locator("#samples-count");
  const filters = page.locator("#samples form");
  assert.match((await count.textContent()) ?? "", /^72 of 72 items · \d+\.\d % of them right$/u);
  assert.equal(await page.locator("#samples-list li").count(), 25);
  await page.getByRole("button", { name: "Next" }).click();
  await page.getByRole("button", { name: "Next" }).click();
  assert.equal(await page.locator("#samples-page").textContent(), "Page 3 of 3");
  assert.equal(await page.locator("#samples-list li").count(), 22);
  assert.ok(await page.getByRole("button", { name: "Next" }).isDisabled());

  await filters.getByLabel("Language").selectOption({ label: "العربية (ar)" });
  assert.match((await count.textContent()) ?? "", /^12 of 72/u);
  const first = page.locator(".sample").first();
  await first.locator("summary").click();
  // A sample's body is made on the "toggle" event, which browsers send some time after the click.
  await first.locator(".body").waitFor();
  assert.equal(await first.locator(".question:dir(rtl)").count(), 1);
  assert.equal(await first.locator(".body:dir(rtl) .options li").count(), 4);
  assert.equal(await first.locator(".options .gold", { hasText: "right answer" }).count(), 1);
  assert.equal(await first.locator(".options .chosen", { hasText: "chosen" }).count(), 1);

  await filters.getByLabel("Answer").selectOption({ label: "right" });
  const right = Number(/^\d+/u.exec((await count.textContent()) ?? "")![0]);
  await filters.getByLabel("Answer").selectOption({ label: "wrong" });
  const wrong = Number(/^\d+/u.exec((await count.textContent()) ?? "")![0]);
  assert.equal(right + wrong, 12);

  await filters.getByLabel("Language").selectOption("");
  await filters.getByLabel("Answer").selectOption("");
  const samples = await readFile(join(folder, "samples.jsonl"), "utf8");
  const { id } = JSON.parse(samples.split("\n")[40]!) as { id: string };
  await filters.getByLabel("Text").fill(id.toUpperCase());
  await page.waitForFunction('document.getElementById("samples-list").childElementCount < 25');
  assert.ok((await page.locator(".where").allTextContents()).some((text) => text.startsWith(`${id} `)));
  await filters.getByLabel("Text").fill("no such words anywhere");
  await page.waitForFunction('document.getElementById("samples-list").childElementCount === 0');
  assert.equal(await count.textContent(), "0 of 72 items");
  await page.context().close();
});

test("no accessibility fault, nothing wider than the screen", { skip }, async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  for (const look of [
    { dark: false, width: 1200 },
    { dark: true, width: 360 },
  ]) {
    const page = await visit(look);
    await page
      .locator(".findings summary")
      .click({ timeout: 500 })
      .catch(() => undefined);
    await page.locator(".sample summary").first().click();
    await page.locator(".sample .body").first().waitFor();
    const wide = Number(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"));
    assert.ok(wide <= 0, `${wide} pixels too wide at ${look.width}`);
    await page.evaluate(axe);
    const violations = await page.evaluate(
      "axe.run().then((found) => found.violations.map((fault) => fault.id))",
    );
    assert.deepEqual(violations, []);
    await page.context().close();
  }
});
