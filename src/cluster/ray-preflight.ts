// What must hold before anything is submitted to a Ray cluster: each node is asked for Node, Apollo and the shared folder, by a small job.
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { APOLLO_VERSION, asFileError, UserError } from "../core/index.ts";
import type { RayApi } from "./ray-api.ts";
import { DRIVER_ENTRYPOINT, driverFiles, type NodeReport, readDriverLine } from "./ray-driver.ts";
import { runRayJob } from "./ray-job.ts";

/** One thing that was looked at. */
export interface ClusterCheck {
  readonly name: string;
  /** What was found. */
  readonly detail: string;
  /** Why it will not do; absent when it will. */
  readonly error?: UserError;
}

/** What the tasks will need. */
export interface PreflightOptions {
  /** A folder that every machine sees under this path. */
  readonly folder: string;
  /** Ways to call Apollo on a node, the first that is there is taken. */
  readonly commands: readonly (readonly string[])[];
  /** Cores for each task. */
  readonly cpus: number;
  readonly signal?: AbortSignal | undefined;
}

const OLDEST_NODE = [20, 19] as const;
/** A shared file system may show another machine's file late. */
const STORAGE_MILLISECONDS = 10_000;
const PROBE_PATIENCE_SECONDS = 20;

/** Looks at the head, the folder and every node; throws only what the signal or our own mistakes throw. */
export async function checkRayCluster(
  api: RayApi,
  options: PreflightOptions,
): Promise<readonly ClusterCheck[]> {
  const checks: ClusterCheck[] = [];
  /** Runs one check; false when it failed. */
  const check = async (name: string, work: () => Promise<string>): Promise<boolean> => {
    try {
      checks.push({ name, detail: await work() });
      return true;
    } catch (error) {
      if (!(error instanceof UserError) || options.signal?.aborted) throw error;
      checks.push({ name, detail: error.message, error });
      return false;
    }
  };
  const nonce = `.probe-${randomBytes(6).toString("hex")}`;
  const reached = await check("ray head", async () => {
    const { ray, api: version } = await api.version();
    return `Ray ${ray}, version ${version} of the Jobs API, at ${api.address}`;
  });
  if (!reached) return checks;
  const written = await check("shared folder", async () => {
    await writeProbe(options.folder, nonce);
    return `${options.folder} can be written here`;
  });
  if (!written) return checks;
  let nodes: NodeReport[] = [];
  try {
    await check("ray workers", async () => {
      nodes = await probeNodes(api, options, nonce);
      if (nodes.length === 0) return "none yet: tasks wait until the cluster has a node with cores";
      const most = Math.max(...nodes.map(({ cpus }) => cpus));
      if (most < options.cpus)
        throw new UserError(
          "ray-too-small",
          `no node has the ${options.cpus} cores a task asks for; the largest has ${most}`,
          {
            file: api.address,
            remedy: "Ask for fewer with --task-cpus, or add a larger node.",
          },
        );
      return `${nodes.length} with ${nodes.reduce((sum, { cpus }) => sum + cpus, 0)} cores`;
    });
    for (const node of nodes)
      await check(`node ${node.host ?? node.address}`, () => judgeNode(node, options.folder, nonce));
  } finally {
    const names = [nonce, ...nodes.map(({ id }) => `${nonce}-${id}`)];
    await Promise.all(names.map((name) => rm(join(options.folder, name), { force: true })));
  }
  return checks;
}

async function writeProbe(folder: string, nonce: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, nonce), nonce);
  } catch (error) {
    throw asFileError(error, folder);
  }
}

async function probeNodes(api: RayApi, options: PreflightOptions, nonce: string): Promise<NodeReport[]> {
  const { folder, commands, signal } = options;
  const nodes: NodeReport[] = [];
  let whole = false;
  let python = true;
  const end = await runRayJob(
    api,
    {
      id: `apollo-probe${nonce.slice(6)}`,
      entrypoint: DRIVER_ENTRYPOINT,
      files: await driverFiles({ mode: "probe", folder, commands, nonce }),
    },
    {
      signal,
      patienceSeconds: PROBE_PATIENCE_SECONDS,
      onLine(text) {
        const line = readDriverLine(text);
        if (line?.kind === "node") nodes.push(line);
        whole ||= line?.kind === "cluster";
        python &&= line?.kind !== "no-python";
      },
    },
  );
  if (!python)
    throw new UserError(
      "ray-no-python",
      "neither python nor python3 on the head's path has the package ray",
      {
        file: api.address,
        remedy: "Start the head where they have: activate its environment before ray start.",
      },
    );
  if (!whole)
    throw new UserError(
      "ray-probe-failed",
      `the probe job ended as ${end.status}: ${lastLine(end.message)}`,
      {
        file: api.address,
        remedy: "See the job in Ray's dashboard.",
      },
    );
  return nodes;
}

/** What the node has, in words; throws what it lacks. */
async function judgeNode(node: NodeReport, folder: string, nonce: string): Promise<string> {
  const name = `node ${node.host ?? "?"} (${node.address})`;
  const fail = (code: string, message: string, remedy: string): never => {
    throw new UserError(code, `${name} ${message}`, { file: folder, remedy });
  };
  if (node.dead !== undefined)
    fail("worker-dead", `does not run tasks: ${node.dead}`, "See it in Ray's dashboard.");
  if (node.missing !== undefined)
    fail(
      "worker-without-apollo",
      `has no ${node.missing}`,
      "Install Node and Apollo there, or name the command with --worker-command.",
    );
  if (node.nodeVersion !== undefined) {
    const [major = 0, minor = 0] = (/^v(\d+)\.(\d+)/u.exec(node.nodeVersion) ?? []).slice(1).map(Number);
    if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]))
      fail(
        "worker-old-node",
        `has Node ${node.nodeVersion || "?"}; ${OLDEST_NODE.join(".")} or newer was expected`,
        "Install it there.",
      );
  }
  if (node.apollo !== APOLLO_VERSION)
    fail(
      "worker-version",
      `has Apollo ${node.apollo || "?"} (${node.command}); this is ${APOLLO_VERSION}`,
      "Install the same version on every machine.",
    );
  if (node.sees !== true)
    fail(
      "storage-not-shared",
      `does not see our file in ${folder}${node.storage ? ` (${node.storage})` : ""}`,
      "Use a folder that every machine mounts under the same path.",
    );
  if (node.storage !== undefined)
    fail(
      "storage-not-writable",
      `cannot write into ${folder} (${node.storage})`,
      "Let the user that runs Ray write there.",
    );
  if (!(await appears(join(folder, `${nonce}-${node.id}`), nonce)))
    fail(
      "storage-not-shared",
      `wrote into ${folder}, and it cannot be seen here`,
      "Use a folder that every machine mounts under the same path.",
    );
  return [
    `${node.cpus} cores`,
    node.nodeVersion && `Node ${node.nodeVersion}`,
    `Apollo ${node.apollo}`,
    "reads and writes the folder",
  ]
    .filter(Boolean)
    .join(", ");
}

async function appears(path: string, content: string): Promise<boolean> {
  const until = performance.now() + STORAGE_MILLISECONDS;
  for (;;) {
    if ((await readFile(path, "utf8").catch(() => "")) === content) return true;
    if (performance.now() > until) return false;
    await sleep(200);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
