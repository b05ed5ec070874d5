// What is sent to a Ray cluster, and what it says back: the driver's package and its lines.
import { readFile } from "node:fs/promises";

/** Shipped as it is: Ray runs Python. */
const DRIVER = new URL("../../src/cluster/ray_driver.py", import.meta.url);
const LINE_START = "APOLLO ";

/** The job's command: the first Python of the head that has Ray; the one that started the head need not be on the path. */
export const DRIVER_ENTRYPOINT = [
  "for python in python python3; do",
  `if $python -c 'import importlib.util as u, sys; sys.exit(u.find_spec("ray") is None)' 2>/dev/null;`,
  "then exec $python ray_driver.py; fi; done;",
  `echo '${LINE_START}{"kind": "no-python"}'; exit 3`,
].join(" ");

/** What the driver does in one job. */
export type DriverSpec =
  | {
      readonly mode: "run";
      readonly stage: string;
      readonly folder: string;
      readonly indexes: readonly number[];
      readonly commands: readonly (readonly string[])[];
      /** Cores and bytes of memory that a task asks of Ray. */
      readonly cpus: number;
      readonly memory?: number | undefined;
      readonly atOnce?: number | undefined;
      /** A task lost so often is given up. */
      readonly attempts: number;
    }
  | {
      readonly mode: "probe";
      readonly folder: string;
      readonly commands: readonly (readonly string[])[];
      readonly nonce: string;
    };

/** The files of a job that runs the driver. */
export async function driverFiles(spec: DriverSpec): Promise<Record<string, Uint8Array | string>> {
  return { "ray_driver.py": await readFile(DRIVER), "spec.json": JSON.stringify(spec) };
}

/** What a node said of itself when it was probed. */
export interface NodeReport {
  readonly id: string;
  readonly address: string;
  readonly cpus: number;
  readonly host?: string;
  readonly python?: string;
  readonly command?: string;
  /** The words that were looked for in vain. */
  readonly missing?: string;
  /** `v24.1.0`; absent when the command is a program of its own. */
  readonly nodeVersion?: string;
  readonly apollo?: string;
  /** The file that we wrote into the folder is there with our content. */
  readonly sees?: boolean;
  /** Why it could not be read or written. */
  readonly storage?: string;
  /** What `apollo doctor` says there about a bucket. */
  readonly bucket?: { readonly ok: boolean; readonly detail: string; readonly objects?: number };
  /** Why the node did not answer. */
  readonly dead?: string;
}

/** A line of the driver. */
export type DriverLine =
  | { readonly kind: "no-python" | "starved" | "fed" }
  /** Finished since the last line, as [index, seconds, host], and the sum of what the running ones have done. */
  | {
      readonly kind: "done";
      readonly tasks: readonly (readonly [number, number, string])[];
      readonly partly?: number;
      readonly note?: string;
    }
  | {
      readonly kind: "lost";
      readonly task: number;
      readonly attempts: number;
      readonly why: string;
      readonly node: string | null;
    }
  | {
      readonly kind: "failed";
      readonly task: number;
      readonly attempts: number;
      readonly code: number | null;
      readonly node: string | null;
      readonly said?: string;
      readonly error?: unknown;
    }
  | ({ readonly kind: "node" } & NodeReport)
  | { readonly kind: "cluster"; readonly nodes: number; readonly ray: string; readonly python: string };

/** Reads a line of a job's log; `undefined` for what others print there. */
export function readDriverLine(line: string): DriverLine | undefined {
  if (!line.startsWith(LINE_START)) return undefined;
  try {
    return JSON.parse(line.slice(LINE_START.length)) as DriverLine;
  } catch {
    return undefined;
  }
}
