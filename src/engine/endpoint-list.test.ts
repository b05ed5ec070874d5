import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { readEndpoints } from "./endpoint-list.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-endpoint-list-"));
});
after(() => rm(folder, { recursive: true }));

test("a list says where it is wrong", async () => {
  const path = join(folder, "bad.txt");
  for (const [text, place] of [
    ["http://a/v1\nb/v1\n", { at: "line 2" }],
    ["http://a/v1 KEY more\n", { at: "line 1" }],
    ["# nothing\n", { code: "bad-endpoints" }],
    ["http://a/v1\nhttp://a/v1/\n", { message: "http://a/v1 is named twice" }],
  ] as const) {
    await writeFile(path, text);
    await assert.rejects(readEndpoints({ kind: "file", path }), place);
  }
  const yaml = join(folder, "bad.yaml");
  await writeFile(yaml, "endpoints:\n  - {url: 5}\n");
  await assert.rejects(readEndpoints({ kind: "file", path: yaml }), {
    code: "bad-endpoints",
    at: "endpoints.0",
  });
});

/** What Ray 2.60's dashboard answers, cut to what is read; see docs/endpoints.md for how it was had. */
const RAY_SERVE = {
  proxy_location: "EveryNode",
  http_options: { host: "0.0.0.0", port: 8123 },
  proxies: {
    aa: { node_id: "aa", node_ip: "10.0.0.1", status: "HEALTHY" },
    bb: { node_id: "bb", node_ip: "10.0.0.2", status: "UNHEALTHY" },
    cc: { node_id: "cc", node_ip: "10.0.0.3", status: "HEALTHY" },
  },
  applications: {
    llm: { name: "llm", route_prefix: "/", status: "RUNNING" },
    other: { name: "other", route_prefix: "/other", status: "RUNNING" },
    broken: { name: "broken", route_prefix: "/broken", status: "DEPLOY_FAILED" },
  },
};

test("Ray Serve says where its applications are", async () => {
  let answer: { status: number; body: unknown } = { status: 200, body: RAY_SERVE };
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    response.writeHead(answer.status);
    response.end(JSON.stringify(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const dashboard = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const find = (application?: string) => readEndpoints({ kind: "ray-serve", dashboard, application });
  assert.deepEqual(await find("llm"), [
    { url: "http://10.0.0.1:8123/v1" },
    { url: "http://10.0.0.3:8123/v1" },
  ]);
  assert.deepEqual(await find("other"), [
    { url: "http://10.0.0.1:8123/other/v1" },
    { url: "http://10.0.0.3:8123/other/v1" },
  ]);
  assert.equal((await find()).length, 4);
  assert.deepEqual(asked[0], "/api/serve/applications/");
  // As Serve tells it when it was started without a host: proxies answer on the loopback only.
  answer = {
    status: 200,
    body: {
      ...RAY_SERVE,
      http_options: { host: "127.0.0.1", port: 8000 },
      proxies: { aa: RAY_SERVE.proxies.aa },
    },
  };
  assert.deepEqual(await find("llm"), [{ url: "http://127.0.0.1:8000/v1" }]);
  answer = { status: 200, body: RAY_SERVE };
  await assert.rejects(find("nothing"), {
    code: "ray-no-application",
    remedy: "It has: llm, other, broken.",
  });
  await assert.rejects(find("broken"), { code: "ray-no-application" });
  answer = { status: 401, body: "no" };
  await assert.rejects(find(), { code: "ray-unauthorized" });
  answer = { status: 200, body: [] };
  await assert.rejects(find(), { code: "ray-bad-answer" });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(find(), { code: "ray-unreachable" });
});
