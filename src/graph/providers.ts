// The devices that ONNX Runtime computes on: how a session is given one, and what is said where it is not there.
import { UserError } from "../core/index.ts";
import { cStrings, made, type OrtLibrary, type Pointer, succeed } from "./ort-library.ts";

/** What can compute a graph: the processor, or a GPU by one of two ways. */
export type Provider = "cpu" | "webgpu" | "cuda";

/** What ONNX Runtime calls the memory of each. */
const MEMORY: Readonly<Record<Provider, string>> = { cpu: "Cpu", webgpu: "WebGPU_Buf", cuda: "Cuda" };

/** The name of a device's memory. */
export function providerMemory(provider: Provider): string {
  return MEMORY[provider];
}

/** Products in float32, not in TensorFloat-32 (10 bits of mantissa); memory as asked for, since every step asks for the same. */
const CUDA_OPTIONS = { device_id: "0", use_tf32: "0", arena_extend_strategy: "kSameAsRequested" };

/** Gives a session's options the provider; `UserError` where there is no such device. */
export function appendProvider(library: OrtLibrary, options: Pointer, provider: Provider): void {
  if (provider === "cpu") return;
  // One block for all of a run's memory would be asked for beside what the first run has left in the arena.
  succeed(library, library.disableMemoryPattern(options));
  try {
    if (provider === "cuda") appendCuda(library, options);
    else succeed(library, library.appendProvider(options, "WebGPU", null, null, 0));
  } catch (error) {
    throw noDevice(provider, error);
  }
}

function appendCuda(library: OrtLibrary, options: Pointer): void {
  const cuda = made(library, (out) => library.createCudaOptions(out));
  try {
    const [keys, values] = [cStrings(Object.keys(CUDA_OPTIONS)), cStrings(Object.values(CUDA_OPTIONS))];
    const [names, settings] = [keys.addresses, values.addresses];
    succeed(library, library.updateCudaOptions(cuda, names, settings, names.length));
    succeed(library, library.appendCuda(options, cuda));
  } finally {
    library.releaseCudaOptions(cuda);
  }
}

const INSTALL = "node node_modules/onnxruntime-node/script/install.js --onnxruntime-node-install=cuda12";

/** The error for a GPU that is not there, from what ONNX Runtime says. */
export function noDevice(provider: Exclude<Provider, "cpu">, cause: unknown): UserError {
  if (provider === "webgpu")
    return new UserError("no-gpu", "no GPU here that WebGPU can use", {
      remedy: "Use the CPU, or install the GPU's driver (on Linux Vulkan: libvulkan.so.1).",
      cause,
    });
  const { found, remedy } = cudaProblem(String(cause));
  return new UserError("no-gpu", `no GPU here that CUDA can use: ${found}`, {
    remedy: `Use --device cpu or webgpu, or ${remedy}`,
    cause,
  });
}

function cudaProblem(message: string): { readonly found: string; readonly remedy: string } {
  const failure = /(?:CUDA|CUBLAS|CUDNN) failure \d+: ([^;]+)/u.exec(message)?.[1]?.trim();
  if (failure !== undefined)
    return {
      found: failure,
      remedy: "see that nvidia-smi shows a GPU that CUDA_VISIBLE_DEVICES does not hide.",
    };
  const missing = /([^\s/]+\.so[.\d]*): cannot open shared object file/u.exec(message)?.[1];
  if (missing === undefined)
    return {
      found: message,
      remedy: "run it on Linux on x64, for which ONNX Runtime's CUDA provider is made.",
    };
  const found = `${missing} is not installed`;
  if (missing.startsWith("libonnxruntime_providers_"))
    return { found, remedy: `install ONNX Runtime's CUDA provider (Linux on x64): ${INSTALL}` };
  if (missing.startsWith("libcuda.so"))
    return { found, remedy: "install the GPU's driver, which brings libcuda.so.1." };
  return {
    found,
    remedy:
      "install that version of the CUDA libraries and cuDNN 9, and name their folders in LD_LIBRARY_PATH.",
  };
}

/** What a call on a device failed with: `UserError` where its memory is too small, else the error itself. */
export function deviceFailure(provider: Provider, error: unknown): unknown {
  if (provider === "cpu" || error instanceof UserError) return error;
  const message = String(error);
  const bytes = /Failed to allocate memory for requested buffer of size (\d+)/u.exec(message)?.[1];
  const found =
    bytes !== undefined
      ? `the GPU has no room for another ${(Number(bytes) / 2 ** 20).toFixed(1)} MiB`
      : /Too many storage buffers in shader/u.test(message)
        ? "a tensor is larger than the GPU's driver takes"
        : undefined;
  if (found === undefined) return error;
  return new UserError("gpu-memory", found, {
    remedy:
      "Ask for less at once (in a recipe: a larger accumulate, recomputeActivations, lora), or use --device cpu.",
    cause: error,
  });
}
