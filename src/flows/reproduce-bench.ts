// The bench stage of a reproduction: the exam, asked of the trained model in every way that can be, and of its base in one.
import { type ColumnsResult, createProtocols, runBench, runColumns, type Suite } from "../bench/index.ts";
import { hashFile } from "../core/index.ts";
import { openGguf } from "../engine/index.ts";
import { type afresh, type StageRun, using } from "./stages.ts";

/** What the bench stage is run with. */
export interface BenchSettings {
  readonly suite: Suite;
  readonly protocolFile: string | undefined;
  readonly limit: number | undefined;
  readonly threads: number;
  readonly renew: typeof afresh;
  readonly run: StageRun;
}

/** The trained model by every protocol that can be asked, the published one first. */
export async function benchTrained(
  file: string,
  out: string,
  settings: BenchSettings,
): Promise<ColumnsResult> {
  const { suite, protocolFile, limit, threads, renew, run } = settings;
  const names = [...(protocolFile === undefined ? [] : ["apollo"]), "corrected", "letters"];
  return using(await openGguf(file, { threads }), async (model) => {
    const protocols = await createProtocols(names, { protocolFile, model, suite });
    const identity = { sha256: await hashFile(file) };
    const result = await renew(out, "run-mismatch", () =>
      runColumns({ suite, model, out, protocols, limit, modelIdentity: identity, ...run }),
    );
    // Several protocols make columns.
    return result as ColumnsResult;
  });
}

/** The base by letters alone: enough to see, item by item, what training changed. */
export async function benchBase(file: string, out: string, settings: BenchSettings): Promise<void> {
  const { suite, limit, threads, renew, run } = settings;
  await using(await openGguf(file, { threads }), async (model) => {
    const [protocol] = await createProtocols(["letters"], { model, suite });
    const identity = { sha256: await hashFile(file) };
    await renew(out, "run-mismatch", () =>
      runBench({ suite, model, out, protocol: protocol!, limit, modelIdentity: identity, ...run }),
    );
  });
}
