// Pulls the plug at a chosen moment: from the n-th change of a name on the disk on (rename, remove, link, make a folder, copy),
// every further change fails, as if the process had been killed there.
import { createRequire, syncBuiltinESMExports } from "node:module";

const files = createRequire(import.meta.url)("node:fs/promises") as Record<
  string,
  (...args: unknown[]) => Promise<unknown>
>;
const CHANGES = ["rename", "rm", "link", "mkdir", "cp", "unlink"] as const;

/** What a change meets after the plug is pulled. */
class PowerCut extends Error {}

/** Runs `work` with the plug pulled at change number `moment` (from 0); tells how many changes were tried, and whether it was hit. */
export async function cutPowerAt(
  moment: number,
  work: () => Promise<unknown>,
): Promise<{ changes: number; cut: boolean }> {
  let changes = 0;
  const originals = CHANGES.map((name) => files[name]!);
  CHANGES.forEach((name, i) => {
    files[name] = (...args) =>
      changes++ >= moment ? Promise.reject(new PowerCut(name)) : originals[i]!(...args);
  });
  syncBuiltinESMExports();
  try {
    await work();
    return { changes, cut: false };
  } catch (error) {
    if (changes <= moment) throw error;
    return { changes, cut: true };
  } finally {
    CHANGES.forEach((name, i) => {
      files[name] = originals[i]!;
    });
    syncBuiltinESMExports();
  }
}
