// Import of one big JSON array by 1, 2, ... threads: wall time, CPU time and the most memory of each, interleaved, medians of several
// rounds; and whether every run gave the same bytes. The array is the sample corpus again and again, each question with a number.
// node perf/corpus-import.mjs [MEGABYTES=200] [ROUNDS=3] [WORKERS=1,2]
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const [megabytes = "200", rounds = "3", threads = "1,2"] = process.argv.slice(2);
const root = fileURLToPath(new URL("..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "apollo-perf-import-"));
const file = join(folder, "general_en.json");

const samples = readdirSync(join(root, "samples/corpus"))
  .filter((name) => /_qa\.json$|_[a-z]{2}\.json$/u.test(name))
  .flatMap((name) => JSON.parse(readFileSync(join(root, "samples/corpus", name), "utf8")))
  .filter(Array.isArray);
const descriptor = openSync(file, "w");
let written = 0;
for (let n = 0; written < Number(megabytes) * 1e6; n++) {
  const block = samples
    .map(([question, ...rest]) => JSON.stringify([`${question} (${n})`, ...rest], null, 2))
    .join(",\n");
  written += writeSync(descriptor, `${n === 0 ? "[\n" : ",\n"}${block}`);
}
writeSync(descriptor, "\n]\n");
closeSync(descriptor);

const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];
const counts = threads.split(",");
const seen = Object.fromEntries(counts.map((count) => [count, []]));
const hashes = new Set();
try {
  for (let round = 0; round < Number(rounds); round++) {
    for (const count of counts) {
      const out = join(folder, "out");
      rmSync(out, { recursive: true, force: true });
      // The child tells its own resources when it ends.
      const program = `process.on("exit", () => { const u = process.resourceUsage(); console.error("#" + JSON.stringify([u.userCPUTime + u.systemCPUTime, u.maxRSS])); }); process.argv.splice(1, 0, "apollo"); await import(${JSON.stringify(join(root, "dist/cli/main.js"))});`;
      const words = ["corpus", "import", file, "--out", out, "--workers", count];
      const started = performance.now();
      const child = spawnSync(process.execPath, ["--input-type=module", "-e", program, "--", ...words], {
        encoding: "utf8",
      });
      const seconds = (performance.now() - started) / 1000;
      if (child.status !== 0) throw new Error(child.stderr);
      const [cpu, kilobytes] = JSON.parse(child.stderr.split("#").at(-1));
      seen[count].push({ seconds, cpu: cpu / 1e6, megabytes: kilobytes / 1024 });
      const hash = createHash("sha256");
      for (const name of readdirSync(out).sort()) hash.update(readFileSync(join(out, name)));
      hashes.add(hash.digest("hex"));
    }
  }
  const size = statSync(file).size / 1e6;
  for (const [count, runs] of Object.entries(seen)) {
    const of = (key) => median(runs.map((run) => run[key]));
    console.log(
      `${count} workers: ${of("seconds").toFixed(1)} s, ${of("cpu").toFixed(1)} CPU-s (${(size / of("cpu")).toFixed(1)} MB per CPU-s), ${of("megabytes").toFixed(0)} MB resident`,
    );
  }
  const [first, ...others] = counts;
  for (const count of others) {
    const ratio = median(seen[first].map((run, i) => run.seconds / seen[count][i].seconds));
    console.log(`${count} workers against ${first}: ${ratio.toFixed(2)} times as fast (wall)`);
  }
  console.log(hashes.size === 1 ? "all runs gave the same bytes" : "BYTES DIFFER");
} finally {
  rmSync(folder, { recursive: true });
}
