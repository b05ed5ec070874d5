// Pages in a real browser: where there is one, how they are opened, and what holds for each of them.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "playwright-core";

const INSTALLED = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const chromium = [process.env.CHROMIUM_PATH ?? "", ...INSTALLED].find(
  (path) => path !== "" && existsSync(path),
);
const built = existsSync(new URL("../dist/web/index.html", import.meta.url));

/** Why a test that needs a browser, and the built pages, is skipped; false when it is not. */
export const noBrowser =
  chromium === undefined
    ? "no Chromium found: install it or set CHROMIUM_PATH"
    : !built && "the pages are not built: npm run build";

/** Starts the browser; only where `noBrowser` is false. */
export async function launch(): Promise<Browser> {
  const { chromium: driver } = await import("playwright-core");
  return driver.launch({ executablePath: chromium!, args: ["--no-sandbox"] });
}

/** A phone's window, the narrowest that pages are made for. */
export const PHONE = { width: 360, height: 740 };
/** A window on a desk. */
export const DESKTOP = { width: 1280, height: 860 };

/** Who looks. */
export interface Look {
  /** Default English. */
  readonly language?: string;
  /** Default `DESKTOP`. */
  readonly viewport?: typeof PHONE;
  /** Default light. */
  readonly dark?: boolean;
}

/** Opens a page; `finish` closes it, and fails if it asked another host for anything, or met an error or its own policy. */
export async function openPage(
  browser: Browser,
  address: string,
  { language = "en", viewport = DESKTOP, dark = false }: Look = {},
): Promise<{ page: Page; finish: () => Promise<void> }> {
  const context = await browser.newContext({
    locale: language,
    viewport,
    colorScheme: dark ? "dark" : "light",
  });
  const page = await context.newPage();
  const { protocol, host } = new URL(address);
  const problems: string[] = [];
  page.on("request", (request) => {
    const url = new URL(request.url());
    const own = url.protocol === protocol && url.host === host;
    if (!own && url.protocol !== "blob:" && url.protocol !== "data:") problems.push(request.url());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  // A violation of the page's policy is told here, too.
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(address);
  return {
    page,
    async finish() {
      await context.close();
      assert.deepEqual(problems, []);
    },
  };
}

/** No violation that axe finds, and no scrolling sideways. */
export async function assertSound(page: Page, where: string): Promise<void> {
  // Evaluated through the debugger, so that the page's own policy against foreign scripts stays in force.
  const axe = createRequire(import.meta.url)("axe-core") as { source: string };
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe.source);
  const violations = await page.evaluate(
    "axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target + ' ' + n.failureSummary).join('; ')))",
  );
  assert.deepEqual(violations, [], where);
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(overflow, 0, `${where} scrolls sideways`);
}
