// What is written tells no lies: the README's tree is the disk's; commands, options and links of every document are the program's and lead somewhere.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { load } from "./load.test.helper.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const ROOMS = readdirSync(join(ROOT, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** What a reader is told, by its path; not the log, which tells what was. */
const DOCUMENTS = new Map(
  readdirSync(ROOT)
    .filter((name) => name.endsWith(".md"))
    .concat(
      ["docs", "src", "web", "samples", "perf"].flatMap((folder) =>
        readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
          .filter((name) => name.endsWith(".md"))
          .map((name) => join(folder, name)),
      ),
    )
    .filter((path) => path !== join("docs", "log.md"))
    .map((path) => [path, readFileSync(join(ROOT, path), "utf8")]),
);

/** Contents of the fenced blocks of one kind. */
const blocks = (text: string, kind: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\``, "gmu"))].map(([, body = ""]) => body);

/** Folders of the README's tree as paths, from the indentation. */
function treeFolders(): string[] {
  const [tree, ...others] = blocks(README, "tree");
  assert.ok(tree !== undefined && others.length === 0, "one block of kind tree");
  const above: string[] = [];
  return tree.split("\n").flatMap((line) => {
    const [, indent = "", name] = /^( *)(\S+)\/(?:\s|$)/u.exec(line) ?? [];
    if (name === undefined) return [];
    above.length = indent.length / 2;
    above.push(name);
    return [above.join("/")];
  });
}

test("the tree names every room and every folder of the repository, and nothing else", (context) => {
  const listed = treeFolders();
  for (const folder of listed) assert.ok(existsSync(join(ROOT, folder)), `${folder}/ is in the tree alone`);
  for (const room of ROOMS) assert.ok(listed.includes(`src/${room}`), `src/${room}/ is not in the tree`);
  const { status, stdout } = spawnSync("git", ["ls-files"], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) return context.skip("not a git checkout");
  const tracked = new Set(
    stdout
      .split("\n")
      .filter((path) => path.includes("/"))
      .map((path) => path.split("/")[0]!),
  );
  for (const folder of tracked) {
    if (!folder.startsWith(".")) assert.ok(listed.includes(folder), `${folder}/ is not in the tree`);
  }
});

test("every room has a README, and the files that it names are there", () => {
  for (const room of ROOMS) {
    const folder = join(ROOT, "src", room);
    assert.ok(existsSync(join(folder, "README.md")), `src/${room}/ has no README.md`);
    const text = readFileSync(join(folder, "README.md"), "utf8");
    assert.match(text, new RegExp(`^# .*\\b${room}\\b`, "iu"), `src/${room}/README.md begins with its name`);
    for (const [, name = ""] of text.matchAll(/`([a-z0-9-]+(?:\.test)?\.ts)`/gu))
      assert.ok(existsSync(join(folder, name)), `src/${room}/README.md names ${name}, which is gone`);
  }
});

test("links to files lead somewhere, and named scripts are there", () => {
  assert.ok(DOCUMENTS.size > ROOMS.length);
  for (const [path, text] of DOCUMENTS) {
    for (const [, target = ""] of text.matchAll(/\]\(([^)#\s]+)/gu)) {
      if (/^[a-z]+:/u.test(target)) continue;
      assert.ok(existsSync(join(ROOT, path, "..", target)), `${path} links to ${target}`);
    }
    for (const [name] of text.matchAll(/\b(?:perf|scripts|recipes|samples|docs)\/[\w./-]+\.\w+/gu))
      assert.ok(existsSync(join(ROOT, name)), `${path} names ${name}, which is not there`);
  }
});

test("commands and options of every document, and of the commands' own examples, are the program's", async () => {
  const { COMMANDS } = await load<typeof import("../src/cli/commands.ts")>("cli/commands.js");
  const examples = COMMANDS.flatMap(({ name, examples }) =>
    examples.map((example) => [`apollo ${name} --help`, example] as const),
  );
  let seen = 0;
  for (const [place, text] of [...DOCUMENTS, ...examples]) {
    const lines = text.matchAll(/^(?:[A-Z_]+=\S+ )*apollo (.*)$|`apollo ([^`]+)`/gmu);
    for (const [line, whole = "", quoted = ""] of lines) {
      const [call = ""] = (whole || quoted).split(/\s#\s/u);
      seen++;
      const command = COMMANDS.find(({ name }) => `${call} `.startsWith(`${name} `));
      assert.ok(command !== undefined, `${place}: no such command: ${line}`);
      for (const [, option = ""] of call.matchAll(/ --([a-z-]+)/gu)) {
        assert.ok(
          Object.hasOwn(command.options, option) || ["json", "help"].includes(option),
          `${place}: apollo ${command.name} has no --${option}: ${line}`,
        );
      }
    }
  }
  assert.ok(seen > 100, `${seen} command lines`);
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const [path, text] of DOCUMENTS)
    for (const [, script = ""] of text.matchAll(/\bnpm run (?:-s )?([a-z]+)/gu))
      assert.ok(Object.hasOwn(scripts, script), `${path}: no npm script ${script}`);
});

test("the files that the package ships are there", () => {
  const { files, bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const name of files.filter((file: string) => !file.startsWith("!")))
    assert.ok(existsSync(join(ROOT, name)), name);
  assert.ok(statSync(join(ROOT, bin.apollo)).isFile());
});
