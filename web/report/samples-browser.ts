// The browser of samples in a benchmark's report: filters, a search and pages over data that stands in the page itself.
// Plain DOM, no imports at run time: it is written into the page as it is. Texts are set as text, never as HTML.
import type { PackedSamples } from "../../src/bench/samples-data";
import type { BrowserWords } from "../../src/bench/words/report-words";

const PAGE_SIZE = 25;
/** The first letter decides, as with `dir=auto`. */
const RIGHT_TO_LEFT = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
/** While someone types, the list waits this long (ms). */
const TYPING_PAUSE = 150;
const RESULTS = ["right", "wrong", "no answer", "not scored"] as const;

const byId = <T extends HTMLElement>(id: string): T | null =>
  document.getElementById(`samples-${id}`) as T | null;

/** What the page says, in its language. */
const words = JSON.parse(byId("words")!.textContent ?? "") as BrowserWords;
const rightToLeft = document.documentElement.dir === "rtl";

/** Puts values in place of `{name}`; on a page from right to left each keeps its own direction. */
function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/gu, (whole, key: string) =>
    key in values ? isolate(String(values[key])) : whole,
  );
}

/** Between marks that isolate it: figures run from left to right, words as their first letter says. */
function isolate(value: string): string {
  if (!rightToLeft) return value;
  return `${/\p{L}/u.test(value) ? "\u2068" : "\u2066"}${value}\u2069`;
}

function element(tag: string, className = "", text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  if (text !== "") made.textContent = text;
  return made;
}

/** Text of a suite or model: its own direction and language. */
function foreign(tag: string, className: string, text: string, language: string): HTMLElement {
  const made = element(tag, className, text);
  made.dir = "auto";
  made.lang = language;
  return made;
}

/** A line of the page's own words between texts of the suite. */
function label(text: string): HTMLElement {
  const made = element("p", "label", text);
  made.dir = "auto";
  return made;
}

/** The samples: in the page itself, or where it says. */
async function readData(): Promise<PackedSamples> {
  const { textContent, dataset } = byId("data")!;
  const { address } = dataset;
  const packed =
    address === undefined
      ? new Blob([Uint8Array.from(atob(textContent ?? ""), (character) => character.charCodeAt(0))])
      : await fetchBlob(address);
  const stream = packed.stream().pipeThrough(new DecompressionStream("gzip"));
  return (await new Response(stream).json()) as PackedSamples;
}

async function fetchBlob(address: string): Promise<Blob> {
  const response = await fetch(address);
  if (!response.ok) throw new Error(await response.text());
  return response.blob();
}

/** A language's name in itself, and its code. */
function languageLabel(code: string): string {
  try {
    const name = new Intl.DisplayNames(code, { type: "language" }).of(code) ?? code;
    return `${name.charAt(0).toLocaleUpperCase(code)}${name.slice(1)} (${code})`;
  } catch {
    return code;
  }
}

/** Puts the choices of this run into a control; one without any goes. */
function offer(id: string, labels: readonly string[]): void {
  const control = byId<HTMLSelectElement>(id);
  if (labels.length === 0) control?.parentElement?.remove();
  else control?.append(...labels.map((label, i) => new Option(label, String(i))));
}

function details(data: PackedSamples, i: number): HTMLElement {
  const language = data.languages[data.language[i]!]!;
  const made = element("details", "sample");
  const result = RESULTS[data.result[i]!]!;
  const summary = element("summary");
  summary.append(
    element("span", `badge ${result.replace(" ", "-")}`, words.results[result]),
    element("span", "where", `${data.id[i]!} · ${language}`),
    foreign("span", "question", data.question[i]!, language),
  );
  made.append(summary);
  // The rest is made when it is looked at.
  made.addEventListener(
    "toggle",
    () => made.childElementCount === 1 && made.append(body(data, i, language)),
    {
      once: true,
    },
  );
  return made;
}

