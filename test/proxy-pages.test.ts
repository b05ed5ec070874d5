// The pages of `proxy sweep` and `proxy explain` in a real browser: real runs of a small trio, on a desk and on a phone, in light
// and in dark.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
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
const PROMPT = "What does the man say? ماذا يقول الرجل؟";
const ALPHAS = [0, 0.25, 0.5, 1, 1.5, 2];

let folder = "";
let browser: Browser;

before(async () => {
  if (skip !== false) return;
  const load = (path: string) => import(new URL(`../dist/${path}`, import.meta.url).href);
  const engine = (await load("engine/index.js")) as typeof import("../src/engine/index.ts");
  const { loadSuite } = (await load("bench/index.js")) as typeof import("../src/bench/index.ts");
  const { explainGeneration } = (await load("proxy/index.js")) as typeof import("../src/proxy/index.ts");
  const { sweepProxy } = (await load("flows/proxy-sweep.js")) as typeof import("../src/flows/proxy-sweep.ts");
  const { renderExplainReport } = (await load(
    "flows/proxy-explain-report.js",
  )) as typeof import("../src/flows/proxy-explain-report.ts");
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
  const { chromium: driver } = await import("playwright-core");
  browser = await driver.launch({ executablePath: chromium!, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  if (folder !== "") await rm(folder, { recursive: true });
});

async function visit(page: string, look: { readonly dark: boolean; readonly width: number }): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 800 },
    colorScheme: look.dark ? "dark" : "light",
  });
  const visited = await context.newPage();
  visited.on("request", (request) => assert.match(request.url(), /^file:/u));
  visited.on("pageerror", (error) => assert.fail(error));
  await visited.goto(pathToFileURL(join(folder, page)).href);
  return visited;
}

const LOOKS = [
  { dark: false, width: 1200 },
  { dark: true, width: 360 },
] as const;

for (const name of ["sweep/report.html", "explain.html"]) {
  test(`${name}: no accessibility fault, nothing wider than the screen`, { skip }, async () => {
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    for (const look of LOOKS) {
      const page = await visit(name, look);
      const wide = Number(await page.evaluate("document.documentElement.scrollWidth - window.innerWidth"));
      assert.ok(wide <= 0, `${wide} pixels too wide at ${look.width}`);
      await page.evaluate(axe);
      const violations = await page.evaluate(
        "axe.run().then((found) => found.violations.map((fault) => fault.id + ': ' + fault.nodes[0].html))",
      );
      assert.deepEqual(violations, [], `${look.width} pixels, ${look.dark ? "dark" : "light"}`);
      await page.context().close();
    }
  });
}

test("the sweep shows a panel a language, and a row an alpha in each", { skip }, async () => {
  const page = await visit("sweep/report.html", LOOKS[1]);
  const hidden =
    "document.querySelector('.scroll').scrollWidth - document.querySelector('.scroll').clientWidth";
  assert.ok(Number(await page.evaluate(hidden)) <= 0, "no column is cut off on a phone");
  assert.equal(await page.locator("figure svg").count(), 3);
  assert.equal(await page.locator("tbody tr").count(), 3 * ALPHAS.length);
  const described = await page.locator("figure svg").first().getAttribute("aria-label");
  assert.equal(described?.match(/alpha [\d.]+: \d/gu)?.length, ALPHAS.length);
  await page.context().close();
});

test("a token of the answer leads to what each of the three wanted there", { skip }, async () => {
  const page = await visit("explain.html", LOOKS[1]);
  const token = page.locator(".answer a").last();
  const target = await token.getAttribute("href");
  await token.click();
  const row = page.locator(`tr${target}`);
  assert.equal(new URL(page.url()).hash, target);
  assert.equal(await row.count(), 1);
  const box = await row.boundingBox();
  assert.ok(box !== null && box.y < 800 && box.y + box.height > 0, "the row is on the screen");
  await page.context().close();
});
