// llama.cpp's own HTTP server for tests: the Python package xllamacpp holds it, compiled.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** Serves one model on a free port, evaluated as `openGguf` does: float32 in the cache, no flash attention, one thread. */
const PROGRAM = `
import sys, time, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.model_alias = sys.argv[1], {"base"}
params.n_ctx, params.n_parallel, params.port, params.warmup = 256, 1, 0, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
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

/** Starts it for one GGUF file, under the name `base`. */
export async function startLlamaServer(
  python: string,
  path: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const child = spawn(python, ["-c", PROGRAM, path], { stdio: ["pipe", "pipe", "pipe"] });
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
    async close() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