function body(data: PackedSamples, i: number, language: string): HTMLElement {
  const made = element("div", "body");
  // Letters stand where reading begins.
  made.dir = RIGHT_TO_LEFT.test(data.question[i]!) ? "rtl" : "ltr";
  const passage = data.passages[data.passage[i]!];
  if (passage !== undefined) made.append(foreign("blockquote", "", passage, language));
  const list = element("ul", "options");
  data.options[i]!.forEach((text, place) => {
    const letter = String.fromCharCode(65 + place);
    const gold = data.gold[i]!.includes(letter);
    const chosen = data.choice[i]?.includes(letter) === true;
    const row = element("li", `${gold ? "gold" : ""} ${chosen ? "chosen" : ""}`.trim());
    row.append(element("b", "", letter), foreign("span", "text", text, language));
    const share = data.shares[i]![place];
    const marks = [
      gold ? words.rightAnswer : "",
      chosen ? words.chosen : "",
      share === undefined ? "" : isolate(`${(share / 10).toFixed(1)} %`),
    ];
    const note = element("small");
    note.append(element("bdi", "", marks.filter((mark) => mark !== "").join(" · ")));
    row.append(note);
    if (share !== undefined) row.style.setProperty("--share", `${share / 10}%`);
    list.append(row);
  });
  made.append(list);
  // Some protocols are answered in words (yes, no, maybe): no option carries the choice's letter then.
  const [gold, choice] = [data.gold[i]!, data.choice[i]];
  if (!/^[A-Z]+$/u.test(gold))
    made.append(label(fill(words.verdict, { gold, choice: choice ?? words.none })));
  const response = data.response[i]!;
  if (response !== "") made.append(label(words.response), foreign("pre", "", response, language));
  const found = data.found[i]!.map((place) => data.findings[place]!);
  if (found.length > 0) made.append(label(fill(words.audit, { codes: found.join(", ") })));
  return made;
}

function start(data: PackedSamples): void {
  offer("source", data.sources);
  offer("language", data.languages.map(languageLabel));
  offer("found", data.findings);
  if (data.shares.every((shares) => shares.length === 0)) byId("order")?.parentElement?.remove();
  const [section, list, count, pages] = [
    document.getElementById("samples")!,
    byId("list")!,
    byId("count")!,
    byId("page")!,
  ];
  const [back, next] = [byId<HTMLButtonElement>("back")!, byId<HTMLButtonElement>("next")!];
  const selects = (["source", "language", "result", "found"] as const).flatMap((name) => {
    const control = byId<HTMLSelectElement>(name);
    return control === null ? [] : [{ name, control }];
  });
  const [text, order] = [byId<HTMLInputElement>("text")!, byId<HTMLSelectElement>("order")];
  const everything = data.id.map((_, i) => i);
  let haystacks: string[] | undefined;
  let shown = everything;
  let page = 0;

  const haystack = (i: number): string =>
    [
      data.id[i],
      data.question[i],
      ...data.options[i]!,
      data.response[i],
      data.passages[data.passage[i]!] ?? "",
    ]
      .join("\n")
      .normalize("NFC")
      .toLowerCase();
  const confidence = (i: number): number => Math.max(0, ...data.shares[i]!);

  function filter(): void {
    const parts = text.value
      .normalize("NFC")
      .toLowerCase()
      .split(/\s+/u)
      .filter((word) => word !== "");
    if (parts.length > 0) haystacks ??= everything.map(haystack);
    const wanted = selects
      .filter(({ control }) => control.value !== "")
      .map(({ name, control }) => ({ name, value: Number(control.value) }));
    shown = everything.filter(
      (i) =>
        wanted.every(({ name, value }) =>
          name === "found" ? data.found[i]!.includes(value) : data[name][i] === value,
        ) && parts.every((word) => haystacks![i]!.includes(word)),
    );
    if (order !== null && order.value !== "") {
      const sign = order.value === "surest" ? -1 : 1;
      shown.sort((a, b) => sign * (confidence(a) - confidence(b)) || a - b);
    }
    page = 0;
    draw();
  }

  function draw(): void {
    const last = Math.max(0, Math.ceil(shown.length / PAGE_SIZE) - 1);
    page = Math.min(last, Math.max(0, page));
    const visible = shown.slice(page * PAGE_SIZE, (page + 1) * PAGE_SIZE);
    list.replaceChildren(
      ...visible.map((i) => {
        const row = element("li");
        row.append(details(data, i));
        return row;
      }),
    );
    const right = shown.filter((i) => data.result[i] === 0).length;
    const share = `${((100 * right) / shown.length).toFixed(1)} %`;
    count.textContent = [
      fill(words.count, { shown: shown.length, all: everything.length }),
      ...(shown.length === 0 ? [] : [fill(words.countRight, { share })]),
    ].join(" · ");
    pages.textContent = fill(words.page, { page: page + 1, pages: last + 1 });
    back.disabled = page === 0;
    next.disabled = page === last;
  }

  let waiting = 0;
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, TYPING_PAUSE);
  });
  for (const { control } of selects) control.addEventListener("change", filter);
  order?.addEventListener("change", filter);
  section.querySelector("form")?.addEventListener("submit", (event) => event.preventDefault());
  const turn = (by: number): void => {
    page += by;
    draw();
    section.scrollIntoView({ block: "start" });
  };
  back.addEventListener("click", () => turn(-1));
  next.addEventListener("click", () => turn(1));
  section.hidden = false;
  filter();
}

try {
  start(await readData());
  byId("wait")?.remove();
} catch (error) {
  const wait = byId("wait");
  if (wait === null) throw error;
  wait.textContent = fill(words.failed, { reason: (error as Error).message });
}
