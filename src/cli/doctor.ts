// apollo doctor
import { resolve } from "node:path";
import pc from "picocolors";
import {
  checkRayCluster,
  checkSlurm,
  createS3Storage,
  isBucketUrl,
  parseBucketUrl,
  tryBucket,
} from "../cluster/index.ts";
import { UserError } from "../core/index.ts";
import { doctor } from "../flows/index.ts";
import { type Command, type CommandIo, defineCommand } from "./command.ts";
import { PLACE_OPTIONS, readPlace } from "./engine-options.ts";
import { printTable } from "./table.ts";

const GIBIBYTE = 2 ** 30;

const doctorCommand = defineCommand({
  name: "doctor",
  summary: "try every part on this machine or a cluster, say what is missing and which models it can run",
  options: {
    ...PLACE_OPTIONS,
    folder: {
      type: "string",
      value: "DIR",
      help: "with --engine: the folder that every machine must see under this path, default the current one; or s3://BUCKET/NAME, also alone",
    },
  },
  examples: [
    "apollo doctor",
    "apollo doctor --json",
    "apollo doctor --engine ray --address http://head:8265 --folder /shared/apollo",
    "apollo doctor --folder s3://bucket/apollo",
  ],
  async run({ options, io }) {
    const place = readPlace(options);
    const { folder = "." } = options;
    const inBucket = isBucketUrl(folder);
    if (place.engine !== "local") {
      if (inBucket && place.engine === "slurm")
        throw new UserError("needs-shared-folder", "Slurm's nodes work in a folder that all of them see", {
          file: folder,
        });
      return checkPlace(place, inBucket ? folder : resolve(folder), io);
    }
    if (inBucket) return checkBucket(folder, io);
    if (options.folder !== undefined)
      throw new UserError("bad-option", "--folder needs --engine ray or slurm, or a place s3://BUCKET/NAME");
    const { checks, models } = await doctor(process.cwd());
    printChecks(checks, io);
    io.print("");
    const quantisations = [...new Set(models.map(({ quantisation }) => quantisation))];
    const rows = [...new Set(models.map(({ model }) => model))].map((model) => [
      model,
      ...models
        .filter((one) => one.model === model)
        .map(({ bytes, fits, tokensPerSecond }) => {
          const memory = `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
          return fits ? `${memory}, ~${tokensPerSecond.toPrecision(2)} tokens/s` : `${memory}: does not fit`;
        }),
    ]);
    printTable(io, ["model", ...quantisations], rows);
    io.print(
      "Memory with 4,096 tokens of context. Speed: one stream, from what one thread reads of memory; a rough guide.",
    );
    return { checks, models };
  },
});

/** Asks a cluster what tasks would need there. */
async function checkPlace(
  { api, commands, cpus = 1 }: ReturnType<typeof readPlace>,
  folder: string,
  io: CommandIo,
): Promise<unknown> {
  const found =
    api === undefined
      ? await checkSlurm(folder)
      : await checkRayCluster(api, { folder, commands, cpus, signal: io.signal });
  const checks = found.map(({ name, detail, error }) => ({
    name,
    ok: error === undefined,
    detail,
    ...(error === undefined ? {} : { code: error.code, remedy: error.remedy }),
  }));
  printChecks(checks, io);
  return { checks };
}

/** Tries a bucket from here. */
async function checkBucket(url: string, io: CommandIo): Promise<unknown> {
  const place = parseBucketUrl(url);
  const checks = [await check()];
  printChecks(checks, io);
  return { checks };

  async function check() {
    try {
      const storage = createS3Storage();
      const objects = await tryBucket(storage, place);
      const detail = `${url} can be read and written at ${storage.endpoint}; ${objects} objects are there`;
      return { name: "bucket", ok: true, detail, objects };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      const { code, message, remedy } = error;
      return { name: "bucket", ok: false, detail: message, code, remedy };
    }
  }
}

/** A line for each; the exit code tells whether all hold. */
function printChecks(
  checks: readonly { name: string; ok: boolean; detail: string; remedy?: string | undefined }[],
  io: CommandIo,
): void {
  for (const { name, ok, detail, remedy } of checks) {
    io.print(
      `${ok ? pc.green("ok ") : pc.red("not")} ${name.padEnd(24)} ${detail}${remedy === undefined ? "" : `. ${remedy}`}`,
    );
  }
  if (checks.some((check) => !check.ok)) process.exitCode = 2;
}

/** Commands about the machine. */
export const doctorCommands: readonly Command[] = [doctorCommand];
