// A run with PyTorch as a job of a Ray cluster: Ray Train starts the processes, one for each GPU, and starts them again when one is lost.
import { randomBytes } from "node:crypto";
import { appendFile, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { followRayJob, type RayApi, type RayJobEnd, runRayJob } from "../../cluster/index.ts";
import { UserError } from "../../core/index.ts";
import type { TorchPlan } from "./job.ts";
import { failureLine, PYTHON_FOLDER, type TorchLauncher, type TorchProbe } from "./launcher.ts";

/** A head that was restarted knows its jobs no more: they are submitted again so often. */
const SUBMISSIONS = 3;
const FILES = ["train.py", "ray_train.py"];

const NO_PYTHON = "no Python with ray is on the path of the head";

/** The command of a job: the first Python of the head that has Ray. */
function entrypoint(words: readonly string[]): string {
  return [
    "for python in python python3; do",
    `if $python -c 'import importlib.util as u, sys; sys.exit(u.find_spec("ray") is None)' 2>/dev/null;`,
    `then exec $python ray_train.py ${words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ")}; fi; done;`,
    `echo "${NO_PYTHON}"; exit 3`,
  ].join(" ");
}

/** Runs on the cluster at `api`. `warn` is told when its head goes away and comes back. */
export function rayLauncher(api: RayApi, warn: (line: string) => void): TorchLauncher {
  const files = async (): Promise<Record<string, Uint8Array>> =>
    Object.fromEntries(
      await Promise.all(
        FILES.map(async (name) => [name, await readFile(join(PYTHON_FOLDER, name))] as const),
      ),
    );
  const onAway = (why: string | undefined): void =>
    warn(why === undefined ? "the head of the cluster is back" : `${why}; waiting for it`);
  return {
    name: api.address,
    commands: (_, folder) => [
      [
        "ray",
        "job",
        "submit",
        "--address",
        api.address,
        "--working-dir",
        PYTHON_FOLDER,
        "--",
        "python",
        "ray_train.py",
        resolve(folder),
      ],
    ],
    async probe(plan, folder) {
      await api.version();
      await mkdir(folder, { recursive: true });
      const lines: string[] = [];
      const { processes, device } = plan.job;
      const words = ["--probe", resolve(folder), String(processes), device];
      const id = `apollo-train-probe-${randomBytes(6).toString("hex")}`;
      const request = { id, entrypoint: entrypoint(words), files: await files() };
      const end = await runRayJob(api, request, { onLine: (line) => lines.push(line), onAway });
      return readProbe(api.address, plan, resolve(folder), lines, end);
    },
    async start(plan, folder, signal) {
      const prefix = `apollo-train-${plan.job.run_key.slice(0, 16)}-`;
      let output = "";
      let writing = Promise.resolve();
      const onLine = (line: string): void => {
        output = `${output}${line}\n`.slice(-20_000);
        writing = writing.then(() => appendFile(join(folder, "log.txt"), `${line}\n`));
      };
      const options = { onLine, onAway, signal };
      for (let submission = 0; ; submission++) {
        // One that went on while nobody followed it is not submitted again.
        const going = (await api.jobs()).find(
          ({ id, status }) => id.startsWith(prefix) && (status === "RUNNING" || status === "PENDING"),
        );
        const id = going?.id ?? `${prefix}${randomBytes(4).toString("hex")}`;
        const request = { id, entrypoint: entrypoint([resolve(folder)]), files: await files() };
        const end = await (going === undefined
          ? runRayJob(api, request, options)
          : followRayJob(api, id, options));
        await writing;
        if (end.status === "LOST" && submission + 1 < SUBMISSIONS) continue;
        if (end.status === "SUCCEEDED") return {};
        return { failure: failureLine(output) ?? `the job ended as ${end.status}: ${end.message}` };
      }
    },
  };
}

type ProbeLine =
  | ({ readonly kind: "node"; readonly address: string; readonly sees: boolean } & TorchProbe)
  | { readonly kind: "cluster"; readonly devices: number; readonly wanted: number };

/** What every node has; `UserError` names a node that does not see the folder, and a cluster that is too small. */
function readProbe(
  address: string,
  { job }: TorchPlan,
  folder: string,
  lines: readonly string[],
  end: RayJobEnd,
): TorchProbe {
  const told = lines
    .filter((line) => line.startsWith("APOLLO "))
    .map((line) => JSON.parse(line.slice("APOLLO ".length)) as ProbeLine);
  const cluster = told.find((line) => line.kind === "cluster");
  const nodes = told.filter((line) => line.kind === "node");
  if (lines.includes(NO_PYTHON)) {
    throw new UserError("no-python", NO_PYTHON, {
      file: address,
      remedy:
        "Start the head from the environment that has ray, torch and transformers: PATH must lead there.",
    });
  }
  if (end.status !== "SUCCEEDED" || cluster === undefined) {
    throw new UserError(
      "trainer-failed",
      failureLine(lines.join("\n")) ?? `its nodes could not be asked: ${end.message}`,
      {
        file: address,
        remedy: "See: apollo doctor --engine ray --address URL.",
      },
    );
  }
  if (cluster.devices < job.processes) {
    throw new UserError(
      "no-gpu",
      `has ${cluster.devices} ${job.device === "cuda" ? "GPUs" : "cores"}, the recipe asks for ${job.processes}`,
      { file: address, remedy: "Set torch.nodes and torch.processesPerNode to what there is, or add nodes." },
    );
  }
  const blind = nodes.find(({ sees }) => !sees);
  if (blind !== undefined) {
    throw new UserError("not-shared", `${folder} is not there on the node ${blind.address}`, {
      file: address,
      remedy: "Put --out on storage that every node sees under the same path.",
    });
  }
  // The node that has least speaks for all.
  return nodes.reduce((worst, node) => {
    const lacking = (probe: TorchProbe): number =>
      Object.values(probe).filter((value) => value === null).length;
    const [a, b] = [lacking(worst), lacking(node)];
    return b > a || (b === a && node.devices < worst.devices) ? node : worst;
  });
}
