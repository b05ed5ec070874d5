// Several models on several suites: each pair a run folder of its own, so that the whole may be stopped at any moment and goes on where it was.
import { basename, extname, join } from "node:path";
import { UserError } from "../core/index.ts";
import { modelName, parseModelSpec } from "../flows/index.ts";
import type { CommandIo } from "./command.ts";
import { printTable } from "./table.ts";

/** A model on a suite, to be scored. */
export interface PlannedCell {
  /** Spec and file, as given. */
  readonly model: string;
  readonly suite: string;
  readonly modelName: string;
  readonly suiteName: string;
  /** `OUT/MODEL/SUITE`. */
  readonly out: string;
}

/** The same, scored. */
export interface MatrixCell {
  readonly model: string;
  readonly suite: string;
  readonly run: string;
  /** Plain mean over the suite's sources. */
  readonly average: number;
}

/** Every model on every suite, model by model. `UserError` when two would share a folder. */
export function planMatrix(models: readonly string[], suites: readonly string[], out: string): PlannedCell[] {
  const named = (
    specs: readonly string[],
    name: (spec: string) => string,
    option: string,
  ): [string, string][] => {
    const seen = new Map<string, string>();
    for (const spec of specs) {
      const folder = name(spec).replaceAll(/[^\p{L}\p{N}._@+-]+/gu, "-");
      const other = seen.get(folder);
      if (other !== undefined)
        throw new UserError("bad-option", `${option} ${other} and ${spec} would share the folder ${folder}`, {
          remedy: "Score one of them in a run of its own, with another --out.",
        });
      seen.set(folder, spec);
    }
    return [...seen];
  };
  const suiteFolders = named(suites, (path) => basename(path, extname(path)), "--suite");
  return named(models, (spec) => modelName(parseModelSpec(spec)), "--model").flatMap(([model, spec]) =>
    suiteFolders.map(([suite, path]) => ({
      model: spec,
      suite: path,
      modelName: model,
      suiteName: suite,
      out: join(out, model, suite),
    })),
  );
}

/** A row a model, a column a suite. */
export function printMatrix(io: CommandIo, cells: readonly MatrixCell[]): void {
  const suites = [...new Set(cells.map(({ suite }) => suite))];
  const models = [...new Set(cells.map(({ model }) => model))];
  const at = (model: string, suite: string): string => {
    const cell = cells.find((one) => one.model === model && one.suite === suite);
    return cell === undefined ? "" : `${(100 * cell.average).toFixed(1)} %`;
  };
  printTable(
    io,
    ["average", ...suites],
    models.map((model) => [model, ...suites.map((suite) => at(model, suite))]),
  );
}
