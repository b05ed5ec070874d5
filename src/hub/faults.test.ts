import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { UserError } from "../core/index.ts";
import { userError } from "../core/user-error.test.helper.ts";
import { CONFIG, MODEL, sendCut, sendStatus, startFixture, WEIGHTS } from "./hub-fixture.test.helper.ts";
import type { SeenRequest } from "./local-hub.ts";

const HALF = WEIGHTS.length / 2;
const LARGE = "owner/model:model.safetensors";

type Fault = (request: SeenRequest, response: ServerResponse) => boolean;

/** Misbehaves for the first requests that `matches` picks, once for each of `faults`, and then no more. */
function inTurn(matches: (request: SeenRequest) => boolean, ...faults: Fault[]): { intercept: Fault } {
  let turn = 0;
  return {
    intercept: (request, response) => matches(request) && (faults[turn++]?.(request, response) ?? false),
  };
}
const toStorage = ({ server }: SeenRequest): boolean => server === "storage";
const cutAt =
  (length: number): Fault =>
  (_request, response) =>
    sendCut(response, WEIGHTS, length);
const status =
  (code: number, headers: Record<string, string | number> = {}, body = ""): Fault =>
  (_request, response) =>
    sendStatus(response, code, headers, body);
const always = (matches: (request: SeenRequest) => boolean, fault: Fault): { intercept: Fault } => ({
  intercept: (request, response) => matches(request) && fault(request, response),
});

const ranges = (requests: readonly SeenRequest[]): (string | undefined)[] =>
  requests.filter(toStorage).map(({ headers }) => headers.range);

test("a cut connection goes on where it stopped, with a new address from the hub", async (t) => {
  const { pull, hub, downloads } = await startFixture(t, [MODEL], inTurn(toStorage, cutAt(HALF)));
  const { folder } = await pull(LARGE);
  assert.deepEqual(await readFile(join(folder, "model.safetensors")), WEIGHTS);
  assert.deepEqual(ranges(hub.requests), [undefined, `bytes=${HALF}-`]);
  assert.equal(downloads().filter(({ server }) => server === "hub").length, 2);
});

test("a connection that is cut at every try is followed as long as it moves on", async (t) => {
  const faults = Array.from({ length: 9 }, (): Fault => {
    return ({ headers }, response) => {
      const from = Number(/\d+/u.exec(headers.range ?? "0")?.[0]);
      response.writeHead(from === 0 ? 200 : 206, {
        "content-length": WEIGHTS.length - from,
        "content-range": `bytes ${from}-${WEIGHTS.length - 1}/${WEIGHTS.length}`,
      });
      response.write(WEIGHTS.subarray(from, from + 20_000), () => response.destroy());
      return true;
    };
  });
  const { pull, hub } = await startFixture(t, [MODEL], inTurn(toStorage, ...faults));
  await pull(LARGE);
  assert.equal(ranges(hub.requests).length, 10);
});

test("a server that ignores Range sends the whole file, which replaces the part", async (t) => {
  const whole: Fault = (_request, response) => {
    response.end(WEIGHTS);
    return true;
  };
  const { pull } = await startFixture(t, [MODEL], inTurn(toStorage, cutAt(HALF), whole));
  const { folder } = await pull(LARGE);
  assert.deepEqual(await readFile(join(folder, "model.safetensors")), WEIGHTS);
});

test("a server that ignores Range and cuts each time is given up, not asked forever", async (t) => {
  const { pull, hub } = await startFixture(t, [MODEL], always(toStorage, cutAt(HALF)));
  await assert.rejects(pull(LARGE), { code: "hub-unreachable" });
  assert.equal(ranges(hub.requests).length, 5);
});

test("wrong bytes are thrown away and fetched once more; wrong again, they are refused by hash", async (t) => {
  const wrong: Fault = (_request, response) => {
    response.end(Buffer.alloc(WEIGHTS.length));
    return true;
  };
  const once = await startFixture(t, [MODEL], inTurn(toStorage, wrong));
  const { folder } = await once.pull(LARGE);
  assert.deepEqual(await readFile(join(folder, "model.safetensors")), WEIGHTS);
  const twice = await startFixture(t, [MODEL], always(toStorage, wrong));
  await assert.rejects(twice.pull(LARGE), {
    code: "wrong-hash",
    message: /model\.safetensors arrived with SHA-256/u,
  });
  assert.deepEqual(await twice.blobs(), []);
  const plain = await startFixture(
    t,
    [MODEL],
    always(
      ({ url }) => url.endsWith("/config.json"),
      (_request, response) => {
        response.end(CONFIG.toUpperCase());
        return true;
      },
    ),
  );
  await assert.rejects(plain.pull("owner/model:config.json"), { code: "wrong-hash", message: /git SHA-1/u });
});

