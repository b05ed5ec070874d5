// The packed samples of a finished run, taken out of its report: they alone hold the questions when the suite is elsewhere.
import { join } from "node:path";
import { exists, readText, UserError } from "../core/index.ts";
import type { FinishedRun } from "./read-run.ts";

const DATA = /<script type="text\/plain" id="samples-data">([A-Za-z0-9+/=]+)<\/script>/u;

/** `PackedSamples` as JSON, gzipped. `UserError` when the run has no report with samples in it. */
export async function readPackedSamples({
  folder,
}: Pick<FinishedRun, "folder">): Promise<Uint8Array<ArrayBuffer>> {
  const path = join(folder, "report.html");
  const data = (await exists(path)) ? DATA.exec(await readText(path))?.[1] : undefined;
  if (data !== undefined) return new Uint8Array(Buffer.from(data, "base64"));
  throw new UserError("no-samples", "holds no samples to browse", {
    file: path,
    remedy: "Run `apollo bench run` with the same options again: it writes the report anew.",
  });
}
