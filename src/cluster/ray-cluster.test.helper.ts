// A real Ray cluster on this machine, with token authentication: the head and each worker are processes of their own.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { callHttp } from "./http-call.ts";
import { createRayApi, type RayApi } from "./ray-api.ts";
import { freePort, until } from "./until.test.helper.ts";

/** The token that the cluster wants. */
export const TOKEN = "a-token-for-this-test-alone-0123456789";

/** A Python that has Ray, named by `APOLLO_PYTHON`; else why there is none. */
export function findRayPython(): { python: string } | { missing: string } {
  const python = process.env.APOLLO_PYTHON;
  if (python === undefined) return { missing: "APOLLO_PYTHON names no Python that has ray" };
  const { status } = spawnSync(python, ["-c", "import ray, ray.dashboard.modules.job.sdk, aiohttp"]);
  return status === 0 ? { python } : { missing: `${python} has no ray: pip install 'ray[default]'` };
}

/** A running cluster. */
export interface RayCluster {
  readonly address: string;
  readonly api: RayApi;
  startHead(): Promise<void>;
  /** Starts one more worker with two cores. */
  startWorker(): Promise<ChildProcess>;
  /** Ends the head, or a worker, as a power cut does. */
  kill(process?: ChildProcess): Promise<void>;
  close(): Promise<void>;
}

/** Nothing runs yet. */
export async function createRayCluster(python: string): Promise<RayCluster> {
  // Sockets live in it: their paths may have 107 bytes.
  const folder = await mkdtemp(join(tmpdir(), "ar-"));
  const [port, dashboard] = [await freePort(), await freePort()];
  const address = `http://127.0.0.1:${dashboard}`;
  const api = createRayApi(address, async () => TOKEN);
  const running = new Set<ChildProcess>();
  let head: ChildProcess | undefined;
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: `${dirname(python)}${delimiter}${process.env.PATH}`,
    RAY_AUTH_MODE: "token",
    RAY_AUTH_TOKEN: TOKEN,
    RAY_USAGE_STATS_ENABLED: "0",
    // A worker whose head is gone ends soon.
    RAY_gcs_rpc_server_reconnect_timeout_s: "5",
  };
  const start = async (...words: string[]): Promise<ChildProcess> => {
    const child = spawn(
      python,
      [
        ...[
          "-c",
          "from ray.scripts.scripts import main; main()",
          "start",
          "--block",
          "--node-ip-address=127.0.0.1",
        ],
        ...[`--dashboard-agent-listen-port=${await freePort()}`, "--object-store-memory=80000000"],
        ...words,
      ],
      // With --block the node's processes end when this one does.
      { env: environment, stdio: "ignore" },
    );
    running.add(child);
    child.on("exit", () => running.delete(child));
    return child;
  };
  /** Nodes that the head counts, itself among them. */
  const nodes = async (): Promise<number> => {
    const { text } = await callHttp(`${address}/nodes?view=summary`, {
      method: "GET",
      headers: { authorization: `Bearer ${TOKEN}` },
      timeoutMilliseconds: 10_000,
    });
    const { data } = JSON.parse(text) as { data: { summary: { raylet: { state: string } }[] } };
    return data.summary.filter(({ raylet }) => raylet.state === "ALIVE").length;
  };
  return {
    address,
    api,
    async startHead() {
      head = await start(
        ...["--head", `--port=${port}`, `--dashboard-port=${dashboard}`, "--dashboard-host=127.0.0.1"],
        ...["--num-cpus=0", `--temp-dir=${folder}`, `--ray-client-server-port=${await freePort()}`],
      );
      await until(async () => {
        if (head?.exitCode !== null) throw new Error(`the head ended with ${head?.exitCode}`);
        return api.jobs().then(
          () => true,
          () => false,
        );
      });
    },
    async startWorker() {
      const before = await nodes();
      const worker = await start(`--address=127.0.0.1:${port}`, "--num-cpus=2");
      await until(async () => (await nodes()) > before);
      return worker;
    },
    async kill(child = head) {
      child?.kill("SIGKILL");
      if (child !== undefined && child.exitCode === null && child.signalCode === null)
        await once(child, "exit");
    },
    async close() {
      for (const child of running) child.kill("SIGKILL");
      // The node's processes end a moment after.
      await until(async () => running.size === 0);
      await sleep(1000);
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
