// What the pages that Apollo writes have in common: their look, and text made safe for HTML.

/** Colours, type and tables, for light and dark screens and for phones. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--ink:#16232b;--soft:#566570;--line:#d9e0e4;--paper:#fff;--accent:#0b7a75;--bar:#e6eeee}
@media(prefers-color-scheme:dark){:root{--ink:#e8eef1;--soft:#a3b1b9;--line:#33414a;--paper:#12191d;--accent:#4fc1ba;--bar:#22303a}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,"Noto Sans","Noto Sans Devanagari","Noto Sans Arabic","Noto Sans CJK SC",sans-serif}
main{max-inline-size:58rem;margin:auto;padding:2rem 1rem}
h1{font-size:1.7rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
.lead{font-size:1.05rem;max-inline-size:44rem}.note{color:var(--soft);font-size:.9rem;max-inline-size:48rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;inline-size:100%;font-variant-numeric:tabular-nums}
th,td{padding:.45rem .6rem;border-block-end:1px solid var(--line);text-align:start;white-space:nowrap}
thead th{font-size:.85rem;color:var(--soft);font-weight:600}
td small{display:block;color:var(--soft);font-size:.75rem}
.bar{display:block;inline-size:5.5rem;block-size:.4rem;border-radius:.2rem;background:var(--bar);overflow:hidden;margin-block-end:.15rem}
.bar i{display:block;block-size:100%;background:var(--accent)}
@media(max-width:44rem){th,td{padding:.4rem .35rem;font-size:.85rem}.bar{inline-size:2.6rem}main{padding:1.2rem .8rem}}
.n{color:var(--soft)}
svg{inline-size:100%;block-size:auto}svg text{font-size:11px;fill:var(--soft)}svg .grid{stroke:var(--line);fill:none}
svg polyline{fill:none;stroke:var(--accent);stroke-width:1.5}
`;

/** Text as it may stand in HTML, in an attribute too. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/gu, (character) => `&#${character.charCodeAt(0)};`);
}

/** A language's name in itself, as a heading; the code where there is none. */
export function languageName(code: string): string {
  try {
    const name = new Intl.DisplayNames(code, { type: "language" }).of(code) ?? code;
    return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
  } catch {
    return code;
  }
}
