// The frame of every page that the benchmark writes.
import { escapeHtml, REPORT_STYLE } from "../core/index.ts";
import { BENCH_STYLE } from "./report-style.ts";

/** A page of the benchmark's look around `body` (HTML). */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${REPORT_STYLE}${BENCH_STYLE}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`;
}
