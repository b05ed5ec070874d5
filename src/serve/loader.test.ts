// Models opened on demand, through the application as a client sees it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../core/index.ts";
import { createNgramModel, type NgramModel } from "../engine/ngram-model.test.helper.ts";
import { createApp } from "./app.ts";
import type { LazyModel } from "./loader.ts";

const TEXT = "assistant: rest and drink. ".repeat(4);

/** Lazy models that note when they are opened and closed. */
function lazyModels(ids: readonly string[], options: { delay?: number; failing?: Map<string, Error> } = {}) {
  const events: string[] = [];
  const open = new Set<string>();
  let most = 0;
  const models = ids.map(
    (id): LazyModel => ({
      id,
      local: true,
      async open() {
        await new Promise((resolve) => setImmediate(resolve));
        const failure = options.failing?.get(id);
        if (failure !== undefined) throw failure;
        events.push(`open ${id}`);
        open.add(id);
        most = Math.max(most, open.size);
        const model: NgramModel = createNgramModel(TEXT, { id, delay: options.delay ?? 0 });
        return {
          ...model,
          async close() {
            assert.equal(model.active(), 0, "closed while it answers");
            events.push(`close ${id}`);
            open.delete(id);
          },
        };
      },
    }),
  );
  return { models, events, most: () => most };
}

function ask(app: ReturnType<typeof createApp>, model: string, init: RequestInit = {}) {
  const body = { model, messages: [{ role: "user", content: "hi" }], max_tokens: 6, temperature: 0 };
  return app.request("/v1/chat/completions", { method: "POST", body: JSON.stringify(body), ...init });
}

test("models are opened when asked for; the one unused for longest makes room", async () => {
  const { models, events, most } = lazyModels(["a", "b", "c"]);
  const app = createApp({ models, maxLoaded: 2 });
  const loaded = async () => {
    const { data } = (await (await app.request("/v1/models")).json()) as {
      data: { id: string; local: boolean; apollo: { loaded: boolean } }[];
    };
    assert.ok(data.every(({ local }) => local));
    return data.filter(({ apollo }) => apollo.loaded).map(({ id }) => id);
  };
  assert.deepEqual(await loaded(), []);
  for (const id of ["a", "b", "a", "c"]) assert.equal((await ask(app, id)).status, 200);
  assert.deepEqual(events, ["open a", "open b", "close b", "open c"]);
  assert.deepEqual(await loaded(), ["a", "c"]);
  assert.equal((await ask(app, "absent")).status, 404);
  await app.closeModels();
  assert.deepEqual(events.slice(4).sort(), ["close a", "close c"]);
  assert.equal(most(), 2);
});

test("everybody is served when more models are asked for at once than fit", async () => {
  const { models, events, most } = lazyModels(["a", "b", "c"], { delay: 1 });
  const app = createApp({ models, maxLoaded: 1 });
  const replies = await Promise.all(["a", "b", "c", "a", "c", "b", "a"].map((id) => ask(app, id)));
  assert.ok(replies.every(({ status }) => status === 200));
  assert.equal(most(), 1);
  assert.ok(events.length >= 5);
});

test("a model that cannot be opened is a 503 that tells no file names; short memory makes others leave first", async () => {
  const seen: unknown[] = [];
  const failing = new Map([["b", new Error("/secret/path is broken")]]);
  const { models, events } = lazyModels(["a", "b", "c"], { failing });
  const app = createApp({ models, maxLoaded: 3, report: (error) => seen.push(error) });
  const broken = await ask(app, "b");
  assert.equal(broken.status, 503);
  assert.ok(broken.headers.get("retry-after"));
  assert.ok(!(await broken.text()).includes("secret"));
  assert.equal(seen.length, 1);
  assert.equal((await ask(app, "a")).status, 200);
  failing.set("c", new UserError("not-enough-memory", "too large"));
  const short = await ask(app, "c");
  assert.equal(short.status, 503);
  assert.match(await short.text(), /not enough memory/);
  assert.deepEqual(events, ["open a", "close a"], "the idle model was closed to make room before giving up");
  failing.delete("b");
  assert.equal((await ask(app, "b")).status, 200);
  await app.closeModels();
});

test("a client that leaves while its model is being opened holds nothing", async () => {
  const { models } = lazyModels(["a", "b"], { delay: 1 });
  const app = createApp({ models, maxLoaded: 1 });
  const leaving = new AbortController();
  const first = ask(app, "a");
  const second = ask(app, "b", { signal: leaving.signal });
  leaving.abort();
  assert.equal((await first).status, 200);
  assert.equal((await second).status, 499);
  assert.equal((await ask(app, "b")).status, 200);
  assert.equal((await ask(app, "a")).status, 200);
  await app.closeModels();
});
