// The chat page in a real browser: conversations, keyboard, languages, what is measured.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSound, DESKTOP, PHONE, noBrowser as skip } from "./browser.test.helper.ts";
import {
  answered,
  ask,
  type Chat,
  EMERGENCIES,
  focusedText,
  PERSONAL,
  startChat,
} from "./chat-page.test.helper.ts";
import { load } from "./load.test.helper.ts";

const { until } = await load<typeof import("../src/core/until.test.helper.ts")>("core/until.test.helper.js");
let chat: Chat;
before(async () => {
  if (skip === false) chat = await startChat();
});
after(() => chat?.close());

const LANGUAGES = { en: "Send", zh: "发送", fr: "Envoyer", es: "Enviar", hi: "भेजें", ar: "إرسال" } as const;

test("a conversation: sent, streamed, safe, copied, stopped, answered again, kept and deleted", {
  skip,
}, async () => {
  const { page, finish } = await chat.visit();
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
  await until("the server to stop writing", async () => chat.active() === 0);
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
  const { page, finish } = await chat.visit();
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
      const { page, finish } = await chat.visit({ language, viewport, dark });
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

test("a question can be asked in other words; both ways stay, by keyboard too", { skip }, async () => {
  const { page, finish } = await chat.visit();
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

test("alpha is sent for a trio alone; the exam's result stands beside the answer, or that there is none", {
  skip,
}, async () => {
  const { page, finish } = await chat.visit();
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
  const { page, finish } = await chat.visit();
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

async function readAll(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}
