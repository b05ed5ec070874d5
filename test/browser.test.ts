// The real page in a real browser: the built files, served by the real server, in front of a small model that recites.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";

const INSTALLED = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const chromium = [process.env.CHROMIUM_PATH ?? "", ...INSTALLED].find(
  (path) => path !== "" && existsSync(path),
);
const built = existsSync(new URL("../dist/web/index.html", import.meta.url));
const skip =
  chromium === undefined
    ? "no Chromium found: install it or set CHROMIUM_PATH"
    : !built && "the pages are not built: npm run build";

const LANGUAGES = { en: "Send", zh: "发送", fr: "Envoyer", es: "Enviar", hi: "भेजें", ar: "إرسال" } as const;
/** Somebody's chest pain, and a message with a reserved phone number in it. */
const EMERGENCIES = {
  en: "My dad has crushing chest pain and is sweating",
  zh: "我爸突然胸痛，脸色煞白",
  fr: "mon mari a mal à la poitrine et il transpire",
  es: "mi papá se agarra el pecho y está sudando",
  hi: "पापा को सीने में तेज़ दर्द है और पसीना आ रहा है",
  ar: "أبي عنده ألم شديد في صدره وعرقان",
} as const;
const PERSONAL = "hello +1 415-555-0199";
type LanguageModel = import("../src/engine/index.ts").LanguageModel;
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 860 };
const ANSWER = `Drink **water** often. Take small sips.

- *Oral rehydration solution*: 1 litre
- <img src="http://example.com/x.png" onerror="document.title='broken'"> <script>alert(1)</script>

اشرب محلول ORS 200 mL بعد كل إسهال. لا تتوقف عن الأكل.

| Age | Volume |
|---|---|
| under 2 years | 50–100 mL |

\`\`\`
1 L water + 6 tsp sugar
\`\`\`
`;
/** What a reader sees who asks for something long. */
const LONG = "Rest. ".repeat(300);

let browser: Browser;
let server: { readonly url: string; close(grace?: number): Promise<void> };
let active: () => number;

