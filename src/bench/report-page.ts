// The frame of every page that the benchmark writes.
import { escapeHtml, REPORT_STYLE } from "../core/index.ts";
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
