// ONNX Runtime's own C interface, in the very library that the installed onnxruntime-node has loaded: its Node binding copies
// every result of a run; the C interface writes into memory that it is given, or leaves results on a device.
import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import koffi from "koffi";

/** The address of a native object. */
export type Pointer = bigint;

/**
 * Version of the interface that is asked for. A library serves every version up to its own, and the places of functions never
 * change: onnxruntime_c_api.cc asserts them (ReleaseCustomOpDomain 101, ReleaseAvailableProviders 126, SetGlobalSpinControl 149,
 * SynchronizeBoundOutputs 203, ReleaseKernelInfo 218).
 */
const API_VERSION = 17;

/** Place in `struct OrtApi` and C declaration of what we call. Pointers are addresses; a status of 0 is success. */
const FUNCTIONS = {
  getErrorMessage: [2, "const char *ort_error_message(void *status)"],
  createEnv: [3, "void *ort_create_env(int level, const char *id, void *out)"],
  createSession: [
    8,
    "void *ort_create_session(void *env, void *model, size_t bytes, void *options, void *out)",
  ],
  createOptions: [10, "void *ort_create_options(void *out)"],
  disableMemoryPattern: [17, "void *ort_disable_memory_pattern(void *options)"],
  setLogLevel: [22, "void *ort_set_log_level(void *options, int level)"],
  setIntraOpThreads: [24, "void *ort_set_intra(void *options, int threads)"],
  setInterOpThreads: [25, "void *ort_set_inter(void *options, int threads)"],
  createTensor: [
    49,
    "void *ort_create_tensor(void *memory, void *data, size_t bytes, void *shape, size_t rank, int type, void *out)",
  ],
  createMemory: [
    68,
    "void *ort_create_memory(const char *name, int allocator, int device, int memory, void *out)",
  ],
  free: [76, "void *ort_free(void *allocator, void *block)"],
  defaultAllocator: [78, "void *ort_default_allocator(void *out)"],
  releaseStatus: [93, "void ort_release_status(void *status)"],
  releaseMemory: [94, "void ort_release_memory(void *memory)"],
  releaseSession: [95, "void ort_release_session(void *session)"],
  releaseValue: [96, "void ort_release_value(void *value)"],
  releaseOptions: [100, "void ort_release_options(void *options)"],
  addConfigEntry: [130, "void *ort_add_config(void *options, const char *key, const char *value)"],
  runBound: [133, "void *ort_run_bound(void *session, void *options, void *binding)"],
  createBinding: [134, "void *ort_create_binding(void *session, void *out)"],
  releaseBinding: [135, "void ort_release_binding(void *binding)"],
  bindInput: [136, "void *ort_bind_input(void *binding, const char *name, void *value)"],
  bindOutput: [137, "void *ort_bind_output(void *binding, const char *name, void *value)"],
  bindOutputToMemory: [138, "void *ort_bind_output_to(void *binding, const char *name, void *memory)"],
  boundOutputs: [140, "void *ort_bound_outputs(void *binding, void *allocator, void *out, void *count)"],
  clearInputs: [141, "void ort_clear_inputs(void *binding)"],
  clearOutputs: [142, "void ort_clear_outputs(void *binding)"],
  appendCuda: [204, "void *ort_append_cuda(void *options, void *cuda)"],
  createCudaOptions: [205, "void *ort_create_cuda_options(void *out)"],
  updateCudaOptions: [
    206,
    "void *ort_update_cuda_options(void *cuda, void *keys, void *values, size_t count)",
  ],
  releaseCudaOptions: [208, "void ort_release_cuda_options(void *cuda)"],
  appendProvider: [
    216,
    "void *ort_append_provider(void *options, const char *name, void *keys, void *values, size_t count)",
  ],
} as const;

/** Enough of the table for all of them. */
const PLACES = 1 + Math.max(...Object.values(FUNCTIONS).map(([place]) => place));

type Native = (...values: unknown[]) => unknown;

