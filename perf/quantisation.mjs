// What quantisation costs: perplexity of each GGUF type against F16, language by language, without and with an importance
// matrix made from calibration texts in the same languages.
// node perf/quantisation.mjs CHECKPOINT [--types q8_0,q4_k_m] [--calibrated q4_k_m] [--languages en,zh] [--items N]
//   [--calibration DIR] [--texts FILE]
// Default: calibrated with the shipped corpus samples, measured on the shipped held-out exam (questions and options), which is
// in no training text. Perplexity is of a token, so it compares types, not languages.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openGguf } from "../dist/engine/index.js";
import { exportGguf } from "../dist/export/index.js";

const samples = fileURLToPath(new URL("../samples", import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    types: { type: "string", default: "q8_0,q6_k,q5_k_m,q4_k_m,q4_0,q3_k_m,q2_k" },
    // Those also made with an importance matrix; default: all that can be.
    calibrated: { type: "string" },
    languages: { type: "string", default: "en,zh,fr,es,hi,ar" },
    calibration: { type: "string", default: join(samples, "corpus") },
    items: { type: "string" },
    texts: { type: "string", default: join(samples, "exam", "held-out.json") },
  },
});
if (positionals.length !== 1) throw new Error("give a checkpoint folder");
const languages = options.languages.split(",");
const items = JSON.parse(await readFile(options.texts, "utf8"));
const texts = new Map(
  languages.map((language) => [
    language,
    items
      .filter(({ source }) => source.endsWith(`-${language}`))
      .slice(0, Number(options.items ?? items.length))
      // The first character is the prompt: something must stand before the first token that is scored.
      .map(({ question, options: choices }) => {
        const text = `${question}\n${choices}`;
        const at = [...text][0].length;
        return { prompt: text.slice(0, at), continuations: [text.slice(at)] };
      }),
  ]),
);
const calibration = languages.map((language) =>
  join(options.calibration, `medicalWiki_${language}_text.json`),
);

const folder = await mkdtemp(join(tmpdir(), "apollo-perf-quantisation-"));
try {
  const reference = await measure("f16", []);
  const rows = [row("f16", reference, undefined)];
  for (const type of options.types.split(",")) {
    rows.push(row(type, await measure(type, []), reference));
    if (options.calibrated?.split(",").includes(type) ?? !["f32", "f16", "bf16", "q8_0"].includes(type))
      rows.push(row(`${type} calibrated`, await measure(type, calibration), reference));
  }
  console.table(rows);
} finally {
  await rm(folder, { recursive: true });
}

async function measure(type, files) {
  const out = join(folder, "model.gguf");
  const { bytes } = await exportGguf(positionals[0], { type, out, calibration: files });
  const model = await openGguf(out, { threads: 1 });
  const perplexities = [];
  const counts = [];
  for (const language of languages) {
    let logProbability = 0;
    let tokens = 0;
    for (const [score] of await model.score(texts.get(language))) {
      logProbability += score.logProbability;
      tokens += score.tokens;
    }
    perplexities.push(Math.exp(-logProbability / tokens));
    counts.push(tokens);
  }
  await model.close();
  // The table comes at the end; this says that the work goes on.
  console.error(
    type,
    files.length > 0 ? "calibrated" : "",
    perplexities.map((value) => value.toFixed(3)).join(" "),
    `(${counts.join(" ")} tokens)`,
  );
  return { bytes, perplexities };
}

/** Perplexities of F16; for the others, how much higher than F16's. */
function row(type, { bytes, perplexities }, reference) {
  const cells = perplexities.map((value, i) =>
    reference === undefined
      ? value.toFixed(2)
      : `+${(100 * (value / reference.perplexities[i] - 1)).toFixed(2)} %`,
  );
  return {
    type,
    MiB: (bytes / 2 ** 20).toFixed(2),
    ...Object.fromEntries(languages.map((name, i) => [name, cells[i]])),
  };
}
