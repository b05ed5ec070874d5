import assert from "node:assert/strict";
import { test } from "node:test";
import { userError } from "../core/user-error.test.helper.ts";
import { MODEL, sendStatus, startFixture } from "./hub-fixture.test.helper.ts";
import { rateLimitWait } from "./refusals.ts";

const GATED = {
  type: "model",
  id: "owner/gated",
  files: { "config.json": "{}" },
  gatedFor: ["hf_yes"],
} as const;

test("each refusal says what is wrong and what to do, in one line", async (t) => {
  const { pull, hub } = await startFixture(t, [MODEL, GATED]);
  const token = { env: { HF_TOKEN: "hf_no" } };
  const cases: [string, object, string, RegExp][] = [
    ["owner/none", {}, "repository-not-found", /does not exist, is private, or needs a token.*set HF_TOKEN/u],
    ["owner/none", token, "repository-not-found", /no model owner\/none at http.*datasets\/owner\/name/u],
    ["datasets/owner/model", token, "repository-not-found", /no data set owner\/model/u],
    ["owner/model@v9", {}, "revision-not-found", /no revision "v9".*\/owner\/model\/tree\/main/u],
    [
      "owner/model:Config.json",
      {},
      "entry-not-found",
      /no file "Config\.json", the nearest are config\.json/u,
    ],
    ["owner/gated", {}, "gated-repository", /no token was sent.*Accept its terms at http.*\/owner\/gated/u],
    ["owner/gated", token, "gated-repository", /your account is not on its list.*Ask for access/u],
  ];
  for (const [spec, options, code, line] of cases) {
    await assert.rejects(pull(spec, options), (error) => {
      assert.ok(!(error as Error).message.includes("hf_no"));
      return userError(code, line)(error);
    });
  }
  assert.equal((await pull("owner/gated", { env: { HF_TOKEN: "hf_yes" } })).files.length, 1);
  assert.equal((await pull("owner/gated", { token: " hf_yes\n" })).files.length, 1);
  assert.ok(!hub.requests.some(({ headers }) => headers.authorization === "Bearer "));
});

test("a bad token is not reported as a missing repository; a disabled one not as a missing right", async (t) => {
  const cases: [number, Record<string, string>, string, string, RegExp][] = [
    [
      401,
      { "x-error-message": "Invalid credentials in Authorization header" },
      "",
      "bad-token",
      /token from HF_TOKEN/u,
    ],
    [
      401,
      { "content-type": "application/json" },
      '{"error":"Invalid username or password, token expired"}',
      "bad-token",
      /Make a new one/u,
    ],
    [
      403,
      { "x-error-message": "Access to this resource is disabled." },
      "",
      "repository-disabled",
      /was disabled/u,
    ],
    [403, { "content-type": "text/html" }, "<html>", "access-denied", /token from HF_TOKEN the right/u],
    [
      403,
      { "content-type": "application/json", "x-request-id": "r-1" },
      '{"error":["no\\nscope"]}',
      "access-denied",
      /no scope \(request r-1\)/u,
    ],
    [404, {}, "", "repository-not-found", /no model/u],
  ];
  for (const [status, headers, body, code, line] of cases) {
    const { pull, hub } = await startFixture(t, [MODEL], {
      intercept: (_request, response) => sendStatus(response, status, headers, body),
    });
    await assert.rejects(pull("owner/model", { env: { HF_TOKEN: "hf_x" } }), userError(code, line));
    assert.equal(hub.requests.length, 1, "no second try");
  }
});

test("the wait of a rate limit: its window's end, else Retry-After in seconds or as a date", () => {
  const wait = (headers: Record<string, string>): number | undefined => rateLimitWait(new Headers(headers));
  assert.equal(wait({ ratelimit: '"resolvers";r=0;t=54' }), 55_000);
  assert.equal(wait({ ratelimit: '"api";r=3;t=54' }), undefined);
  assert.equal(wait({ ratelimit: '"api";r=3;t=54', "retry-after": "2" }), 2000);
  assert.equal(wait({ "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" }), 0);
  assert.equal(wait({ "retry-after": "soon" }), undefined);
  assert.equal(wait({}), undefined);
});

test("the hub's warnings are shown once per topic", async (t) => {
  const { pull, warnings } = await startFixture(t, [MODEL], {
    intercept: (_request, response) => {
      response.setHeader("x-hf-warning", "topic-of-this-test; mind the gap");
      return false;
    },
  });
  await pull("owner/model");
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /: mind the gap$/u);
});
