// The benchmark's report in a real browser: a real run of a small model on the shipped exam, its samples filtered, searched and
// read, on a desk and on a phone, in light and in dark.
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
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

let folder = "";
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  const { loadSuite, runBench } = await load<typeof import("../src/bench/index.ts")>("bench/index.js");
  const { createNgramModel } = await load<typeof import("../src/engine/ngram-model.test.helper.ts")>(
    "engine/ngram-model.test.helper.js",
  );
  folder = await mkdtemp(join(tmpdir(), "apollo-report-page-"));
  // The page names the suite by its path: a long one, as on any real machine, must not widen a phone's page.
  const deep = join(folder, "a-folder-with-a-long-name".repeat(4));
  await mkdir(deep);
  await copyFile(new URL("../samples/exam/taught.json", import.meta.url), join(deep, "taught.json"));
  const suite = await loadSuite(join(deep, "taught.json"));
  const model = createNgramModel("The answer is A. The answer is option B or C.", { id: "small" });
  await runBench({ suite, model, out: folder, rotations: true, limit: 12 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  if (folder !== "") await rm(folder, { recursive: true });
});

async function visit(look: Look): Promise<{ page: Page; finish: () => Promise<void> }> {
  const visited = await openPage(browser, pathToFileURL(join(folder, "report.html")).href, look);
  await visited.page.locator("#samples-list li").first().waitFor();
  return visited;
}

test("samples are filtered, searched, turned over and read", { skip }, async () => {
  const { page, finish } = await visit({ viewport: DESKTOP });
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
  await finish();
});

test("no accessibility fault, nothing wider than the screen", { skip }, async () => {
  for (const look of [{ viewport: DESKTOP }, { viewport: PHONE, dark: true }]) {
    const { page, finish } = await visit(look);
    const findings = page.locator(".findings summary");
    if ((await findings.count()) > 0) await findings.click();
    await page.locator(".sample summary").first().click();
    await page.locator(".sample .body").first().waitFor();
    await assertSound(page, `${look.viewport.width} pixels`);
    await finish();
  }
});
