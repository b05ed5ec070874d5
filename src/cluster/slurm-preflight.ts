// What must hold before anything is submitted to Slurm, as far as it can be known from here: its programs, its controller, the folder.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asFileError, makeFolder, UserError } from "../core/index.ts";
import type { ClusterCheck } from "./ray-preflight.ts";
import { callSlurm, largestArray } from "./slurm-commands.ts";

/** Looks at Slurm's programs and controller and at the folder. A node's own lacks are told by the first task that meets them. */
export async function checkSlurm(folder: string): Promise<readonly ClusterCheck[]> {
  const check = async (name: string, work: () => Promise<string>): Promise<ClusterCheck> => {
    try {
      return { name, detail: await work() };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { name, detail: error.message, error };
    }
  };
  return [
    await check("slurm", async () => {
      const version = (await callSlurm("sbatch", ["--version"])).trim();
      const nodes = await callSlurm("sinfo", ["--noheader", "--format=%D nodes %T in %P"]);
      return `${version}; ${nodes.trim().split("\n").join(", ")}; arrays of up to ${await largestArray()}`;
    }),
    await check("shared folder", async () => {
      const probe = join(folder, `.probe-${process.pid}`);
      await makeFolder(folder);
      try {
        await writeFile(probe, "");
        await rm(probe);
      } catch (error) {
        throw asFileError(error, folder);
      }
      return `${folder} can be written here`;
    }),
  ];
}
