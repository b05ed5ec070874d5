import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const FOUNDATIONS = ["core", "tokenizer", "graph", "model", "engine", "hub", "medical", "cluster"];

/** What each room may import besides itself. A room missing here, or an import not listed, fails the test. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  tokenizer: ["core"],
  graph: ["core"],
  model: ["core", "graph"],
  engine: ["core", "tokenizer"],
  hub: ["core"],
  cluster: ["core"],
  // Runs in the browser too: it imports nothing.
  medical: [],
  corpus: FOUNDATIONS,
  train: FOUNDATIONS,
  bench: FOUNDATIONS,
  proxy: FOUNDATIONS,
  export: FOUNDATIONS,
  serve: FOUNDATIONS,
  flows: [...FOUNDATIONS, "corpus", "train", "bench", "proxy", "export", "serve"],
  cli: [...FOUNDATIONS, "corpus", "train", "bench", "proxy", "export", "serve", "flows"],
};
const SRC = fileURLToPath(new URL("../src", import.meta.url));

test("rooms import only what the map allows, and only through index.ts", () => {
  let seen = 0;
  for (const file of readdirSync(SRC, { recursive: true, encoding: "utf8" })) {
    const room = file.split(sep)[0] ?? "";
    if (!file.endsWith(".ts") || !file.includes(sep)) continue;
    const allowed = MAY_IMPORT[room];
    assert.ok(allowed, `${room}/ is not in the map: add it to test/architecture.test.ts`);
    const source = readFileSync(join(SRC, file), "utf8");
    for (const [, specifier = ""] of source.matchAll(/(?:from |import\()"(\.[^"]+)"/g)) {
      seen++;
      const path = join(dirname(file), specifier);
      const target = path.split(sep)[0] ?? "";
      if (target === room) continue;
      assert.ok(allowed.includes(target), `${file} imports ${specifier}: ${room}/ may not import ${target}/`);
      // The tests of rooms may share what helps those of a foundation.
      if (/\.test\./u.test(file) && FOUNDATIONS.includes(target) && path.endsWith(".test.helper.ts"))
        continue;
      assert.equal(
        path,
        join(target, "index.ts"),
        `${file} imports ${specifier}: go through ${target}/index.ts`,
      );
    }
  }
  assert.ok(seen > 0, "no import was checked");
});