test("a wrong size is refused before the bytes are read, or as soon as there are too many", async (t) => {
  const longer: Fault = (_request, response) => {
    response.end(Buffer.concat([WEIGHTS, WEIGHTS]));
    return true;
  };
  const { pull } = await startFixture(t, [MODEL], always(toStorage, longer));
  await assert.rejects(pull(LARGE), {
    code: "wrong-size",
    message: /300000 bytes by the hub's list.*600000/u,
  });
  const endless: Fault = (_request, response) => {
    response.write(WEIGHTS);
    response.end(WEIGHTS);
    return true;
  };
  const chunked = await startFixture(t, [MODEL], always(toStorage, endless));
  await assert.rejects(chunked.pull(LARGE), { code: "wrong-size" });
});

test("a damaged part from an earlier run costs a second download, never a wrong file", async (t) => {
  const { pull, home, hub, blobs } = await startFixture(t);
  const { folder } = await pull("owner/model:config.json");
  const sha256 = createHash("sha256").update(WEIGHTS).digest("hex");
  const part = join(home, "hub/models--owner--model/blobs", `${sha256}.apollo-00000000-1-aa.incomplete`);
  const longAgo = new Date(0);
  await writeFile(part, Buffer.alloc(1000));
  await utimes(part, longAgo, longAgo);
  await pull(LARGE);
  assert.deepEqual(await readFile(join(folder, "model.safetensors")), WEIGHTS);
  assert.deepEqual(ranges(hub.requests), ["bytes=1000-", undefined]);
  assert.equal((await blobs()).length, 2);
});

test("an aborted pull keeps its part, and the next one goes on from there", async (t) => {
  const controller = new AbortController();
  const stall: Fault = (_request, response) => {
    response.writeHead(200, { "content-length": WEIGHTS.length });
    response.write(WEIGHTS.subarray(0, HALF));
    return true;
  };
  const { pull, hub, blobs } = await startFixture(t, [MODEL], inTurn(toStorage, stall));
  const interrupted = new UserError("interrupted", "interrupted");
  const first = pull(LARGE, {
    signal: controller.signal,
    progress: () => ({ update: (done) => done > 0 && controller.abort(interrupted), finish() {} }),
  });
  await assert.rejects(first, { code: "interrupted" });
  assert.match((await blobs())[0] ?? "", /\.incomplete$/u);
  await pull(LARGE);
  assert.match(ranges(hub.requests)[1] ?? "", /^bytes=[1-9]\d*-$/u);
  assert.equal((await blobs()).length, 1);
});

test("a process killed in the middle leaves a part that the next one takes over", async (t) => {
  const stall: Fault = (_request, response) => {
    response.writeHead(200, { "content-length": WEIGHTS.length });
    response.write(WEIGHTS.subarray(0, HALF));
    return true;
  };
  const { pull, hub, blobs, home, variables } = await startFixture(t, [MODEL], inTurn(toStorage, stall));
  const child = startPull(LARGE, variables);
  const folder = join(home, "hub/models--owner--model/blobs");
  for (;;) {
    const [part] = await readdir(folder).catch(() => []);
    if (part !== undefined && (await stat(join(folder, part))).size === HALF) break;
    await sleep(10);
  }
  child.kill("SIGKILL");
  await once(child, "exit");
  await pull(LARGE);
  assert.deepEqual(ranges(hub.requests), [undefined, `bytes=${HALF}-`]);
  assert.equal((await blobs()).length, 1);
});

test("two pulls of the same file at once, in one process: one download", async (t) => {
  const { pull, hub, blobs } = await startFixture(t);
  const results = await Promise.all([pull(LARGE), pull(LARGE), pull(`${LARGE}@v1`)]);
  assert.equal(new Set(results.map(({ folder }) => folder)).size, 1);
  assert.equal(ranges(hub.requests).length, 1);
  assert.equal((await blobs()).length, 1);
});

test("two processes pulling the same file: the later waits for the earlier", async (t) => {
  let release = (): void => {};
  const held: Fault = (_request, response) => {
    response.writeHead(200, { "content-length": WEIGHTS.length });
    response.write(WEIGHTS.subarray(0, HALF));
    release = () => response.end(WEIGHTS.subarray(HALF));
    return true;
  };
  const { pull, hub, variables } = await startFixture(t, [MODEL], inTurn(toStorage, held));
  const child = startPull(LARGE, variables);
  while (ranges(hub.requests).length === 0) await sleep(10);
  const later = pull(LARGE);
  await sleep(100);
  release();
  const [{ folder }, [code]] = await Promise.all([later, once(child, "exit")]);
  assert.equal(code, 0);
  assert.deepEqual(await readFile(join(folder, "model.safetensors")), WEIGHTS);
  assert.equal(ranges(hub.requests).length, 1);
});

/** A pull in a process of its own, through the built package. */
function startPull(spec: string, variables: Record<string, string>) {
  const script = `import { pull } from ${JSON.stringify(new URL("./index.js", import.meta.url).href)};
await pull(${JSON.stringify(spec)});`;
  return spawn(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, ...variables },
    stdio: "inherit",
  });
}

test("a busy hub is asked again: 500, 503, 429 with its Retry-After", async (t) => {
  const { pull, warnings } = await startFixture(
    t,
    [MODEL],
    inTurn(
      ({ url }) => url.includes("/revision/"),
      status(500),
      status(503),
      status(429, { "retry-after": "0.01" }),
      status(429, { ratelimit: '"api";r=7;t=300' }),
    ),
  );
  await pull("owner/model");
  assert.deepEqual(warnings, [], "short pauses are no news");
});

