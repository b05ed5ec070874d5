// The robustness of a run on the terminal: what position bias, confidence and language do to an accuracy.
import type { Robustness } from "../bench/index.ts";
import type { CommandIo } from "./command.ts";
import { percent, points, printTable } from "./table.ts";

/** Prints the tables that have something to say; the report has all. */
export function printRobustness(io: CommandIo, { sources, languages, gaps }: Robustness): void {
  const rotated = sources.flatMap(({ source, position, rotations }) =>
    rotations === undefined || position === undefined
      ? []
      : [
          [
            source,
            percent(rotations.accuracy),
            percent(rotations.debiased),
            percent(rotations.priorFree),
            percent(rotations.always),
            percent(position.distance),
          ],
        ],
  );
  if (rotated.length > 0) {
    io.print();
    printTable(io, ["rotated", "mean", "debiased", "prior out", "always right", "position bias"], rotated);
  }
  if (languages.length > 0) {
    io.print();
    const rows = languages.map(({ language, calibration }) => [
      language,
      String(calibration.n),
      percent(calibration.confidence),
      percent(calibration.ece),
      calibration.brier.toFixed(3),
      percent(calibration.selective.find(({ coverage }) => coverage === 0.5)!.accuracy),
    ]);
    printTable(io, ["language", "n", "confidence", "ECE", "Brier", "right, surest half"], rows);
  }
  if (gaps.length > 0) {
    io.print();
    const rows = gaps.map((gap) => [
      gap.source,
      gap.reference,
      String(gap.n),
      points(gap.difference),
      gap.interval.map(points).join(" to "),
      gap.adjustedPValue.toPrecision(2),
    ]);
    printTable(io, ["same questions", "against", "n", "gap", "95 % interval", "p (Holm)"], rows);
  }
  io.print();
}
