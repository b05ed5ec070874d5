// What must hold before anything is submitted to a Ray cluster: each node is asked for Node, Apollo and the shared folder, by a small job.
import { randomBytes } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { APOLLO_VERSION, asFileError, makeFolder, UserError } from "../core/index.ts";
import { removePlace } from "./bucket-folders.ts";
import { tryBucket } from "./bucket-preflight.ts";
import type { RayApi } from "./ray-api.ts";
import { DRIVER_ENTRYPOINT, driverFiles, type NodeReport, readDriverLine } from "./ray-driver.ts";
import { runRayJob } from "./ray-job.ts";
import {
  below,
  bucketUrl,
  createS3Storage,
  isBucketUrl,
  parseBucketUrl,
  type S3Storage,
} from "./s3-storage.ts";

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
  /** A folder that every machine sees under this path, or a place in a bucket. */
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
  const place = isBucketUrl(options.folder)
    ? bucketProbe(options.folder, nonce)
    : folderProbe(options.folder, nonce);
  let nodes: NodeReport[] = [];
  try {
    if (!(await check(place.name, place.write))) return checks;
    await check("ray workers", async () => {
      nodes = await probeNodes(api, { ...options, folder: place.path }, nonce);
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
      await check(`node ${node.host ?? node.address}`, async () => judgeNode(node, await place.judge(node)));
  } finally {
    // What could not be written cannot be removed either, and was told.
    await place.clear(nodes).catch(() => undefined);
  }
  return checks;
}

/** What tasks share, as it is tried. */
interface StorageProbe {
  readonly name: string;
  /** What nodes are given. */
  readonly path: string;
  /** Tries it from here; gives what was found. */
  write(): Promise<string>;
  /** What the node lacks, if anything. */
  judge(node: NodeReport): Promise<NodeFault | undefined>;
  clear(nodes: readonly NodeReport[]): Promise<void>;
}

interface NodeFault {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

function folderProbe(folder: string, nonce: string): StorageProbe {
  return {
    name: "shared folder",
    path: folder,
    async write() {
      await makeFolder(folder);
      try {
        await writeFile(join(folder, nonce), nonce);
      } catch (error) {
        throw asFileError(error, folder);
      }
      return `${folder} can be written here`;
    },
    async judge(node) {
      const code = "storage-not-shared";
      const remedy = "Use a folder that every machine mounts under the same path.";
      if (node.sees !== true)
        return {
          code,
          message: `does not see our file in ${folder}${node.storage ? ` (${node.storage})` : ""}`,
          remedy,
        };
      if (node.storage !== undefined)
        return {
          code: "storage-not-writable",
          message: `cannot write into ${folder} (${node.storage})`,
          remedy: "Let the user that runs Ray write there.",
        };
      if (!(await appears(join(folder, `${nonce}-${node.id}`), nonce)))
        return { code, message: `wrote into ${folder}, and it cannot be seen here`, remedy };
      return undefined;
    },
    async clear(nodes) {
      const names = [nonce, ...nodes.map(({ id }) => `${nonce}-${id}`)];
      await Promise.all(names.map((name) => rm(join(folder, name), { force: true })));
    },
  };
}

function bucketProbe(url: string, nonce: string): StorageProbe {
  const place = below(parseBucketUrl(url), nonce);
  // Missing keys are a check that fails.
  const storage = (): S3Storage => createS3Storage();
  return {
    name: "bucket",
    path: bucketUrl(place),
    async write() {
      await storage().put(below(place, "here"), nonce);
      await tryBucket(storage(), place);
      return `${url} can be read and written here, at ${storage().endpoint}`;
    },
    async judge({ bucket }) {
      const remedy =
        "Set AWS_ENDPOINT_URL, AWS_REGION and the keys for the user that runs Ray as they are here.";
      if (bucket?.ok !== true)
        return {
          code: "storage-not-writable",
          message: `cannot work in ${url} (${bucket?.detail ?? "no answer"})`,
          remedy,
        };
      if (bucket.objects === 0)
        return {
          code: "storage-not-shared",
          message: `does not see our object in ${url}: it asks other storage`,
          remedy,
        };
      return undefined;
    },
    clear: async () => removePlace(storage(), place),
  };
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
function judgeNode(node: NodeReport, lack: NodeFault | undefined): string {
  const name = `node ${node.host ?? "?"} (${node.address})`;
  const fail = (code: string, message: string, remedy: string): never => {
    throw new UserError(code, `${name} ${message}`, { remedy });
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
  if (lack !== undefined) fail(lack.code, lack.message, lack.remedy);
  return [
    `${node.cpus} cores`,
    node.nodeVersion && `Node ${node.nodeVersion}`,
    `Apollo ${node.apollo}`,
    "reads and writes there",
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
