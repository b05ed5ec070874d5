// The results pages of a server: bench's leaderboard and reports over a folder of runs, read anew whenever someone looks.
import {
  type BoardLanguage,
  createOutcomesReader,
  findRuns,
  isBoardLanguage,
  makeBoards,
  PAGE_STYLE,
  readPackedSamples,
  renderLeaderboard,
  renderRunPage,
  samplesScript,
} from "../bench/index.ts";
import { UserError } from "../core/index.ts";

const ROOT = "/results/";
const RUN = /^\/results\/run\/([0-9a-f]{12})\/(samples\.gz)?$/u;

/** Answers requests under `/results/`; nothing for what is not there. */
export type ResultsPages = (request: Request) => Promise<Response | undefined>;

/** The pages over the runs in `folder`. `UserError` when the folder is none. */
export async function createResultsPages(folder: string): Promise<ResultsPages> {
  const outcomes = createOutcomesReader();
  // The first reader need not wait for the samples of all runs: 20 runs of 20,000 items take two seconds.
  void makeBoards(await findRuns(folder), outcomes);
  return async (request) => {
    const url = new URL(request.url);
    const path = url.pathname;
    if (path === `${ROOT}style.css`) return answer(PAGE_STYLE, "text/css; charset=utf-8");
    if (path === `${ROOT}samples.js`) return answer(samplesScript(), "text/javascript; charset=utf-8");
    const [, id, samples] = RUN.exec(path) ?? [];
    if (path !== ROOT && id === undefined) return undefined;
    const found = await findRuns(folder);
    const language = chooseLanguage(url, request.headers.get("accept-language") ?? "");
    const inLanguage = (code: BoardLanguage): string => `?${new URLSearchParams({ language: code })}`;
    if (id === undefined) {
      const against = url.searchParams.getAll("against");
      const boards = await makeBoards(found, outcomes, { against });
      const to = (changes: Readonly<Record<string, string>>): string =>
        `?${new URLSearchParams({ language, ...(against[0] === undefined ? {} : { against: against[0] }), ...changes })}`;
      const page = renderLeaderboard(found, boards, {
        language,
        addresses: {
          run: (run) => `${ROOT}run/${run.id}/${inLanguage(language)}`,
          against: (run) => to({ against: run.id }),
          language: (code) => to({ language: code }),
          chat: "/",
          stylesheet: `${ROOT}style.css`,
        },
      });
      return answer(page, "text/html; charset=utf-8");
    }
    const run = found.runs.find((one) => one.id === id);
    if (run === undefined) return undefined;
    if (samples !== undefined) return packedSamples(run);
    const page = renderRunPage(
      run,
      {
        stylesheet: `${ROOT}style.css`,
        script: `${ROOT}samples.js`,
        samples: "samples.gz",
        results: `${ROOT}${inLanguage(language)}`,
        language: inLanguage,
      },
      language,
    );
    return answer(page, "text/html; charset=utf-8");
  };
}

async function packedSamples(run: Parameters<typeof readPackedSamples>[0]): Promise<Response> {
  try {
    return answer(await readPackedSamples(run), "application/gzip");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return new Response(`${error.message}. ${error.remedy ?? ""}`, { status: 404 });
  }
}

function answer(body: string | Uint8Array<ArrayBuffer>, type: string): Response {
  // Runs come and go: nothing is kept by a browser or between.
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
}

/** The language asked for, else the first of the reader's that the page speaks, else English. */
function chooseLanguage(url: URL, accepted: string): BoardLanguage {
  const wanted = [url.searchParams.get("language") ?? "", ...accepted.split(",")];
  const codes = wanted.map((tag) => tag.trim().toLowerCase().split(/[-;]/u)[0] ?? "");
  return codes.find(isBoardLanguage) ?? "en";
}
