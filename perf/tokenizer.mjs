// Our byte-pair encoding beside Hugging Face's: its native binding for Node (bar 3 x) and its Python package, the same texts and tokenizer.json,
// one thread, in turns, megabytes of UTF-8 per processor second (of all threads) by language, medians; and whether all ids are equal.
// Each round begins with a fresh tokenizer: its memory of words is empty.
// APOLLO_TOKENIZERS=.../node_modules/tokenizers APOLLO_PYTHON=python node perf/tokenizer.mjs TOKENIZER ROUNDS INPUT... [--texts INPUT]
//   a peer whose variable is not set is left out (npm package `tokenizers`; a Python with `tokenizers`); inputs as for corpus-pipeline.mjs
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { loadTokenizer, saveTokenizer } from "../dist/tokenizer/index.js";
import { readReal } from "./real-documents.mjs";

// Read by the peer when it starts.
Object.assign(process.env, { TOKENIZERS_PARALLELISM: "false", RAYON_NUM_THREADS: "1" });
const BAR = 3;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { texts: { type: "string", multiple: true, default: [] } },
});
const [path, rounds, ...inputs] = positionals;
if (inputs.length === 0) throw new Error("node perf/tokenizer.mjs TOKENIZER ROUNDS INPUT... [--texts INPUT]");
const { APOLLO_TOKENIZERS: binding, APOLLO_PYTHON: python } = process.env;
if (binding === undefined)
  console.log("APOLLO_TOKENIZERS is not set: without the native binding (npm package `tokenizers`)");
if (python === undefined) console.log("APOLLO_PYTHON is not set: without Python's tokenizers");

const folder = mkdtempSync(join(tmpdir(), "apollo-perf-tokenizer-"));
const texts = {};
for (const { language, kind, text, turns } of await readReal(inputs, values.texts, folder))
  texts[language] = [...(texts[language] ?? []), ...(kind === "text" ? [text] : turns)];
await saveTokenizer(await loadTokenizer(path), join(folder, "tokenizer"), {});
const file = join(folder, "tokenizer", "tokenizer.json");

const hashOf = (lists) => {
  const hash = createHash("sha256");
  for (const ids of lists) hash.update(new Uint8Array(Uint32Array.of(ids.length, ...ids).buffer));
  return hash.digest("hex");
};
/** Seconds of the processor for `work`, and what it gives. */
const timed = async (work) => {
  const before = process.cpuUsage();
  const lists = await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, lists };
};

const PYTHON = `
import json, sys, time, hashlib, struct
from tokenizers import Tokenizer
texts = json.load(open(sys.argv[2]))
out = {}
for language, own in texts.items():
    tokenizer = Tokenizer.from_file(sys.argv[1])
    start = time.process_time()
    lists = [encoding.ids for encoding in tokenizer.encode_batch(own, add_special_tokens=False)]
    seconds = time.process_time() - start
    digest = hashlib.sha256()
    for ids in lists:
        digest.update(struct.pack(f"<{len(ids) + 1}I", len(ids), *ids))
    out[language] = [seconds, digest.hexdigest()]
print(json.dumps(out))
`;
const sides = {
  ours: async (language) => {
    const tokenizer = await loadTokenizer(join(folder, "tokenizer"));
    const { seconds, lists } = await timed(() => texts[language].map((text) => tokenizer.encode(text)));
    return [seconds, hashOf(lists)];
  },
};
if (binding !== undefined) {
  const { Tokenizer } = createRequire(import.meta.url)(resolve(binding));
  sides.binding = async (language) => {
    const tokenizer = Tokenizer.fromFile(file);
    const { seconds, lists } = await timed(async () => {
      const found = [];
      for (const text of texts[language])
        found.push((await tokenizer.encode(text, null, { addSpecialTokens: false })).getIds());
      return found;
    });
    return [seconds, hashOf(lists)];
  };
}
const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
try {
  writeFileSync(join(folder, "texts.json"), JSON.stringify(texts));
  const seen = {};
  const hashes = {};
  const note = (side, language, [seconds, hash]) => {
    seen[side] ??= {};
    seen[side][language] = [...(seen[side][language] ?? []), seconds];
    hashes[language] = (hashes[language] ?? new Set()).add(hash);
  };
  for (let round = 0; round < Number(rounds); round++) {
    for (const language of Object.keys(texts))
      for (const [side, run] of Object.entries(sides)) note(side, language, await run(language));
    if (python !== undefined) {
      const child = spawnSync(python, ["-c", PYTHON, file, join(folder, "texts.json")], { encoding: "utf8" });
      if (child.status !== 0) throw new Error(child.stderr);
      for (const [language, result] of Object.entries(JSON.parse(child.stdout)))
        note("python", language, result);
    }
  }
  let worst = Number.POSITIVE_INFINITY;
  for (const [language, own] of Object.entries(texts)) {
    const megabytes = own.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1e6;
    const rates = Object.entries(seen).map(([side, of]) => [side, megabytes / median(of[language])]);
    const ours = rates[0][1];
    for (const [side, rate] of rates) if (side === "binding") worst = Math.min(worst, ours / rate);
    const said = rates.map(
      ([side, rate], i) => `${side} ${rate.toFixed(2)}${i === 0 ? "" : ` (${(ours / rate).toFixed(1)} x)`}`,
    );
    const equal = hashes[language].size === 1 ? "ids equal" : "IDS DIFFER";
    console.log(`${language} ${megabytes.toFixed(2)} MB: ${said.join(", ")} MB/CPU-s, ${equal}`);
  }
  const totals = Object.entries(seen).map(([side, of]) => [
    side,
    Object.values(of).reduce((sum, list) => sum + median(list), 0),
  ]);
  for (const [side, seconds] of totals.slice(1))
    console.log(`all: ${(seconds / totals[0][1]).toFixed(2)} x ${side}`);
  if (binding !== undefined)
    console.log(`least of a language: ${worst.toFixed(2)} x the binding (bar ${BAR})`);
} finally {
  rmSync(folder, { recursive: true });
}
