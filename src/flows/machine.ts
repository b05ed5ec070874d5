// What the machine itself is: processor features, graphics libraries, memory and how fast it is read. Asked of the system,
// never assumed; what a system does not tell is undefined.
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
/** Of the features that speed up llama.cpp, as Linux names them, and as people do. */
const FEATURES: Readonly<Record<string, string>> = {
  avx: "AVX",
  avx2: "AVX2",
  fma: "FMA",
  f16c: "F16C",
  avx512f: "AVX-512",
  avx512_vnni: "AVX-512 VNNI",
  avx512_bf16: "AVX-512 BF16",
  avx_vnni: "AVX-VNNI",
  amx_tile: "AMX",
  amx_int8: "AMX INT8",
  asimd: "NEON",
  neon: "NEON",
  asimddp: "dot product",
  i8mm: "I8MM",
  sve: "SVE",
  sve2: "SVE2",
};

/** The processor. */
export interface Processor {
  readonly model: string;
  readonly threads: number;
  /** Vector features; undefined where the system does not tell. */
  readonly features?: readonly string[];
}

/** Asks for the processor: /proc/cpuinfo on Linux, sysctl on macOS. */
export async function processor(): Promise<Processor> {
  const list = cpus();
  const flags = await processorFlags();
  const named = flags?.flatMap((flag) => FEATURES[flag] ?? []);
  return {
    model: (list[0]?.model ?? "unknown").trim(),
    threads: list.length,
    ...(named === undefined ? {} : { features: [...new Set(named)] }),
  };
}

/** Flags in Linux's names, in order of `FEATURES`. */
async function processorFlags(): Promise<string[] | undefined> {
  try {
    const found = new Set(await readFlags());
    return Object.keys(FEATURES).filter((flag) => found.has(flag));
  } catch {
    return undefined;
  }
}

async function readFlags(): Promise<string[]> {
  if (process.platform === "linux") return parseCpuFlags(await readFile("/proc/cpuinfo", "utf8"));
  // Every 64-bit Arm processor has NEON.
  if (process.platform === "darwin" && process.arch === "arm64") return ["asimd", "asimddp"];
  if (process.platform !== "darwin") throw new Error("this system does not tell");
  const { stdout } = await run("sysctl", ["-n", "machdep.cpu.features", "machdep.cpu.leaf7_features"]);
  return stdout.toLowerCase().replaceAll("avx1.0", "avx").split(/\s+/u);
}

/** The flags of the first processor in Linux's /proc/cpuinfo; throws when there are none. */
export function parseCpuFlags(text: string): string[] {
  const line = /^(?:flags|Features)\s*:\s*(.+)$/mu.exec(text)?.[1];
  if (line === undefined) throw new Error("no flags");
  return line.trim().split(/\s+/u);
}

/** A way to compute on a graphics processor. */
export interface GraphicsLibrary {
  readonly name: "CUDA" | "Vulkan" | "Metal";
  /** Where the system's driver is; undefined when there is none. */
  readonly driver?: string;
  /** The package with llama.cpp's build for it, when it is installed. */
  readonly package?: string;
}

const LIBRARY_FOLDERS = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/lib/wsl/lib",
  "/usr/local/nvidia/lib64",
  "/usr/local/lib",
];
const DRIVERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  linux: { CUDA: "libcuda.so.1", Vulkan: "libvulkan.so.1" },
  win32: { CUDA: "nvcuda.dll", Vulkan: "vulkan-1.dll" },
};

/** Looks for drivers where systems keep them, and for llama.cpp's builds among the installed packages. */
export function graphicsLibraries(): GraphicsLibrary[] {
  const windows = [join(process.env.SystemRoot ?? "C:\\Windows", "System32")];
  const extra = (process.env.LD_LIBRARY_PATH ?? "").split(":").filter((folder) => folder !== "");
  const folders = process.platform === "win32" ? windows : [...LIBRARY_FOLDERS, ...extra];
  return (["CUDA", "Vulkan", "Metal"] as const).map((name) => {
    const file = DRIVERS[process.platform]?.[name];
    const driver =
      name === "Metal"
        ? process.platform === "darwin" && process.arch === "arm64"
          ? "macOS"
          : undefined
        : folders.map((folder) => join(folder, file ?? "?")).find((path) => existsSync(path));
    const installed = llamaPackages().find((one) => one.endsWith(`-${name.toLowerCase()}`));
    return {
      name,
      ...(driver === undefined ? {} : { driver }),
      ...(installed === undefined ? {} : { package: `@node-llama-cpp/${installed}` }),
    };
  });
}

/** The installed builds that are for this system. */
function llamaPackages(): string[] {
  const system = { darwin: "mac", win32: "win" }[process.platform as string] ?? process.platform;
  const roots = createRequire(import.meta.url).resolve.paths("@node-llama-cpp") ?? [];
  return roots
    .map((root) => join(root, "@node-llama-cpp"))
    .flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : []))
    .filter((name) => name.startsWith(`${system}-${process.arch}`));
}

/** Memory in bytes. */
export interface MachineMemory {
  readonly total: number;
  /** What a container (cgroup) may use; undefined without a limit. */
  readonly limit?: number;
  /** What could be had now. */
  readonly available: number;
}

/** Asks the system, and the cgroup of this process. */
export function machineMemory(): MachineMemory {
  const total = totalmem();
  const limit = process.constrainedMemory();
  // Without a limit, a cgroup says 0, or a number beyond any machine.
  const limited = limit > 0 && limit < total;
  return {
    total,
    ...(limited ? { limit } : {}),
    available: Math.min(process.availableMemory(), limited ? limit : total),
  };
}

/** Larger than the caches of one core. */
const PROBE_BYTES = 128 * 2 ** 20;
const PROBE_ROUNDS = 4;

/**
 * How fast one thread reads and writes memory, in bytes a second: the best of a few copies of 128 MiB. Several threads reach more.
 */
export function memoryBandwidth(): number {
  const from = Buffer.alloc(PROBE_BYTES, 1);
  const to = Buffer.alloc(PROBE_BYTES, 2);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < PROBE_ROUNDS; round++) {
    const start = process.hrtime.bigint();
    from.copy(to);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e9);
  }
  // Each byte is read once and written once.
  return (2 * PROBE_BYTES) / best;
}