/** The functions, and the objects that all sessions share. */
export interface OrtLibrary extends Readonly<Record<keyof typeof FUNCTIONS, Native>> {
  readonly env: Pointer;
  /** Describes memory of ours. */
  readonly memory: Pointer;
}

let loaded: OrtLibrary | undefined;

/** The library, bound once; `undefined` where the package has none for this platform: the Node binding will say so. */
export function loadOrtLibrary(): OrtLibrary | undefined {
  const file = loaded === undefined ? findLibrary() : undefined;
  if (file !== undefined) loaded = bind(file);
  return loaded;
}

/** `libonnxruntime.so.1`, `libonnxruntime.1.30.0.dylib` or `onnxruntime.dll` beside the binding. */
function findLibrary(): string | undefined {
  const packageFolder = dirname(dirname(createRequire(import.meta.url).resolve("onnxruntime-node")));
  const bin = join(packageFolder, "bin");
  const version = existsSync(bin) ? readdirSync(bin).find((name) => name.startsWith("napi-")) : undefined;
  const folder = join(bin, version ?? "", process.platform, process.arch);
  const name = existsSync(folder)
    ? readdirSync(folder).find((entry) =>
        /^(lib)?onnxruntime(\.so(\.\d+)*|(\.\d+)*\.dylib|\.dll)$/u.test(entry),
      )
    : undefined;
  return name === undefined ? undefined : join(folder, name);
}

function bind(file: string): OrtLibrary {
  const base = koffi.load(file).func("void *OrtGetApiBase()")() as Pointer;
  const [getApi] = koffi.decode(base, koffi.array("void *", 2)) as [Pointer];
  const api = koffi.decode(
    getApi,
    koffi.proto("void *ort_get_api(uint32_t version)"),
  )(API_VERSION) as Pointer;
  assert.ok(api, `${file} does not serve version ${API_VERSION} of its interface`);
  const places = koffi.decode(api, koffi.array("void *", PLACES)) as Pointer[];
  const functions = Object.fromEntries(
    Object.entries(FUNCTIONS).map(([name, [place, declaration]]) => [
      name,
      koffi.decode(places[place]!, koffi.proto(declaration)),
    ]),
  ) as Omit<OrtLibrary, "env" | "memory">;
  const make = (call: (out: BigUint64Array) => unknown): Pointer => made(functions, call);
  // 3 = errors; the binding has made the one environment of the process already, and this is a share in it.
  const env = make((out) => functions.createEnv(3, "apollo", out));
  return { ...functions, env, memory: describeMemory(functions, "Cpu") };
}

/** Describes the memory of the first device of a kind, by the name that its provider gives it. */
export function describeMemory(library: Pick<OrtLibrary, keyof typeof FUNCTIONS>, name: string): Pointer {
  // 0 = the device's own allocator, 0 = the first device, 0 = its ordinary memory.
  return made(library, (out) => library.createMemory(name, 0, 0, 0, out));
}

/** An array of C strings; `bytes` must live as long as `addresses` is used. */
export function cStrings(of: readonly string[]): {
  readonly bytes: readonly Uint8Array[];
  readonly addresses: BigUint64Array;
} {
  const bytes = of.map((text) => new TextEncoder().encode(`${text}\0`));
  return { bytes, addresses: BigUint64Array.from(bytes, (text) => koffi.address(text)) };
}

type Messages = Pick<OrtLibrary, "getErrorMessage" | "releaseStatus">;

/** The object that a call writes the address of; throws what the library says where it fails. */
export function made(library: Messages, call: (out: BigUint64Array) => unknown): Pointer {
  const out = new BigUint64Array(1);
  succeed(library, call(out));
  return out[0]!;
}

/** Throws the message of a status that is not success. */
export function succeed(library: Messages, status: unknown): void {
  if (!status) return;
  const message = String(library.getErrorMessage(status));
  library.releaseStatus(status);
  throw new Error(`ONNX Runtime: ${message}`);
}
