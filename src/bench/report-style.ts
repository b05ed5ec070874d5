// How the benchmark's report looks, beyond what all pages of ours share.

/** Rules for tables, charts and the browser of samples; stands after `REPORT_STYLE`. */
export const BENCH_STYLE = `
:root{--good:#1b7f3b;--bad:#b3261e;--none:#7a5a00;--tint:#0b7a7512}
@media(prefers-color-scheme:dark){:root{--good:#6fd08c;--bad:#ff9d94;--none:#e6c15c;--tint:#4fc1ba1c}}
main{max-inline-size:72rem;overflow-wrap:anywhere}table{overflow-wrap:normal}a{color:var(--accent)}
.number{text-align:end;direction:ltr;unicode-bidi:isolate}thead .number{unicode-bidi:plaintext;text-align:right}
thead th{white-space:normal;vertical-align:bottom}tbody th{font-weight:500}tfoot th,tfoot td,.ours th,.ours td{font-weight:600}
.contents{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin-block-end:1rem}.findings>summary{cursor:pointer;padding-block:.4rem}
.words{white-space:normal}dt{font-weight:600}dd{margin-inline-start:1.2rem}
.track{display:block;inline-size:9rem;block-size:.9rem;background:var(--bar);border-radius:3px}
.track .span{fill:var(--accent);opacity:.4}.track .point{fill:var(--accent)}.track .base{fill:var(--soft)}
.paper td small,.paper th small{display:block;color:var(--soft);font-size:.75rem;font-weight:400}
.paper th:first-child{position:sticky;inset-inline-start:0;background:var(--paper);max-inline-size:11rem;white-space:normal}
.paper{border-collapse:separate;border-spacing:0}sup{font-size:.7em;line-height:0}
.ours tr,.ours th:first-child{background-image:linear-gradient(var(--tint),var(--tint))}
.ours{border-block-end:2px solid var(--accent)}
figure{margin:0}.chart{max-inline-size:36rem}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(10rem,1fr));gap:1rem}
figcaption{overflow-wrap:anywhere}figcaption small{color:var(--soft)}
svg .label{font-size:12px;fill:var(--ink)}
svg .base{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:3 2}svg .range{stroke:var(--accent);stroke-width:4;opacity:.45;stroke-linecap:round}
svg .point,svg .picked{fill:var(--accent)}svg .gold{fill:none;stroke:var(--ink);stroke-width:1}
.key{display:inline-block;inline-size:.7rem;block-size:.7rem}.key.picked{background:var(--accent)}.key.gold{border:1px solid var(--ink);box-sizing:border-box}
.filters{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end}.filters label{display:grid;font-size:.85rem;color:var(--soft)}.filters .wide{flex:1 1 14rem}
input,select,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:.3rem;padding:.35rem .5rem;max-inline-size:100%;box-sizing:border-box}
input{inline-size:100%}button:disabled{opacity:.5}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
#samples-list{list-style:none;padding:0;margin:0}#samples-list>li{border-block-end:1px solid var(--line)}
.sample summary{cursor:pointer;padding:.5rem 0;display:grid;grid-template-columns:auto 1fr;gap:0 .6rem;align-items:baseline}
.sample summary::-webkit-details-marker{display:none}
.badge{font-size:.78rem;font-weight:600}.badge::before{content:"✗ "}.badge.right{color:var(--good)}.badge.right::before{content:"✓ "}.badge.wrong{color:var(--bad)}
.badge.no-answer,.badge.not-scored{color:var(--none)}.badge.no-answer::before{content:"? "}.badge.not-scored::before{content:"– "}
.where{color:var(--soft);font-size:.8rem;overflow-wrap:anywhere}
.question{grid-column:1/-1;overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2}
[open] .question{display:block;white-space:pre-wrap}
.body{padding-block-end:.8rem}.body blockquote{margin:.2rem 0 .8rem;padding-inline-start:.8rem;border-inline-start:3px solid var(--line);white-space:pre-wrap}
.options{list-style:none;padding:0;margin:0;display:grid;gap:.3rem}
.options li{display:grid;grid-template-columns:1.4rem 1fr;gap:0 .4rem;padding:.25rem .5rem;border:1px solid var(--line);border-radius:.3rem;background:linear-gradient(var(--tint),var(--tint)) no-repeat 0/var(--share,0) 100%}
.body[dir=rtl] li{background-position:100% 0}.options .gold{border-color:var(--good)}.options .chosen{border-inline-start:4px solid var(--accent)}
.options small{grid-column:2;color:var(--soft)}.options .text{white-space:pre-wrap;overflow-wrap:anywhere}
.label{margin:.8rem 0 .2rem;font-size:.85rem;color:var(--soft)}
.body pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:.5rem;border:1px solid var(--line);border-radius:.3rem;font:inherit}
.pager{display:flex;gap:1rem;align-items:center;justify-content:center;margin-block:1rem}
@media(max-width:44rem){.filters{display:grid;grid-template-columns:1fr 1fr}.filters .wide{grid-column:1/-1}.filters select{inline-size:100%}

.cards thead{position:absolute;clip-path:inset(50%)}
.cards,.cards tbody,.cards tfoot{display:block}
.cards tr{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:0 1.5rem;padding:.5rem 0;border-block-end:1px solid var(--line)}
.cards td[data-label]::before{text-align:start}.cards .number>span{white-space:nowrap}
.cards th,.cards td{display:flex;justify-content:space-between;gap:.5rem;border:0;padding:.05rem 0;white-space:normal}
.cards .number{direction:inherit}.cards .number>span{direction:ltr;unicode-bidi:isolate}
.cards th,.cards .whole{grid-column:1/-1}.cards tbody th{font-weight:600}.cards td:empty{display:none}
.cards td[data-label]::before{content:attr(data-label);color:var(--soft);font-weight:400}
.track{inline-size:100%}.paper th:first-child{max-inline-size:7rem}
}
.board h3{font-size:1rem;margin:1.5rem 0 .5rem}.board tbody th small{display:block;color:var(--soft);font-size:.75rem;font-weight:400}
@media print{.filters,.pager{display:none}}
`;
