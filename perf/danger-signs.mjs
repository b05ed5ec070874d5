// What the danger-sign gate finds and what it alarms over: recall by set, language and kind of the messages in src/medical/phrases, and alarms per
// 1,000 questions of suites, where nobody is in danger: exam items (options left out, as a student would paste them), questions about diseases,
// and what patients ask (where some alarms are right: --list prints them to be read).
// node perf/danger-signs.mjs [DATA_FOLDER] [--list] [--gate PATH_OF_ANOTHER_BUILD/medical/red-flags.js] [--only PART_OF_A_NAME]
//   DATA_FOLDER holds xmedbench/test.json, medquad/, tico19/ and apollo-corpus-samples/ (default ../shared/data); what is not there is left out and said.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { strFromU8, unzipSync } from "fflate";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: "boolean" }, gate: { type: "string" }, only: { type: "string", default: "" } },
});
const [data = "../shared/data"] = positionals;
const gate = values.gate ?? "dist/medical/red-flags.js";
const { assessRedFlags } = await import(pathToFileURL(resolve(gate)).href);
const PHRASES = new URL("../src/medical/phrases/", import.meta.url);
const isAlarm = ({ level }) => level === "same_day" || level === "call_now";
const wanted = (name) => name.includes(values.only);

/** Counts by key, in the order of their first appearance. */
class Tally {
  cells = new Map();
  add(key, hit) {
    const cell = this.cells.get(key) ?? { hits: 0, all: 0 };
    this.cells.set(key, cell);
    cell.all++;
    if (hit) cell.hits++;
  }
  toString() {
    return [...this.cells].map(([key, { hits, all }]) => `${key} ${hits}/${all}`).join(", ");
  }
}

const readRows = (name) =>
  readFileSync(new URL(name, PHRASES), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => line.split("\t"));

function measureMessages(name, messages) {
  if (!wanted(name)) return;
  const [total, byLanguage, byKind] = [new Tally(), new Tally(), new Tally()];
  for (const { expected, kind, language, text } of messages) {
    const found = assessRedFlags(text);
    const group = expected === "none" ? "false alarms" : "any alarm";
    total.add(group, isAlarm(found));
    if (expected !== "none") total.add("call_now", found.level === "call_now");
    byLanguage.add(`${language} ${group}`, isAlarm(found));
    byKind.add(`${kind}${expected === "none" ? " (no emergency)" : ""}`, isAlarm(found));
    const asMeant = expected === "none" ? !isAlarm(found) : found.level === "call_now";
    if (values.list && !asMeant)
      console.log(
        `  ${expected} ${kind} ${language}: ${found.level} ${found.categories.join(",")} | ${text}`,
      );
  }
  console.log(`${name}: ${total}\n  ${byLanguage}\n  ${byKind}`);
}

for (const name of readdirSync(PHRASES).sort()) {
  const rows = readRows(name);
  if (name.endsWith("ordinary.tsv"))
    measureMessages(
      name,
      rows.map(([language, text]) => ({ expected: "none", kind: "ordinary", language, text })),
    );
  else if (rows[0].length === 4)
    measureMessages(
      name,
      rows.map(([expected, kind, language, text]) => ({ expected, kind, language, text })),
    );
  else
    measureMessages(
      name,
      rows.flatMap(([kind, language, texts]) =>
        texts.split(" | ").map((text) => ({ expected: "call_now", kind, language, text })),
      ),
    );
}

/** Alarms per 1,000 texts of each suite. */
function measureOrdinary(suite, texts) {
  if (!wanted(suite)) return;
  let [alarms, calls] = [0, 0];
  for (const text of texts) {
    const found = assessRedFlags(text);
    if (!isAlarm(found)) continue;
    alarms++;
    if (found.level === "call_now") calls++;
    if (values.list) console.log(`  ${suite}: ${found.level} ${found.categories.join(",")} | ${text}`);
  }
  const rate = (count) => ((1000 * count) / texts.length).toFixed(1);
  console.log(
    `${suite}: ${rate(alarms)} alarms (${rate(calls)} call_now) per 1,000 of ${texts.length} questions`,
  );
}

function withFolder(name, read) {
  const folder = join(data, name);
  if (existsSync(folder)) read(folder);
  else console.log(`${folder} is not there: left out`);
}

withFolder("xmedbench/test.json", (file) => {
  const items = JSON.parse(readFileSync(file, "utf8"));
  for (const source of new Set(items.map((item) => item.source)))
    measureOrdinary(
      `xmedbench ${source}`,
      items.filter((item) => item.source === source).map(({ question }) => question),
    );
});
withFolder("medquad", (folder) => {
  const texts = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".xml"))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), "utf8").matchAll(/<Question[^>]*>([^<]+)</gu)].map(
        ([, text]) => text,
      ),
    );
  measureOrdinary("medquad", texts);
});
// About COVID-19, sentence by sentence, the same in all languages: what patients and doctors say to each other (most of the alarms there are meant), and articles.
withFolder("tico19/TM", (folder) => {
  for (const language of ["en", "zh", "fr", "es", "hi", "ar"]) {
    const pair = language === "en" ? "en-fr" : `en-${language}`;
    const file = readdirSync(folder).find((name) => name.includes(pair));
    if (file === undefined) continue;
    const [memory] = Object.values(unzipSync(readFileSync(join(folder, file))));
    const unit = new RegExp(
      `<tu tuid="(CMU)?[^"]*">(?:(?!</tu>).)*<tuv xml:lang="${language}[^"]*">\\s*<seg>(.*?)</seg>`,
      "gsu",
    );
    const units = [...strFromU8(memory).matchAll(unit)].map(([, dialogue, text]) => ({
      dialogue: dialogue !== undefined,
      text: text.replaceAll("&apos;", "'").replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
    }));
    for (const dialogue of [true, false])
      measureOrdinary(
        `tico-19 ${dialogue ? "dialogues" : "articles"} ${language}`,
        units.filter((unit) => unit.dialogue === dialogue).map(({ text }) => text),
      );
  }
});
withFolder("apollo-corpus-samples", (folder) => {
  for (const language of ["en", "zh"]) {
    const conversations = JSON.parse(
      readFileSync(join(folder, `Medical_Patient_${language}_sampled.json`), "utf8"),
    );
    measureOrdinary(
      `patient questions ${language}`,
      conversations.map(([question]) => question),
    );
  }
});
