// The README tells no lies: its tree is the disk's, its commands and options are the program's, its links lead somewhere.
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

test("links to files lead somewhere", () => {
  const documents = ["README.md", ...ROOMS.map((room) => `src/${room}/README.md`), "samples/README.md"];
  for (const document of documents) {
    for (const [, target = ""] of readFileSync(join(ROOT, document), "utf8").matchAll(/\]\(([^)#\s]+)/gu)) {
      if (/^[a-z]+:/u.test(target)) continue;
      assert.ok(existsSync(join(ROOT, document, "..", target)), `${document} links to ${target}`);
    }
  }
});

test("commands and options in the README and in the files beside it are the program's", async () => {
  const { COMMANDS } = await load<typeof import("../src/cli/commands.ts")>("cli/commands.js");
  let seen = 0;
  for (const document of [README, ...COMMANDS.flatMap((command) => command.examples)]) {
    const lines = document === README ? blocks(document, "sh").join("\n") : document;
    for (const [line] of lines.matchAll(/^(?:[A-Z_]+=\S+ )*apollo .*$/gmu)) {
      const [call = ""] = line.replace(/^.*?apollo /u, "").split(/\s#\s/u);
      const command = COMMANDS.find(({ name }) => `${call} `.startsWith(`${name} `));
      assert.ok(command !== undefined, `no such command: ${line}`);
      for (const [, option = ""] of call.matchAll(/ --([a-z-]+)/gu)) {
        assert.ok(
          Object.hasOwn(command.options, option) || ["json", "help"].includes(option),
          `apollo ${command.name} has no --${option}: ${line}`,
        );
      }
      seen++;
    }
  }
  assert.ok(seen > 10);
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const [, script = ""] of README.matchAll(/npm (?:run (?:-s )?)?(start|test|apollo)\b/gu))
    assert.ok(Object.hasOwn(scripts, script), `no npm script ${script}`);
});

test("the files that the package ships are there", () => {
  const { files, bin } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  for (const name of files.filter((file: string) => !file.startsWith("!")))
    assert.ok(existsSync(join(ROOT, name)), name);
  assert.ok(statSync(join(ROOT, bin.apollo)).isFile());
});