test("storage that refuses an expired address is asked by a new one", async (t) => {
  const { pull, downloads } = await startFixture(t, [MODEL], inTurn(toStorage, status(403), status(404)));
  await pull(LARGE);
  assert.equal(downloads().filter(({ server }) => server === "hub").length, 3);
  const refusing = await startFixture(t, [MODEL], always(toStorage, status(403)));
  await assert.rejects(refusing.pull(LARGE), { code: "download-failed", message: /answered 403/u });
});

test("a hub that stays busy, or asks to wait too long, is an error that says so", async (t) => {
  const busy = await startFixture(
    t,
    [MODEL],
    always(() => true, status(503)),
  );
  await assert.rejects(busy.pull("owner/model"), { code: "hub-unavailable", message: /answered 503/u });
  assert.equal(busy.hub.requests.length, 5);
  const limited = await startFixture(
    t,
    [MODEL],
    always(() => true, status(429, { ratelimit: '"api";r=0;t=299', "retry-after": "1" })),
  );
  await assert.rejects(limited.pull("owner/model"), { code: "rate-limited", message: /asks to wait 300 s/u });
  assert.equal(limited.hub.requests.length, 1);
});

test("silence counts as a cut", async (t) => {
  const silent: Fault = (_request, response) => {
    response.writeHead(200, { "content-length": WEIGHTS.length });
    response.write(WEIGHTS.subarray(0, HALF));
    return true;
  };
  const { pull, hub } = await startFixture(t, [MODEL], inTurn(toStorage, silent));
  await pull(LARGE, { env: { HF_HUB_DOWNLOAD_TIMEOUT: "0.2" } });
  assert.equal(ranges(hub.requests).length, 2);
});

test("bytes packed for the way are unpacked, and their length is not taken for the file's", async (t) => {
  const packed = gzipSync(CONFIG);
  const { pull } = await startFixture(
    t,
    [MODEL],
    inTurn(
      ({ url }) => url.endsWith("/config.json"),
      (_request, response) => {
        response.writeHead(200, { "content-encoding": "gzip", "content-length": packed.length });
        response.end(packed);
        return true;
      },
    ),
  );
  const { folder } = await pull("owner/model:config.json");
  assert.equal(await readFile(join(folder, "config.json"), "utf8"), CONFIG);
});

test("one refused file stops the pull; the branch does not point to the half snapshot", async (t) => {
  const { pull, home } = await startFixture(
    t,
    [MODEL],
    always(({ url }) => url.endsWith("/tokenizer.json"), status(404, { "x-error-code": "EntryNotFound" })),
  );
  await assert.rejects(pull("owner/model"), {
    code: "entry-not-found",
    message: /no file "tokenizer\.json"/u,
  });
  await assert.rejects(stat(join(home, "hub/models--owner--model/refs/main")));
});

test("answers that are not a hub's are refused by name, and hostile paths never leave the cache", async (t) => {
  const isTree = ({ url }: SeenRequest): boolean => url.includes("/tree/");
  const tree = (entry: object) =>
    always(isTree, status(200, { "content-type": "application/json" }, JSON.stringify([entry])));
  const oid = "0".repeat(40);
  const cases: [{ intercept: Fault }, string, RegExp][] = [
    [
      always(() => true, status(200, { "content-type": "text/html" }, "<html>Log in")),
      "not-a-hub",
      /not JSON/u,
    ],
    [always(() => true, status(200, {}, '{"sha":"main"}')), "not-a-hub", /sha: /u],
    [always(isTree, status(200, {}, "{}")), "not-a-hub", /array/u],
    [tree({ type: "file", path: "a", size: -1, oid }), "not-a-hub", /size: /u],
    [tree({ type: "file", path: "a", size: 1, oid: "../../x" }), "not-a-hub", /oid: /u],
    [tree({ type: "file", path: "../../../x", size: 1, oid }), "unsafe-path", /x/u],
    [tree({ type: "file", path: "/etc/x", size: 1, oid }), "unsafe-path", /x/u],
    [tree({ type: "file", path: "config.json", size: 9e15, oid }), "disk-full", /9000000000 MB to download/u],
    [
      always(isTree, status(200, { link: '</api/models/o/m/tree/x>; rel="next"' }, "[]")),
      "not-a-hub",
      /never ends/u,
    ],
    [always(() => true, status(302, { location: "/" })), "too-many-redirects", /without end/u],
    [always(() => true, status(302, { location: "file:///etc/passwd" })), "bad-redirect", /file:/u],
    [always(() => true, status(418)), "hub-refused", /418/u],
  ];
  for (const [options, code, message] of cases) {
    const { pull, home } = await startFixture(t, [MODEL], options);
    await assert.rejects(pull("owner/model"), userError(code, message));
    assert.deepEqual(
      (await readdir(dirname(join(home, "x")))).filter((name) => name !== "hub"),
      [],
    );
  }
});
