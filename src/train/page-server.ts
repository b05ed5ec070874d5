// Serves a run's page and log while it trains. On a thread of its own: a training step blocks its thread for as long as it takes.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { UserError } from "../core/index.ts";

/** A server of a run's page. */
export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves `folder/train.html` and `folder/train.jsonl` on this machine; port 0 takes any free one. `UserError` for a port in use. */
export async function servePage(folder: string, port: number): Promise<PageServer> {
  const worker = new Worker(new URL("./page-server-worker.js", import.meta.url), {
    workerData: { folder, port },
  });
  const [answer] = (await once(worker, "message")) as [{ port: number } | { error: string }];
  if ("error" in answer) {
    await worker.terminate();
    throw new UserError("port-unavailable", `cannot serve on port ${port}: ${answer.error}`, {
      remedy: "Choose another --watch.",
    });
  }
  return {
    url: `http://127.0.0.1:${answer.port}/`,
    async close() {
      await worker.terminate();
    },
  };
}
