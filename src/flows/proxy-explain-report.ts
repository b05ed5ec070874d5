// The page of `proxy explain`: the answer as a heat map of what steering did, and below it each token with what each of the
// three wanted. Self-contained, without scripts.
import { escapeHtml, REPORT_STYLE } from "../core/index.ts";
import { type ExplainedToken, type Opinion, showToken, wholeText } from "../proxy/index.ts";

/** What the page shows. */
export interface ExplainReport {
  readonly prompt: string;
  /** The trio's name. */
  readonly model: string;
  readonly tokens: readonly ExplainedToken[];
  /** What the reader must know besides: that a server gave its likeliest tokens alone. */
  readonly note?: string | undefined;
}

/** Renders the page. */
export function renderExplainReport({ prompt, model, tokens, note }: ExplainReport): string {
  const changed = tokens.filter((token) => token.changed).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Proxy: what each wanted</title>
<style>${REPORT_STYLE}${STYLE}</style>
</head>
<body>
<main>
<h1>What each of the three wanted</h1>
<p class="note"><bdi>${escapeHtml(model)}</bdi></p>
<p class="prompt" dir="auto">${escapeHtml(prompt)}</p>
<p class="answer" dir="auto">${heatMap(tokens)}</p>
<p class="note">The stronger the colour, the more probability steering gave to the token; underlined: the base alone would have said something else.
${changed} of ${tokens.length} tokens were changed.</p>
<table role="table">
<thead role="rowgroup"><tr role="row"><th scope="col" role="columnheader">Token</th>${COLUMNS.map(({ title }) => `<th scope="col" role="columnheader">${title}</th>`).join("")}<th scope="col" role="columnheader">KL</th></tr></thead>
<tbody role="rowgroup">
${tokens.map(row).join("\n")}
</tbody>
</table>
${note === undefined ? "" : `<p class="note">${escapeHtml(note)}</p>\n`}<p class="note">Each cell: the model's most likely tokens at this place, then, where it is not among them, the token that was chosen. Together:
the distribution that the token was chosen from. KL: KL(together ‖ base) in nats.
A high probability says how sure a model is, not that it is right; nothing here is medical advice.</p>
</main>
</body>
</html>
`;
}

const COLUMNS = [
  { name: "base", title: "Base" },
  { name: "expert", title: "Expert" },
  { name: "anti", title: "Anti-expert" },
  { name: "combined", title: "Together" },
] as const;

/** Per cent of colour where steering made all of the probability: above this the text is hard to read. */
const MOST_HEAT = 50;

/** Tokens that share a character, as bytes of Devanagari or Chinese may, are one piece. */
function heatMap(tokens: readonly ExplainedToken[]): string {
  const pieces: string[] = [];
  let open: { readonly token: ExplainedToken; readonly index: number }[] = [];
  const close = (text: string): void => {
    const lift = Math.max(0, ...open.map(({ token }) => token.combined.chosen - token.base.chosen));
    const changed = open.some(({ token }) => token.changed) ? ' class="changed"' : "";
    pieces.push(
      `<a href="#t${open[0]!.index}"${changed} style="--heat:${(MOST_HEAT * lift).toFixed(0)}%">${escapeHtml(text)}</a>`,
    );
    open = [];
  };
  tokens.forEach((token, index) => {
    if (token.special) return;
    open.push({ token, index });
    const text = wholeText(Buffer.concat(open.map((part) => part.token.bytes)));
    if (text !== undefined) close(text);
  });
  if (open.length > 0) close("\u{fffd}");
  return pieces.join("");
}

function row(token: ExplainedToken, index: number): string {
  const cells = COLUMNS.map(
    ({ name, title }) => `<td role="cell" data-label="${title}">${opinionCell(token[name], token)}</td>`,
  );
  return (
    `<tr role="row" id="t${index}"${token.changed ? ' class="changed"' : ""}><th scope="row" role="rowheader"><bdi>${escapeHtml(showToken(token.bytes))}</bdi></th>` +
    `${cells.join("")}<td role="cell" data-label="KL">${token.klToBase.toFixed(2)}</td></tr>`
  );
}

function opinionCell({ top, chosen }: Opinion, token: ExplainedToken): string {
  const isChosen = (bytes: Uint8Array): boolean => Buffer.compare(bytes, token.bytes) === 0;
  const entries = [...top];
  if (!top.some(({ bytes }) => isChosen(bytes))) entries.push({ bytes: token.bytes, probability: chosen });
  return entries
    .map(
      ({ bytes, probability }) =>
        `<span class="want${isChosen(bytes) ? " chosen" : ""}" style="--share:${(100 * probability).toFixed(1)}%"><bdi>${escapeHtml(showToken(bytes))}</bdi> <small>${percent(probability)}</small></span>`,
    )
    .join("");
}

function percent(share: number): string {
  const value = 100 * share;
  return value > 0 && value < 0.1 ? "&lt; 0.1 %" : `${value.toFixed(value < 10 ? 1 : 0)} %`;
}

const STYLE = `
.prompt{color:var(--soft);white-space:pre-wrap;margin-block-end:.3rem}
.answer{font-size:1.25rem;line-height:1.9;white-space:pre-wrap;margin-block-start:0}
.answer a{color:inherit;text-decoration:none;border-radius:.2rem;padding-block:.15rem;background:color-mix(in srgb,var(--accent) var(--heat),transparent)}
.answer a.changed{text-decoration:underline;text-decoration-thickness:2px;text-underline-offset:.25em}
.answer a:focus-visible,.answer a:hover{outline:2px solid var(--accent)}
td,th{vertical-align:top}tr:target{background:var(--bar)}tr.changed th bdi{text-decoration:underline;text-underline-offset:.2em}
.want{display:flex;justify-content:space-between;gap:.5rem;max-inline-size:11rem;padding-inline:.25rem;border-radius:.15rem;color:var(--soft);
background:linear-gradient(to right,color-mix(in srgb,var(--accent) 18%,transparent) var(--share),transparent 0)}
.want.chosen{color:var(--ink);font-weight:600}.want bdi{overflow:hidden;text-overflow:ellipsis}
@media(max-width:44rem){
thead{position:absolute;clip-path:inset(50%)}table,tbody{display:block}
tr{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:.2rem 1rem;padding:.6rem 0;border-block-end:1px solid var(--line)}
tr th{grid-column:1/-1;font-size:1rem}th,td{border:0;padding:0}td::before{content:attr(data-label);display:block;color:var(--soft);font-size:.75rem}
.want{max-inline-size:none}}
`;
