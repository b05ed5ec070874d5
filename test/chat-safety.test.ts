// What the chat page does before any model: emergencies come first, personal data is asked about.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { PHONE, noBrowser as skip } from "./browser.test.helper.ts";
import {
  answered,
  ask,
  type Chat,
  EMERGENCIES,
  focusedText,
  PERSONAL,
  startChat,
} from "./chat-page.test.helper.ts";

let chat: Chat;
before(async () => {
  if (skip === false) chat = await startChat();
});
after(() => chat?.close());

test("what to do in an emergency comes before the model, in the language of the message, and without any model", {
  skip,
}, async () => {
  const { page, finish } = await chat.visit();
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

  const other = await chat.visit();
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
    const short = await chat.visit({ viewport });
    await ask(short.page, EMERGENCIES.fr);
    await answered(short.page);
    await assertCardInSight(short.page, `${viewport.width} px`);
    await short.finish();
  }
});

test("personal data is asked about before it is sent; an emergency is not held up", { skip }, async () => {
  const { page, finish } = await chat.visit();
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
