// apollo bench report
import { dirname, join, relative, sep } from "node:path";
import {
  BOARD_LANGUAGES,
  type BoardLanguage,
  findRuns,
  isBoardLanguage,
  type LocatedRun,
  makeBoards,
  readOutcomes,
  readPackedSamples,
  renderLeaderboard,
  renderReportIn,
  reportName,
} from "../bench/index.ts";
import { UserError, writeFileAtomic } from "../core/index.ts";
import { type CommandIo, defineCommand } from "./command.ts";
import { percent } from "./table.ts";

const CODES = BOARD_LANGUAGES.map(({ code }) => code).join("|");

/** `apollo bench report`. */
export const reportCommand = defineCommand({
  name: "bench report",
  summary: "all runs in a folder as one page: a leaderboard by language beside the published rows",
  positionals: "FOLDER",
  options: {
    out: { type: "string", value: "FILE", help: "the page; default FOLDER/results.html" },
    language: {
      type: "string",
      value: CODES,
      default: "en",
      help: "language of the page and of the runs' own pages (report.CODE.html)",
    },
    against: {
      type: "string",
      value: "RUN",
      multiple: true,
      help: "run (its path in FOLDER) to test the others against; default the best of each exam",
    },
  },
  examples: [
    "apollo bench report runs",
    "apollo bench report runs --against base --language fr --out results.html",
  ],
  async run({ options, positionals, io }) {
    const [folder = ""] = positionals;
    const { language, out = join(folder, "results.html") } = options;
    if (!isBoardLanguage(language)) {
      throw new UserError("bad-option", `--language must be one of ${CODES}, found "${language}"`);
    }
    const found = await findRuns(folder);
    if (found.runs.length === 0) {
      const broken = found.broken.map(({ name, reason }) => `; ${name}: ${reason}`);
      throw new UserError("no-run", `holds no finished bench run${broken.join("")}`, {
        file: folder,
        remedy: `Make one with: apollo bench run --suite FILE --model SPEC --out ${join(folder, "NAME")}`,
      });
    }
    const against = options.against.map((wanted) => {
      const run = found.runs.find(({ name }) => name === wanted.replace(/\/$/u, ""));
      if (run !== undefined) return run.id;
      throw new UserError("no-such-run", `there is no finished run "${wanted}"`, {
        file: folder,
        remedy: `Choose one of: ${found.runs.map(({ name }) => name).join(", ")}.`,
      });
    });
    const boards = await makeBoards(found, readOutcomes, { against });
    const from = dirname(out);
    const pages = new Map<LocatedRun, string>();
    for (const run of found.runs) pages.set(run, await runPage(run, language, io));
    const page = renderLeaderboard(found, boards, {
      language,
      addresses: {
        run: (run) => relative(from, pages.get(run)!).split(sep).map(encodeURIComponent).join("/"),
      },
    });
    await writeFileAtomic(out, page);
    for (const { name, reason } of found.broken) io.warn(`${name} cannot be shown: ${reason}`);
    for (const board of boards) {
      io.print(`${board.suite}${board.limit === null ? "" : ` (${board.limit} items of each source)`}`);
      for (const { run, average, half, differences } of board.rows) {
        const all = differences.find((difference) => difference.language === undefined);
        const tested = all === undefined ? "" : `   p ${all.adjustedPValue.toPrecision(2)} (Holm)`;
        io.print(
          `  ${percent(average)} ± ${percent(half)}   ${run.record.inputs.model}   ${run.name}${tested}`,
        );
      }
    }
    io.print(`report: ${out}`);
    return {
      report: out,
      boards: boards.map(({ suite, limit, base, rows }) => ({
        suite,
        limit,
        base: base.name,
        runs: rows.map(({ run, average, half, languages, differences }) => ({
          run: run.name,
          model: run.record.inputs.model,
          average,
          interval: [Math.max(0, average - half), Math.min(1, average + half)],
          languages,
          differences,
        })),
      })),
      broken: found.broken,
    };
  },
});

/** The page of a run in a language: the one that is there, else one written beside it, which the run itself makes in English. */
async function runPage(run: LocatedRun, language: BoardLanguage, io: CommandIo): Promise<string> {
  const english = join(run.folder, "report.html");
  if (language === "en") return english;
  try {
    const path = join(run.folder, reportName(language));
    await writeFileAtomic(path, renderReportIn(language, run, await readPackedSamples(run)));
    return path;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    io.warn(`${run.name} keeps its page as it is: ${error.message}`);
    return english;
  }
}
