// The thread of page-server.ts: two files over HTTP, to this machine only.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { RUN_LOG } from "./run-log.ts";
import { RUN_PAGE } from "./train-page.ts";

const { folder, port } = workerData as { folder: string; port: number };

const FILES: Readonly<Record<string, { name: string; type: string }>> = {
  "/": { name: RUN_PAGE, type: "text/html; charset=utf-8" },
  "/train.jsonl": { name: RUN_LOG, type: "application/x-ndjson" },
};

const server = createServer(async (request, response) => {
  const file = FILES[request.url ?? ""];
  if (file === undefined) {
    response.writeHead(404).end();
    return;
  }
  try {
    const content = await readFile(join(folder, file.name));
    response.writeHead(200, { "content-type": file.type, "cache-control": "no-store" }).end(content);
  } catch {
    // Before its first step a run has no page.
    response.writeHead(503, { "content-type": "text/plain", refresh: "5" }).end("The run has not begun.");
  }
});
server.on("error", (error) => parentPort!.postMessage({ error: error.message }));
server.listen(port, "127.0.0.1", () =>
  parentPort!.postMessage({ port: (server.address() as AddressInfo).port }),
);
