// A real Ray cluster on this machine, with token authentication: the head and each worker are processes of their own.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, isListening, until } from "../core/until.test.helper.ts";
import { callHttp } from "./http-call.ts";
import { createRayApi, type RayApi } from "./ray-api.ts";

/** The token that the cluster wants. */
export const TOKEN = "a-token-for-this-test-alone-0123456789";

/** A Python that has Ray, named by `APOLLO_PYTHON`; else why there is none. */
export function findRayPython(): { python: string } | { missing: string } {
  const python = process.env.APOLLO_PYTHON;
  if (python === undefined) return { missing: "APOLLO_PYTHON names no Python that has ray" };
  const { status } = spawnSync(python, ["-c", "import ray, ray.dashboard.modules.job.sdk, aiohttp"]);
  return status === 0 ? { python } : { missing: `${python} has no ray: pip install 'ray[default]'` };
}

/** Ray gives a node half a minute to start, whatever else the machine does. */
const NODE_STARTS = 4;

/** How a worker differs. */
export interface WorkerSetup {
  /** Cores that it offers. Default 1. */
  readonly cpus?: number;
  /** Added to the environment of what runs on it. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder that it does not share: there it sees an empty one of its own. Wants `canSeparate`. */
  readonly hidden?: string;
  /** A folder that it shares and cannot write into. Wants `canSeparate`. */
  readonly frozen?: string;
}

/** True where a process may see other folders than its neighbours: as root, on Linux. */
export function canSeparate(): boolean {
  const { status } = spawnSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", tmpdir()]);
  return status === 0;
}

/** A running cluster. */
export interface RayCluster {
  readonly address: string;
  readonly api: RayApi;
  startHead(): Promise<void>;
  /** Starts so many more workers and gives them when the head counts them. */
  startWorkers(...workers: readonly WorkerSetup[]): Promise<ChildProcess[]>;
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
  /** The end of what each said on standard error. */
  const said = new WeakMap<ChildProcess, string>();
  let head: ChildProcess | undefined;
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    PATH: `${dirname(python)}${delimiter}${process.env.PATH}`,
    RAY_AUTH_MODE: "token",
    RAY_AUTH_TOKEN: TOKEN,
    RAY_USAGE_STATS_ENABLED: "0",
    // A worker whose head is gone ends soon.
    RAY_gcs_rpc_server_reconnect_timeout_s: "5",
    // No processes in advance; and as much of a busy machine as others get.
    RAY_enable_worker_prestart: "0",
    RAY_prestart_worker_first_driver: "0",
    RAY_worker_niceness: "0",
  };
  const start = async (words: readonly string[], setup: WorkerSetup = {}): Promise<ChildProcess> => {
    const { hidden, frozen } = setup;
    const separated = [
      ...(hidden === undefined ? [] : [`mount -t tmpfs none '${hidden}'`]),
      ...(frozen === undefined
        ? []
        : [`mount --bind '${frozen}' '${frozen}'`, `mount -o remount,ro,bind '${frozen}'`]),
    ];
    const [program = "", ...before] =
      separated.length === 0
        ? [python]
        : ["unshare", "--mount", "sh", "-c", [...separated, 'exec "$0" "$@"'].join(" && "), python];
    const child = spawn(
      program,
      [
        ...before,
        ...[
          "-c",
          "from ray.scripts.scripts import main; main()",
          "start",
          "--block",
          "--node-ip-address=127.0.0.1",
        ],
        ...[`--dashboard-agent-listen-port=${await freePort()}`, "--object-store-memory=80000000"],
        "--include-log-monitor=false",
        ...words,
      ],
      // With --block the node's processes end when this one does.
      { env: { ...environment, ...setup.environment }, stdio: ["ignore", "ignore", "pipe"] },
    );
    running.add(child);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said.set(child, ((said.get(child) ?? "") + text).slice(-2000));
    });
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
  /** Starts a node until the head counts `wanted`; again when it gives up, as Ray does on a busy machine after 30 s. */
  const startNode = async (
    name: string,
    wanted: number,
    begin: () => Promise<ChildProcess>,
  ): Promise<ChildProcess> => {
    for (let attempt = 1; ; attempt++) {
      const child = await begin();
      const isUp = () =>
        nodes().then(
          (count) => count >= wanted,
          () => false,
        );
      await until(`${name} to start`, async () => child.exitCode !== null || (await isUp()));
      if (child.exitCode === null) return child;
      if (attempt === NODE_STARTS)
        throw new Error(`${name} ended with ${child.exitCode}, ${attempt} times: ${said.get(child) ?? ""}`);
      await sleep(3000);
    }
  };
  return {
    address,
    api,
    async startHead() {
      head = await startNode("the head", 1, async () => {
        // What a killed head had started ends a moment after it.
        for (const held of [port, dashboard])
          await until(`port ${held} to be free`, async () => !(await isListening(held)));
        return start([
          ...["--head", `--port=${port}`, `--dashboard-port=${dashboard}`, "--dashboard-host=127.0.0.1"],
          ...["--num-cpus=0", `--temp-dir=${folder}`, `--ray-client-server-port=${await freePort()}`],
        ]);
      });
      await until("the Jobs API", () =>
        api.jobs().then(
          () => true,
          () => false,
        ),
      );
    },
    async startWorkers(...workers) {
      const children: ChildProcess[] = [];
      // One after the other: together they are slower than Ray allows a node to be.
      for (const setup of workers) {
        const wanted = (await nodes()) + 1;
        const words = [`--address=127.0.0.1:${port}`, `--num-cpus=${setup.cpus ?? 1}`];
        children.push(await startNode("a worker", wanted, () => start(words, setup)));
      }
      return children;
    },
    async kill(child = head) {
      child?.kill("SIGKILL");
      if (child !== undefined && child.exitCode === null && child.signalCode === null)
        await once(child, "exit");
    },
    async close() {
      for (const child of running) child.kill("SIGKILL");
      // The node's processes end a moment after.
      await until("the nodes to end", async () => running.size === 0);
      await sleep(1000);
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}
