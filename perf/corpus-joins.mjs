// What one process does alone when the tasks of a stage are done: bytes it goes through in a core second, which no number of nodes changes.
// node perf/corpus-joins.mjs TOKENIZER FOLDER FOLDER, two folders of texts to import, the second larger: the slope between them leaves starts out.
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createLocalExecutor } from "../dist/core/index.js";
import {
  cleanCorpus,
  decontaminateCorpus,
  dedupCorpus,
  importCorpus,
  packCorpus,
} from "../dist/corpus/index.js";
import { loadTokenizer } from "../dist/tokenizer/index.js";

const [tokenizerPath, ...inputs] = process.argv.slice(2);
if (inputs.length !== 2) throw new Error("usage: node perf/corpus-joins.mjs TOKENIZER FOLDER FOLDER");
const exam = fileURLToPath(new URL("../samples/exam", import.meta.url));
const program = [process.execPath, fileURLToPath(new URL("../dist/cli/main.js", import.meta.url))];
const tasks = { executor: createLocalExecutor({ program, processes: 1 }), count: 4 };
const tokenizer = await loadTokenizer(tokenizerPath);

async function sizeOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return (await Promise.all(files.map((file) => stat(file)))).reduce((sum, { size }) => sum + size, 0);
}

/** Bytes that each stage reads and core seconds of this process: the tasks are others'. */
async function measure(input) {
  const root = await mkdtemp(join(tmpdir(), "apollo-joins-"));
  const at = (name) => join(root, name);
  const stages = {
    import: (out) => importCorpus([input], out, { tasks }),
    clean: (out) => cleanCorpus(at("import"), out, { tasks }),
    dedup: (out) => dedupCorpus(at("clean"), out, { tasks }),
    decontaminate: (out) => decontaminateCorpus(at("dedup"), [exam], out, { tasks }),
    pack: (out) => packCorpus(at("decontaminate"), { tokenizer, tokenizerPath, length: 4096, out, tasks }),
  };
  const found = {};
  let bytes = await sizeOf(input);
  for (const [name, stage] of Object.entries(stages)) {
    const before = process.cpuUsage();
    await stage(at(name));
    const { user, system } = process.cpuUsage(before);
    found[name] = { bytes, seconds: (user + system) / 1e6 };
    bytes = await sizeOf(at(name));
  }
  await rm(root, { recursive: true });
  return found;
}

const [small, large] = [await measure(inputs[0]), await measure(inputs[1])];
for (const [name, { bytes, seconds }] of Object.entries(large)) {
  const slope = (bytes - small[name].bytes) / (seconds - small[name].seconds);
  console.log(
    `${name.padEnd(14)} ${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(2)} core s; ${(slope / 1e6).toFixed(0)} MB/s`,
  );
}
console.log(`load ${loadavg()[0].toFixed(1)}`);
