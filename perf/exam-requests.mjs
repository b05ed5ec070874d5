// Requests for speed tests of scoring: items of XMedBench's test.json, asked by their letters after three worked examples.
import { readFileSync } from "node:fs";

const SHOTS = 3;

/** `wanted` items taken evenly from the suite's sources, as `[{source, requests: [{prompt, continuations}]}]`; multi-letter answers are left out. */
export function examRequests(suite, wanted) {
  const bySource = new Map();
  for (const item of JSON.parse(readFileSync(suite, "utf8"))) {
    const letters = [...item.options.matchAll(/^\(([A-Z])\)/gmu)].map(([, letter]) => letter);
    const answer = /^\(([A-Z])\)$/u.exec(item.answer)?.[1];
    if (answer === undefined || letters.length < 2) continue;
    const list = bySource.get(item.source) ?? [];
    bySource.set(item.source, list);
    list.push({ question: `${item.question}\n${item.options}\nAnswer:`, letters, answer });
  }
  const perSource = Math.ceil(wanted / bySource.size);
  return [...bySource].map(([source, items]) => {
    const shots = items.slice(0, SHOTS).map(({ question, answer }) => `${question} ${answer}`);
    return {
      source,
      requests: items.slice(SHOTS, SHOTS + perSource).map(({ question, letters }) => ({
        prompt: [...shots, question].join("\n\n"),
        continuations: letters.map((letter) => ` ${letter}`),
      })),
    };
  });
}
