// llama.cpp's own HTTP server, for tests and as a peer in perf/: the Python package xllamacpp holds it, compiled.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Serves one model on a free port, one thread; "exact" as `openGguf` evaluates: float32 in the cache, no flash attention. */
const PROGRAM = `
import sys, xllamacpp
path, context, parallel, exact = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "exact"
params = xllamacpp.CommonParams()
params.model.path, params.model_alias = path, {"base"}
params.n_ctx, params.n_parallel, params.port, params.warmup = context * parallel, parallel, 0, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
if exact:
    params.cache_type_k = params.cache_type_v = xllamacpp.ggml_type.GGML_TYPE_F32
    params.flash_attn_type = xllamacpp.llama_flash_attn_type.LLAMA_FLASH_ATTN_TYPE_DISABLED
server = xllamacpp.Server(params)
print("listening at", server.listening_address, flush=True)
sys.stdin.read()
`;

/** A Python that has the server, named by `APOLLO_PYTHON`; else why there is none. */
export function findLlamaServer(): { python: string } | { missing: string } {
  const python = process.env.APOLLO_PYTHON;
  if (python === undefined) return { missing: "APOLLO_PYTHON names no Python that has xllamacpp" };
  const { status } = spawnSync(python, ["-c", "import xllamacpp"]);
  return status === 0 ? { python } : { missing: `${python} has no xllamacpp: pip install xllamacpp` };
}

/** How it is started. */
interface LlamaServerOptions {
  /** Tokens of context of each request. Default 256. */
  readonly context?: number;
  /** Requests that it works on at once. Default 1. */
  readonly parallel?: number;
  /** False: its own choice of cache and attention. Default true. */
  readonly exact?: boolean;
}

/** Starts it for one GGUF file, under the name `base`. */
export async function startLlamaServer(
  python: string,
  path: string,
  { context = 256, parallel = 1, exact = true }: LlamaServerOptions = {},
): Promise<{ url: string; pid: number; close(): Promise<void> }> {
  const words = [path, String(context), String(parallel), exact ? "exact" : "usual"];
  const child = spawn(python, ["-c", PROGRAM, ...words], { stdio: ["pipe", "pipe", "pipe"] });
  const ended = once(child, "exit");
  let said = "";
  const url = new Promise<string>((resolve, reject) => {
    const read = (text: Buffer): void => {
      said += text.toString();
      const [, address] = /^listening at (\S+)$/mu.exec(said) ?? [];
      if (address !== undefined) resolve(`${address}/v1`);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", () => reject(new Error(`llama.cpp's server ended:\n${said}`)));
  });
  return {
    url: await url,
    pid: child.pid!,
    async close() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
