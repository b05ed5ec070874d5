// A real Ray cluster for tests of whole commands: two workers of one core, of which the second does not see one of our folders, and a bucket that both know.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { load } from "./load.test.helper.ts";

const { canSeparate, createRayCluster, findRayPython, TOKEN } = await load<
  typeof import("../src/cluster/ray-cluster.test.helper.ts")
>("cluster/ray-cluster.test.helper.js");
const { startS3Server } = await load<typeof import("../src/cluster/s3-server.test.helper.ts")>(
  "cluster/s3-server.test.helper.js",
);
const { runCli } = await load<typeof import("../src/cli/run-cli.test.helper.ts")>(
  "cli/run-cli.test.helper.js",
);

/** The shipped corpus, as it is. */
export const SAMPLES = fileURLToPath(new URL("../samples/corpus", import.meta.url));

const found = findRayPython();
/** Why there can be no cluster; false when there can. */
export const lacking = "missing" in found ? found.missing : false;

/** A running cluster and what commands on it need. */
export interface RayBench {
  /** The Python that has Ray. */
  readonly python: string;
  /** A folder that all nodes see. */
  readonly root: string;
  /** One that the second node sees empty, where processes may be separated so. */
  readonly apart: string;
  /** The shipped corpus, imported. */
  readonly imported: string;
  /** Options that send a command's tasks there. */
  readonly onCluster: readonly string[];
  readonly storage: Awaited<ReturnType<typeof startS3Server>>;
  /** What a command needs to find cluster and bucket. */
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a command that must succeed; gives its result. */
  apollo(...words: readonly string[]): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** Starts all of it. */
export async function startRayBench(): Promise<RayBench> {
  assert.ok("python" in found);
  const root = await mkdtemp(join(tmpdir(), "apollo-on-ray-"));
  const [apart, imported] = [join(root, "apart"), join(root, "imported")];
  await mkdir(apart);
  const storage = await startS3Server();
  const cluster = await createRayCluster(found.python);
  const environment = {
    ...storage.environment,
    APOLLO_BUCKETS: join(root, "buckets"),
    RAY_AUTH_TOKEN: TOKEN,
  };
  const apollo = async (...words: readonly string[]): Promise<Record<string, unknown>> => {
    const done = await runCli([...words, "--json"], environment);
    assert.equal(done.code, 0, `${words.join(" ")}: ${done.stdout} ${done.stderr}`);
    return done.json as Record<string, unknown>;
  };
  await cluster.startHead();
  const worker = { environment: storage.environment };
  await cluster.startWorkers(worker, { ...worker, ...(canSeparate() ? { hidden: apart } : {}) });
  await apollo("corpus", "import", SAMPLES, "--out", imported);
  return {
    ...{ python: found.python, root, apart, imported, storage, environment, apollo },
    onCluster: ["--engine", "ray", "--address", cluster.address],
    async close() {
      await cluster.close();
      await storage.close();
      await rm(root, { recursive: true });
    },
  };
}

/** Files of a folder by their paths in it. */
export async function contentsOf(folder: string): Promise<Record<string, Buffer>> {
  const files: Record<string, Buffer> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(folder.length + 1)] = await readFile(path);
  }
  return files;
}

/** Fails unless names and bytes are the same. */
export function assertSame(
  found: Readonly<Record<string, Buffer>>,
  expected: Readonly<Record<string, Buffer>>,
  what: string,
): void {
  assert.ok(Object.keys(expected).length > 1, what);
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort(), what);
  for (const [name, content] of Object.entries(expected))
    assert.ok(found[name]?.equals(content), `${what}: ${name}`);
}
