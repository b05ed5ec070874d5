// vLLM for tests: its `serve` command, as APOLLO_VLLM names it, on a free port.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { freePort } from "../core/until.test.helper.ts";

/** The `vllm` executable that `APOLLO_VLLM` names; else why there is none. */
export function findVllm(): { vllm: string } | { missing: string } {
  const vllm = process.env.APOLLO_VLLM;
  if (vllm === undefined) return { missing: "APOLLO_VLLM names no vllm executable" };
  const { status } = spawnSync(vllm, ["--version"], { stdio: "ignore" });
  return status === 0 ? { vllm } : { missing: `${vllm} --version fails` };
}

/** Serves a checkpoint folder in float32 on one core, under the name `base`. */
export async function startVllm(
  vllm: string,
  folder: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const port = await freePort();
  const settings = {
    "--dtype": "float32",
    "--max-model-len": "256",
    "--host": "127.0.0.1",
    "--port": String(port),
    "--served-model-name": "base",
    // -1: as many as the vocabulary has.
    "--max-logprobs": "-1",
  };
  const child = spawn(vllm, ["serve", folder, "--enforce-eager", ...Object.entries(settings).flat()], {
    // A group of its own: it starts processes that outlive it when it alone is killed.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      HF_HUB_OFFLINE: "1",
      VLLM_NO_USAGE_STATS: "1",
      OMP_NUM_THREADS: "1",
      VLLM_CPU_OMP_THREADS_BIND: "0",
      VLLM_CPU_KVCACHE_SPACE: "1",
    },
  });
  const ended = once(child, "exit");
  let said = "";
  const ready = new Promise<void>((resolve, reject) => {
    const read = (text: Buffer): void => {
      said += text.toString();
      if (said.includes("Application startup complete")) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("exit", () => reject(new Error(`vLLM ended:\n${said}`)));
  });
  await ready;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async close() {
      process.kill(-child.pid!, "SIGKILL");
      await ended;
    },
  };
}
