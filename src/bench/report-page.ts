// The frame of every page that the benchmark writes.
import { escapeHtml, languageName, REPORT_STYLE } from "../core/index.ts";
import { BOARD_LANGUAGES, type BoardLanguage } from "./leaderboard-words.ts";
import { BENCH_STYLE } from "./report-style.ts";

/** How a page looks, as a file of its own. */
export const PAGE_STYLE = `${REPORT_STYLE}${BENCH_STYLE}`;

/** What a page may differ in. */
export interface PageOptions {
  /** Default English. */
  readonly language?: string;
  /** Default left to right. */
  readonly direction?: "ltr" | "rtl";
  /** Address of `PAGE_STYLE`; default: it stands in the page. */
  readonly stylesheet?: string;
}

/** A page's options for one of its languages. */
export function frameOf(language: BoardLanguage): Required<Pick<PageOptions, "language" | "direction">> {
  const { tag } = BOARD_LANGUAGES.find(({ code }) => code === language)!;
  return { language: tag, direction: language === "ar" ? "rtl" : "ltr" };
}

/** The file of a report in a language. */
export function reportName(language: BoardLanguage): string {
  return language === "en" ? "report.html" : `report.${language}.html`;
}

/** Links to a page in its other languages, each named in itself. */
export function languageLinks(own: BoardLanguage, address: (code: BoardLanguage) => string): string[] {
  return BOARD_LANGUAGES.map(({ code, tag }) =>
    code === own
      ? `<b lang="${tag}" aria-current="page">${languageName(code)}</b>`
      : `<a href="${escapeHtml(address(code))}" lang="${tag}" hreflang="${tag}">${languageName(code)}</a>`,
  );
}

/** A page of the benchmark's look around `body` (HTML). */
export function renderPage(title: string, body: string, options: PageOptions = {}): string {
  const { language = "en", direction = "ltr", stylesheet } = options;
  const style =
    stylesheet === undefined
      ? `<style>${PAGE_STYLE}</style>`
      : `<link rel="stylesheet" href="${escapeHtml(stylesheet)}">\n<link rel="icon" href="/favicon.svg">`;
  return `<!doctype html>
<html lang="${language}"${direction === "rtl" ? ' dir="rtl"' : ""}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
${style}
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}
