// Is this machine ready? Each part of the house is tried for real, not looked up.
import { statfs } from "node:fs/promises";
import { readJson, UserError } from "../core/index.ts";
import { llamaVersion } from "../engine/index.ts";
import { createSession, Graph, matmul, requireDevice } from "../graph/index.ts";
import { graphicsLibraries, machineMemory, memoryBandwidth, processor } from "./machine.ts";
import { FIT_CONTEXT, type ModelFit, modelFits, QUANTISATIONS, type Quantisation } from "./model-sizes.ts";
import { SAMPLES } from "./quickstart-stages.ts";

/** One thing that was tried. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do when it is not ok, or could be better. */
  readonly remedy?: string;
}

/** What the machine is and can do. */
export interface DoctorReport {
  readonly checks: readonly DoctorCheck[];
  /** Every published size at every quantisation. */
  readonly models: readonly ModelFit[];
}

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
const NODE_FLOOR = [20, 19] as const;

/** Tries every part; never throws. */
export async function doctor(folder: string): Promise<DoctorReport> {
  const memory = machineMemory();
  const bandwidth = memoryBandwidth();
  const models = modelFits(memory.available, bandwidth);
  const checks = [
    await check("node", "Install Node 20.19 or newer.", async () => {
      const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
      if (major < NODE_FLOOR[0] || (major === NODE_FLOOR[0] && minor < NODE_FLOOR[1])) {
        throw new Error(`${process.versions.node} is older than ${NODE_FLOOR.join(".")}`);
      }
      return `${process.versions.node} on ${process.platform} ${process.arch}`;
    }),
    await check(
      "run models (llama.cpp)",
      "Run npm ci again; optional dependencies must not be omitted.",
      async () => `version ${llamaVersion()}`,
    ),
    await check("train (ONNX Runtime)", "Run npm ci again.", tryOnnxRuntime),
    await check("train on a GPU (WebGPU)", "", () => tryGpu("webgpu", "Vulkan")),
    await check("train on a GPU (CUDA)", "", () => tryGpu("cuda", "CUDA")),
    await check("tables (DuckDB)", "Run npm ci again.", async () => {
      const { default: duckdb } = await import("@duckdb/node-api");
      return `version ${duckdb.version()}`;
    }),
    await check("samples", "The package is incomplete: install it again.", async () => {
      const items = (await readJson(SAMPLES.taught)) as unknown[];
      return `${items.length} exam items`;
    }),
    await check("processor", "", describeProcessor),
    await check("graphics", "", async () => describeGraphics()),
    await check("memory", "Close other programs; the quickstart needs about 1 GB.", async () => {
      const limit = memory.limit === undefined ? "" : `, a container's limit of ${gibibytes(memory.limit)}`;
      const speed = `one thread copies ${(bandwidth / 2e9).toFixed(1)} GB/s`;
      const text = `${gibibytes(memory.available)} free of ${gibibytes(memory.total)}${limit}; ${speed}`;
      if (Math.min(memory.limit ?? memory.total, memory.total) < 2 * GIBIBYTE) throw new Error(text);
      return text;
    }),
    await check("models that fit", "Free some memory, or serve a model from another machine.", async () =>
      largestFits(models),
    ),
    await check("disk", "Free some space, or work in another folder.", async () => {
      const { bavail, bsize } = await statfs(folder);
      const free = (bavail * bsize) / MEBIBYTE;
      const text = `${Math.round(free)} MiB free`;
      if (free < 500) throw new Error(text);
      return text;
    }),
  ];
  return { checks, models };
}

/** What a check found, with advice when it could be better. */
type Finding = string | { readonly detail: string; readonly remedy: string };

async function describeProcessor(): Promise<Finding> {
  const { model, threads, features } = await processor();
  const detail = `${model}, ${threads} threads: ${features === undefined ? "features not told by this system" : features.join(", ") || "no vector features"}`;
  if (features === undefined || process.arch !== "x64" || features.includes("AVX2")) return detail;
  return { detail, remedy: "Models run, but several times slower than on a processor with AVX2." };
}

function describeGraphics(): Finding {
  const found = graphicsLibraries().filter(({ driver }) => driver !== undefined);
  if (found.length === 0) return "no driver found: models run on the processor";
  const detail = found
    .map((one) => `${one.name} (${one.driver}; build ${one.package ?? "not installed"})`)
    .join(", ");
  const missing = found.find((one) => one.package === undefined && one.name !== "Metal");
  if (missing === undefined || found.some((one) => one.package !== undefined)) return detail;
  const build = `@node-llama-cpp/${process.platform === "win32" ? "win" : process.platform}-${process.arch}-${missing.name.toLowerCase()}`;
  return {
    detail,
    remedy: `To use it, install ${build} in the version of the others and set APOLLO_LLAMA_LIBRARIES to its folder in bins/.`,
  };
}

/** The largest published model at each quantisation; throws when there is none. */
function largestFits(models: readonly ModelFit[]): string {
  const names = (Object.keys(QUANTISATIONS) as Quantisation[]).flatMap((quantisation) => {
    const largest = models
      .filter((one) => one.fits && one.quantisation === quantisation)
      .reduce<ModelFit | undefined>(
        (best, one) => (best === undefined || one.bytes > best.bytes ? one : best),
        undefined,
      );
    return largest === undefined ? [] : [`${largest.model} at ${quantisation} (${gibibytes(largest.bytes)})`];
  });
  if (names.length === 0) throw new Error("no published size fits the free memory");
  return `up to ${names.join(", ")}, with ${FIT_CONTEXT} tokens of context`;
}

function gibibytes(bytes: number): string {
  return `${(bytes / GIBIBYTE).toFixed(1)} GiB`;
}

async function check(name: string, remedy: string, work: () => Promise<Finding>): Promise<DoctorCheck> {
  try {
    const found = await work();
    return { name, ok: true, ...(typeof found === "string" ? { detail: found } : found) };
  } catch (error) {
    const detail =
      error instanceof UserError ? error.line : error instanceof Error ? error.message : String(error);
    return { name, ok: false, detail, ...(remedy === "" ? {} : { remedy }) };
  }
}

/** A machine without a GPU is not a broken one. */
async function tryGpu(device: "webgpu" | "cuda", library: "Vulkan" | "CUDA"): Promise<Finding> {
  // Asked without a driver, the runtime writes warnings of its own; WebGPU's is the system's where that is not Linux.
  const driver =
    (device === "webgpu" && process.platform !== "linux") ||
    graphicsLibraries().some((one) => one.name === library && one.driver);
  if (!driver) return `no ${library} driver found: training runs on the processor`;
  try {
    await requireDevice(device);
    return `computes: apollo train --device ${device}`;
  } catch (error) {
    if (!(error instanceof UserError && error.code === "no-gpu")) throw error;
    const detail = `${error.message}: training runs on the processor`;
    return error.remedy === undefined ? detail : { detail, remedy: error.remedy };
  }
}

async function tryOnnxRuntime(): Promise<string> {
  const graph = new Graph();
  const x = graph.input("x", [2, 2]);
  graph.output(matmul(x, x), "y");
  const session = await createSession(graph.encode());
  const { y } = await session.run({ x: { data: Float32Array.of(1, 1, 0, 1), shape: [2, 2] } });
  await session.close();
  if (String(y?.data) !== "1,2,0,1") throw new Error(`a product came out as ${y?.data}`);
  return "computes";
}
