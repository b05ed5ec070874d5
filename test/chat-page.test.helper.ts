// The real chat page: the built files, served by the real server in front of small models that recite, in a real browser.
import type { Page } from "playwright-core";
import { type Look, launch, openPage } from "./browser.test.helper.ts";
import { load } from "./load.test.helper.ts";

type LanguageModel = import("../src/engine/index.ts").LanguageModel;

/** What the model `short` says to "hello". */
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
/** What the model `slow` says, a token every 5 ms. */
const LONG = "Rest. ".repeat(300);

/** The page, and those who look at it. */
export interface Chat {
  /** Opens the page and waits until it can be written in. */
  visit(look?: Look): Promise<{ page: Page; finish: () => Promise<void> }>;
  /** Answers that the model `slow` is writing. */
  active(): number;
  close(): Promise<void>;
}

/** Starts the server, with an exam's result for `short` and a proxy-tuned `trio`, and the browser. */
export async function startChat(): Promise<Chat> {
  const { createApp, startServer } = await load<typeof import("../src/serve/index.ts")>("serve/index.js");
  const { createNgramModel } = await load<typeof import("../src/engine/ngram-model.test.helper.ts")>(
    "engine/ngram-model.test.helper.js",
  );
  const short = createNgramModel(`user: hello\nassistant: ${ANSWER}`, { id: "short", memory: 16 });
  const slow = createNgramModel(`assistant: ${LONG}`, { id: "slow", memory: 16, delay: 5 });
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
  const app = createApp({ models: [short, slow, at(1)], exams });
  const server = await startServer({ app, port: 0 });
  const browser = await launch();
  return {
    async visit(look) {
      const visited = await openPage(browser, server.url, look);
      await visited.page.locator("#message").waitFor();
      return visited;
    },
    active: () => slow.active(),
    async close() {
      await browser.close();
      await server.close(0);
    },
  };
}

/** Sends a message. */
export async function ask(page: Page, text: string, model = "short"): Promise<void> {
  await page.locator(".controls .model select").selectOption(model);
  await page.locator("#message").fill(text);
  await page.keyboard.press("Enter");
}

/** Waits until so many answers are written to their end. */
export function answered(page: Page, count = 1): Promise<void> {
  return page
    .locator(".answer:not(.writing)")
    .nth(count - 1)
    .waitFor();
}

/** The text of what has the focus. */
export function focusedText(page: Page): Promise<unknown> {
  return page.evaluate("document.activeElement.textContent.trim()");
}

/** Somebody's chest pain, in the words of each language. */
export const EMERGENCIES = {
  en: "My dad has crushing chest pain and is sweating",
  zh: "我爸突然胸痛，脸色煞白",
  fr: "mon mari a mal à la poitrine et il transpire",
  es: "mi papá se agarra el pecho y está sudando",
  hi: "पापा को सीने में तेज़ दर्द है और पसीना आ रहा है",
  ar: "أبي عنده ألم شديد في صدره وعرقان",
} as const;
/** A message with a reserved phone number in it. */
export const PERSONAL = "hello +1 415-555-0199";
