// Runs every compiled *.test.js whose source still exists; arguments pick files by substring.
// A script, because no `node --test` argument form works on Node 20, 22 and 24 alike.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const SOURCE_OF = { dist: "src", ".test": "test", ".test/web/web": "web" };
const wanted = process.argv.slice(2);
const files = Object.entries(SOURCE_OF).flatMap(([built, source]) =>
  readdirSync(built, { recursive: true })
    .filter((file) => file.endsWith(".test.js") && existsSync(join(source, file.replace(/js$/, "ts"))))
    .map((file) => join(built, file))
    .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part))),
);
if (files.length === 0) throw new Error("no compiled tests found: run `npm run build` first");

// One folder for what tests write, removed also when a test is killed before it could do that itself.
const temporary = mkdtempSync(join(tmpdir(), "apollo-tests-"));
for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = temporary;
process.on("exit", () => rmSync(temporary, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(1));

// A file that hangs fails after ten minutes, however slow the machine.
run({ files, concurrency: 2, timeout: 600_000 })
  .on("test:fail", () => {
    process.exitCode = 1;
  })
  .compose(new spec())
  .pipe(process.stdout);