before(async () => {
  if (skip !== false) return;
  const load = (path: string) => import(new URL(`../dist/serve/${path}`, import.meta.url).href);
  const { createApp, startServer } = (await load("index.js")) as typeof import("../src/serve/index.ts");
  const { createNgramModel } = (await load(
    "ngram-model.test.helper.js",
  )) as typeof import("../src/serve/ngram-model.test.helper.ts");
  const recital = `user: hello\nassistant: ${ANSWER}`;
  const models = [
    createNgramModel(recital, { id: "short", memory: 16 }),
    createNgramModel(`assistant: ${LONG}`, { id: "slow", memory: 16, delay: 5 }),
  ];
  active = () => models[1]!.active();
  const at = (alpha: number): LanguageModel =>
    Object.assign(createNgramModel(`assistant: steered ${alpha}.\n`, { id: "trio", memory: 16 }), {
      alpha,
      withAlpha: at,
    });
  const exams = [
    {
      model: "short",
      scores: [
        {
          source: "exam-en",
          language: "en",
          n: 1089,
          accuracy: 0.452,
          interval: [0.423, 0.482],
          majority: 0.306,
        },
      ],
    },
  ] as const;
  server = await startServer({ app: createApp({ models: [...models, at(1)], exams }), port: 0 });
  const { chromium: driver } = await import("playwright-core");
  browser = await driver.launch({ executablePath: chromium!, args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  await server?.close(0);
});

interface Visit {
  readonly language?: string;
  readonly viewport?: typeof PHONE;
  readonly dark?: boolean;
}

/** Opens the page; every request to another host, every script error and every policy violation fails the test at its end. */
async function visit({ language = "en", viewport = DESKTOP, dark = false }: Visit = {}): Promise<{
  page: Page;
  finish: () => Promise<void>;
}> {
  const context = await browser.newContext({
    locale: language,
    viewport,
    colorScheme: dark ? "dark" : "light",
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("request", (request) => {
    if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(server.url))
      problems.push(request.url());
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") problems.push(message.text());
  });
  await page.goto(server.url);
  await page.locator("#message").waitFor();
  return {
    page,
    finish: async () => {
      await context.close();
      assert.deepEqual(problems, []);
    },
  };
}

async function ask(page: Page, text: string, model = "short"): Promise<void> {
  await page.locator(".controls .model select").selectOption(model);
  await page.locator("#message").fill(text);
  await page.keyboard.press("Enter");
}

const answered = (page: Page, count = 1) =>
  page
    .locator(".answer:not(.writing)")
    .nth(count - 1)
    .waitFor();

test("a conversation: sent, streamed, safe, copied, stopped, answered again, kept and deleted", {
  skip,
}, async () => {
  const { page, finish } = await visit();
  await page.locator(".temperature input").fill("0");
  await ask(page, "hello");
  await answered(page);
  assert.equal(await page.locator(".answer .text strong").textContent(), "water");
  assert.equal(await page.locator(".answer img, .answer script").count(), 0);
  assert.notEqual(await page.title(), "broken");
  const announced = await page.locator("[role=log] p").allTextContents();
  assert.ok(announced.includes("Drink water often."), announced.join("|"));
  assert.ok(announced.includes("End of the answer."), announced.join("|"));

  const arabic = page.locator(".answer p", { hasText: "اشرب" });
  assert.equal(await arabic.getAttribute("dir"), "auto");
  assert.equal(await page.locator(".answer p:dir(rtl)", { hasText: "اشرب" }).count(), 1);
  assert.equal(await arabic.locator("bdi").first().textContent(), "ORS 200 mL");
  assert.equal(await page.locator(".answer pre").getAttribute("dir"), "ltr");

  await ask(page, "more", "slow");
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.locator(".answer.writing", { hasText: "Rest. Rest." }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText("You stopped this answer.").first().waitFor();
  await assertSoon(() => active() === 0, "the server went on writing");
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.locator(".answer.writing", { hasText: "Rest." }).waitFor();
  await page.keyboard.press("Tab");
  await page.locator("#message").focus();
  await page.keyboard.press("Escape");
  await answered(page, 2);

  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as JSON" }).click();
  const saved = JSON.parse(await readAll(await (await download).createReadStream()));
  assert.deepEqual(
    saved.turns.map((turn: { role: string }) => turn.role),
    ["user", "assistant", "user", "assistant", "assistant"],
  );
  assert.equal(saved.turns[4].parent, saved.turns[3].parent, "the first answer stays, as another version");
  assert.equal(saved.turns[1].model, "short");
  assert.equal(saved.turns[1].settings.temperature, 0);

  await page.reload();
  await page.getByRole("button", { name: /^hello/ }).click();
  await answered(page, 2);
  page.on("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Delete: hello" }).click();
  assert.equal(await page.locator(".conversations li").count(), 0);
  await finish();
});

test("by keyboard alone: skip link, question, emergency card, new conversation", { skip }, async () => {
  const { page, finish } = await visit();
  await page.keyboard.press("Tab");
  assert.equal(await focusedText(page), "Skip to the message field");
  await page.keyboard.press("Enter");
  await page.keyboard.type("hello");
  await page.keyboard.press("Enter");
  await answered(page);
  assert.equal(await page.evaluate("document.activeElement.id"), "message");
  await page.getByRole("button", { name: "Emergency" }).press("Enter");
  assert.equal(await page.getByRole("dialog").isVisible(), true);
  assert.equal(await page.getByRole("link", { name: "911" }).first().getAttribute("href"), "tel:911");
  await page.keyboard.press("Escape");
  assert.equal(await focusedText(page), "Emergency");
  await page.getByRole("button", { name: "New conversation" }).press("Enter");
  assert.equal(await page.locator(".answer").count(), 0);
  await finish();
});

for (const [language, send] of Object.entries(LANGUAGES)) {
  test(`${language}: no accessibility violation, nothing sticks out, whole page in its direction`, {
    skip,
  }, async () => {
    for (const [viewport, dark] of [
      [DESKTOP, false],
      [PHONE, true],
    ] as const) {
      const { page, finish } = await visit({ language, viewport, dark });
      await page.getByRole("button", { name: send, exact: true }).waitFor();
      assert.equal(await page.locator("html").getAttribute("dir"), language === "ar" ? "rtl" : "ltr");
      assert.ok((await page.locator("html").getAttribute("lang"))?.startsWith(language));
      assert.equal(await page.locator(".notice").isVisible(), true);
      if (viewport === PHONE) await assertSound(page, `${language} first screen`);
      await page.locator(".temperature input").fill("0");
      await ask(page, "hello");
      await answered(page);
      if (viewport === DESKTOP) await assertSound(page, `${language} conversation`);
      if (viewport === PHONE) {
        await page.locator("button.menu").click();
        await assertSound(page, `${language} menu`);
        await page.keyboard.press("Escape");
      }
      await page.locator("button.emergency").click();
      await assertSound(page, `${language} emergency card`);
      await page.keyboard.press("Escape");
      await ask(page, EMERGENCIES[language as keyof typeof EMERGENCIES]);
      await page.locator(".first-steps.urgent").waitFor();
      await answered(page, 2);
      await ask(page, PERSONAL);
      await page.locator(".personal").waitFor();
      await assertSound(page, `${language} first steps and personal data`);
      await finish();
    }
  });
}

test("what to do in an emergency comes before the model, in the language of the message, and without any model", {
  skip,
}, async () => {
  const { page, finish } = await visit();
  await ask(page, EMERGENCIES.ar, "slow");
  const card = page.locator(".first-steps");
  await card.waitFor();
  assert.equal(await page.locator(".answer:not(.writing)").count(), 0, "the model has not finished");
  assert.equal(await card.getAttribute("dir"), "rtl");
  assert.equal(await card.getByRole("link", { name: "123" }).getAttribute("href"), "tel:123");
  const order = await page.evaluate(
    "document.querySelector('.first-steps').compareDocumentPosition(document.querySelector('.answer'))",
  );
  assert.equal(order, 4, "the card stands before the answer");
  const announced = await page.locator("[role=log] p").allTextContents();
  assert.ok(announced[0]?.startsWith("قد تكون هذه حالة طارئة"), announced.join("|"));
  await page.locator(".answer.writing", { hasText: "Rest. Rest." }).waitFor();
  assert.ok(await card.locator("h2").isVisible());
  const top = (await card.boundingBox())?.y ?? -1;
  assert.ok(top >= 0 && top < 400, `the card went out of sight: ${top}`);
  await page.keyboard.press("Escape");
  await answered(page);
  await assertCardInSight(page, "after a long answer");

  await page.locator(".first-steps button").click();
  await page.getByRole("dialog").locator("select").selectOption("AU");
  assert.equal(await page.getByRole("dialog").getByRole("link", { name: "000" }).isVisible(), true);
  await page.keyboard.press("Escape");

  // An ordinary question about the same thing: a line, no card.
  await ask(page, "What are the symptoms of a stroke? My grandfather's face drooped years ago.");
  await answered(page, 2);
  assert.equal(await page.locator(".first-steps").count(), 1);
  await finish();

  const other = await visit();
  await other.page.route("**/v1/models", (route) =>
    route.fulfill({ status: 200, json: { object: "list", data: [] } }),
  );
  await other.page.reload();
  await other.page.locator("#message").fill(EMERGENCIES.en);
  await other.page.keyboard.press("Enter");
  await other.page.locator(".first-steps.urgent").waitFor();
  assert.equal(await other.page.locator(".answer").count(), 0);
  await other.finish();

  // A short answer ends near the end of the page: the page must not follow it down.
  for (const viewport of [PHONE, { width: 1280, height: 620 }]) {
    const short = await visit({ viewport });
    await ask(short.page, EMERGENCIES.fr);
    await answered(short.page);
    await assertCardInSight(short.page, `${viewport.width} px`);
    await short.finish();
  }
});

test("a question can be asked in other words; both ways stay, by keyboard too", { skip }, async () => {
  const { page, finish } = await visit();
  await ask(page, "hello");
  await answered(page);
  await page.getByRole("button", { name: "Edit" }).press("Enter");
  assert.equal(await page.evaluate("document.activeElement.ariaLabel"), "Edit the message");
  await page.keyboard.press("Escape");
  assert.equal(await focusedText(page), "Edit");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("another question");
  await page.keyboard.press("Enter");
  await page.locator(".question", { hasText: "another question" }).waitFor();
  await answered(page);
  const versions = page.getByRole("group", { name: "Version 2 of 2" });
  await versions.getByRole("button", { name: "Earlier version" }).press("Enter");
  await page.locator(".question", { hasText: "hello" }).waitFor();
  assert.equal(await page.locator(".question").count(), 1);
  await page.reload();
  await page.getByRole("button", { name: /^hello/ }).click();
  await page.getByRole("group", { name: "Version 1 of 2" }).waitFor();
  await page.getByRole("button", { name: "Answer again" }).click();
  await page.locator(".answer").getByRole("group", { name: "Version 2 of 2" }).waitFor();
  await finish();
});

test("personal data is asked about before it is sent; an emergency is not held up", { skip }, async () => {
  const { page, finish } = await visit();
  await ask(page, PERSONAL);
  const warning = page.getByRole("alertdialog");
  await warning.waitFor();
  assert.match((await warning.textContent()) ?? "", /phone number \+1 415-555-0199/);
  assert.equal(await focusedText(page), "Edit the message");
  await page.keyboard.press("Enter");
  assert.equal(await page.locator(".question").count(), 0);
  assert.equal(await page.locator("#message").inputValue(), PERSONAL);
  await page.locator("#message").press("Enter");
  await page.getByRole("button", { name: "Send anyway" }).press("Enter");
  await answered(page);
  await ask(page, `${EMERGENCIES.en}, call me at +1 415-555-0199`);
  await page.locator(".first-steps").waitFor();
  assert.equal(await warning.count(), 0);
  await finish();
});

test("alpha is sent for a trio alone; the exam's result stands beside the answer, or that there is none", {
  skip,
}, async () => {
  const { page, finish } = await visit();
  await ask(page, "hello");
  await answered(page);
  const measured = page.locator(".measured");
  assert.match((await measured.textContent()) ?? "", /exam-en.*45%.*n = 1,089.*42%.*48%/);
  assert.equal(await page.locator(".alpha").count(), 0);
  await ask(page, "你好", "trio");
  await answered(page, 2);
  assert.match((await measured.nth(1).textContent()) ?? "", /not measured in .*Chinese/);
  assert.match((await page.locator(".answer .text").nth(1).textContent()) ?? "", /steered 1\./);
  await page.locator(".alpha input").fill("0.5");
  await ask(page, "and now", "trio");
  await answered(page, 3);
  assert.match((await page.locator(".answer .text").nth(2).textContent()) ?? "", /steered 0\.5\./);
  await finish();
});

test("the language can be changed and is remembered; Arabic mirrors the page", { skip }, async () => {
  const { page, finish } = await visit();
  const left = async (selector: string) => (await page.locator(selector).boundingBox())?.x ?? 0;
  assert.ok((await left(".conversations")) < (await left("main")));
  await page.locator(".language select").selectOption("ar");
  assert.ok((await left(".conversations")) > (await left("main")));
  await page.reload();
  await page.getByRole("button", { name: "إرسال", exact: true }).waitFor();
  await page.getByRole("button", { name: "الوضع الداكن" }).click();
  assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
  await finish();
});

/** The card's first line stands below the header and in the window. */
async function assertCardInSight(page: Page, where: string): Promise<void> {
  const header = (await page.locator("header").boundingBox())!;
  const title = (await page.locator(".first-steps h2").boundingBox())!;
  const { height } = page.viewportSize()!;
  assert.ok(
    title.y >= header.y + header.height - 1 && title.y + title.height <= height,
    `${where}: the card went out of sight: ${title.y}, below a header to ${header.y + header.height}`,
  );
}

/** No axe violation, and no scrolling sideways. */
async function assertSound(page: Page, where: string): Promise<void> {
  // Evaluated through the debugger, so the page's own policy against foreign scripts stays in force.
  const axe = createRequire(import.meta.url)("axe-core") as { source: string };
  if ((await page.evaluate("typeof axe")) === "undefined") await page.evaluate(axe.source);
  const violations = (await page.evaluate(
    "axe.run(document).then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.target + ' ' + n.failureSummary).join('; ')))",
  )) as string[];
  assert.deepEqual(violations, [], where);
  const overflow = await page.evaluate(
    "document.documentElement.scrollWidth - document.documentElement.clientWidth",
  );
  assert.equal(overflow, 0, `${where} scrolls sideways`);
}

const focusedText = (page: Page) => page.evaluate("document.activeElement.textContent.trim()");

async function assertSoon(condition: () => boolean, message: string): Promise<void> {
  for (let i = 0; i < 200 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.ok(condition(), message);
}

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}
