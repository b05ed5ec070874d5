// What proxy tuning carries over: the log-loss of held-out answers under base + alpha (expert - anti), beside the expert's own.
// Accuracy of small models moves with the letter they happen to like; the likelihood of whole answers says what was learnt.
// node perf/proxy-transfer.mjs BASE.gguf EXPERT.gguf ANTI.gguf ANSWERS.json [ITEMS] [ALPHAS] [THREADS]
// ANSWERS.json: a list of [question, answer], as Apollo's question-answer files. Differences are paired by item, with the
// standard error of their mean; items weigh by their tokens.
import { readFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { openGguf } from "../dist/engine/index.js";
import { createAlphaGrid } from "../dist/proxy/index.js";

const [basePath, expertPath, antiPath, answers, count = "60", list = "0,0.5,1,1.5,2,3", threads = "1"] =
  process.argv.slice(2);
if (answers === undefined) throw new Error("give three models and a file of questions and answers");
const alphas = list.split(",").map(Number);
const open = (path) => openGguf(path, { threads: Number(threads), contextLength: 1024, maxSequences: 2 });
const [base, expert, anti] = [await open(basePath), await open(expertPath), await open(antiPath)];
const pairs = JSON.parse(await readFile(answers, "utf8")).slice(0, Number(count));
const grid = createAlphaGrid({ base, expert, anti, alphas });
const columns = new Map([
  ["expert alone", []],
  ["anti alone", []],
  ...alphas.map((alpha) => [`alpha ${alpha}`, []]),
]);
const tokens = [];
const divergence = alphas.map(() => 0);
let positions = 0;
for (const [question, answer] of pairs) {
  const request = { prompt: `User:${question}\nAssistant:`, continuations: [answer] };
  const [[own], [before]] = [...(await expert.score([request])), ...(await anti.score([request]))];
  tokens.push(own.tokens);
  columns.get("expert alone").push(-own.logProbability);
  columns.get("anti alone").push(-before.logProbability);
  const results = await grid(request);
  positions += results[0].positions;
  results.forEach(({ scores, klSum }, i) => {
    columns.get(`alpha ${alphas[i]}`).push(-scores[0].logProbability);
    divergence[i] += klSum;
  });
}
const total = tokens.reduce((a, b) => a + b, 0);
const reference = columns.get(`alpha ${alphas[0]}`);
console.log(`${pairs.length} answers, ${total} tokens, load ${loadavg()[0].toFixed(1)}`);
console.table(
  [...columns].map(([name, losses]) => {
    const differences = losses.map((loss, i) => loss - reference[i]);
    const mean = differences.reduce((a, b) => a + b, 0) / total;
    const spread = differences.reduce((sum, d, i) => sum + (d - mean * tokens[i]) ** 2, 0);
    const alpha = alphas.findIndex((value) => name === `alpha ${value}`);
    return {
      model: name,
      "nats a token": (losses.reduce((a, b) => a + b, 0) / total).toFixed(4),
      "against the first alpha": `${mean.toFixed(4)} ± ${(Math.sqrt(spread) / total).toFixed(4)}`,
      better: differences.filter((d) => d < 0).length,
      "KL to base": alpha < 0 ? "" : (divergence[alpha] / positions).toFixed(4),
    };
  }),
);
for (const model of [base, expert, anti]) await model.close();
