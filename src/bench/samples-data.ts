// The samples of a run as the report's browser takes them: columns instead of records, repeated texts once, and small enough to
// stand in the page itself.
import { gzipSync, strToU8 } from "fflate";
import { escapeHtml } from "../core/index.ts";
import { optionText } from "./item.ts";
import { optionShares } from "./robustness.ts";
import type { RunContext } from "./run-record.ts";
import type { Sample } from "./sample.ts";
import { REPORT_WORDS, type ReportWords } from "./words/report-words.ts";

/** What became of an item. */
const SAMPLE_RESULTS = ["right", "wrong", "no answer", "not scored"] as const;

/** One entry an item in every list but the four of names. Options carry the letters A, B, ... in order. */
export interface PackedSamples {
  readonly sources: readonly string[];
  readonly languages: readonly string[];
  readonly passages: readonly string[];
  readonly findings: readonly string[];
  readonly id: readonly string[];
  /** Places in `sources` and `languages`. */
  readonly source: readonly number[];
  readonly language: readonly number[];
  readonly question: readonly string[];
  readonly options: readonly (readonly string[])[];
  /** Letters. */
  readonly gold: readonly string[];
  readonly choice: readonly (string | null)[];
  /** Places in `SAMPLE_RESULTS`. */
  readonly result: readonly number[];
  /** Place in `passages`, -1 for none. */
  readonly passage: readonly number[];
  /** Probability of each option among the options in thousandths; empty where no letters were scored. */
  readonly shares: readonly (readonly number[])[];
  /** What the model wrote; "" where nothing was generated. */
  readonly response: readonly string[];
  /** Places in `findings`: what the audit says about the item. */
  readonly found: readonly (readonly number[])[];
}

/** Packs the samples of a run. */
export function packSamples({ samples, items, flags }: RunContext): PackedSamples {
  const sources = names();
  const languages = names();
  const passages = names();
  const findings = names();
  const rows = samples.map((sample, i) => {
    const item = items[i]!;
    return {
      source: sources.place(sample.source),
      language: languages.place(sample.language),
      passage: item.context === undefined ? -1 : passages.place(item.context),
      found: (flags.get(sample.id) ?? []).map(findings.place),
      options: item.options.map(optionText),
      question: item.question,
    };
  });
  return {
    sources: sources.list,
    languages: languages.list,
    passages: passages.list,
    findings: findings.list,
    id: samples.map((sample) => sample.id),
    source: rows.map((row) => row.source),
    language: rows.map((row) => row.language),
    question: rows.map((row) => row.question),
    options: rows.map((row) => row.options),
    gold: samples.map((sample) => sample.gold),
    choice: samples.map((sample) => sample.choice),
    result: samples.map((sample) => SAMPLE_RESULTS.indexOf(resultOf(sample))),
    passage: rows.map((row) => row.passage),
    shares: samples.map((sample) =>
      sample.mode === "letter" && "options" in sample
        ? optionShares(sample).map((share) => Math.round(1000 * share))
        : [],
    ),
    response: samples.map((sample) => ("response" in sample ? sample.response : "")),
    found: rows.map((row) => row.found),
  };
}

function resultOf(sample: Sample): (typeof SAMPLE_RESULTS)[number] {
  if ("unscored" in sample) return "not scored";
  if (sample.choice === null) return "no answer";
  return sample.correct ? "right" : "wrong";
}

/** Numbers for names, in the order of their first use. */
function names(): { readonly list: string[]; readonly place: (name: string) => number } {
  const list: string[] = [];
  const places = new Map<string, number>();
  return {
    list,
    place(name) {
      const known = places.get(name);
      if (known !== undefined) return known;
      places.set(name, list.length);
      return list.push(name) - 1;
    },
  };
}

/**
 * The samples' section: controls, an empty list, and the data (packed, gzipped already, or the address of the same to be fetched
 * when the page is there); `samplesScript()` brings it to life.
 */
export function renderSamples(
  samples: PackedSamples | Uint8Array | { readonly address: string },
  { source, language, browser, samples: words }: ReportWords = REPORT_WORDS.en,
): string {
  const choices = (values: readonly string[]): string =>
    values.map((value, i) => `<option value="${i}">${escapeHtml(value)}</option>`).join("");
  const select = (id: string, title: string, options = ""): string =>
    `<label>${title} <select id="samples-${id}"><option value="">${words.all}</option>${options}</select></label>`;
  return `<h2 id="samples-title">${words.title}</h2>
<noscript><p>${words.scripts}</p></noscript>
<section id="samples" aria-labelledby="samples-title" hidden>
<form class="filters" role="search" aria-label="${words.title}">
<label class="wide">${words.text} <input id="samples-text" type="search" autocomplete="off" dir="auto"></label>
${select("source", source)}
${select("language", language)}
${select("result", words.answer, choices(SAMPLE_RESULTS.map((result) => browser.results[result])))}
${select("found", words.finding)}
<label>${words.order} <select id="samples-order"><option value="">${words.asInSuite}</option><option value="surest">${words.surest}</option><option value="unsure">${words.unsure}</option></select></label>
</form>
<p id="samples-count" role="status"></p>
<ol id="samples-list"></ol>
<nav class="pager" aria-label="${words.pages}"><button type="button" id="samples-back">${words.back}</button><span id="samples-page"></span><button type="button" id="samples-next">${words.next}</button></nav>
</section>
<script type="application/json" id="samples-words">${JSON.stringify(browser).replaceAll("<", "\\u003c")}</script>
${
  "address" in samples
    ? `<p id="samples-wait" role="status">${words.loading}</p>\n<script type="text/plain" id="samples-data" data-address="${escapeHtml(samples.address)}"></script>`
    : `<script type="text/plain" id="samples-data">${embed(samples)}</script>`
}`;
}

/** One gzip writer everywhere, not the one of this Node: equal runs give equal bytes. */
function embed(packed: PackedSamples | Uint8Array): string {
  const bytes =
    packed instanceof Uint8Array ? packed : gzipSync(strToU8(JSON.stringify(packed)), { level: 6, mtime: 0 });
  return Buffer.from(bytes).toString("base64");
}
