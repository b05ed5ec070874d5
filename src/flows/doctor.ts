// Is this machine ready? Each part of the house is tried for real, not looked up.
import { statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { readJson, UserError } from "../core/index.ts";
import { llamaVersion } from "../engine/index.ts";
import { createSession, Graph, matmul } from "../graph/index.ts";
import { SAMPLES } from "./quickstart-stages.ts";

/** One thing that was tried. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly detail: string;
  /** What to do when it is not ok. */
  readonly remedy?: string;
}

const MEBIBYTE = 2 ** 20;
const NODE_FLOOR = [20, 19] as const;

/** Tries every part; never throws. */
export async function doctor(folder: string): Promise<DoctorCheck[]> {
  return [
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
    await check("tables (DuckDB)", "Run npm ci again.", async () => {
      const { default: duckdb } = await import("@duckdb/node-api");
      return `version ${duckdb.version()}`;
    }),
    await check("samples", "The package is incomplete: install it again.", async () => {
      const items = (await readJson(SAMPLES.taught)) as unknown[];
      return `${items.length} exam items`;
    }),
    await check("memory", "Close other programs; the quickstart needs about 1 GB.", async () => {
      const text = `${Math.round(freemem() / MEBIBYTE)} MiB free of ${Math.round(totalmem() / MEBIBYTE)} MiB`;
      if (totalmem() < 2048 * MEBIBYTE) throw new Error(text);
      return text;
    }),
    await check("disk", "Free some space, or work in another folder.", async () => {
      const { bavail, bsize } = await statfs(folder);
      const free = (bavail * bsize) / MEBIBYTE;
      const text = `${Math.round(free)} MiB free`;
      if (free < 500) throw new Error(text);
      return text;
    }),
  ];
}

async function check(name: string, remedy: string, work: () => Promise<string>): Promise<DoctorCheck> {
  try {
    return { name, ok: true, detail: await work() };
  } catch (error) {
    const detail =
      error instanceof UserError ? error.line : error instanceof Error ? error.message : String(error);
    return { name, ok: false, detail, remedy };
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
