// What the linter cannot see, with TypeScript's parser: the exports of a room's index.ts are documented, every export is used, no file is long.
//
// An export is used when another file names it; one of a room's index.ts, when a file outside the room does. A type is also used by being part
// of the contract of a used export (a function's options, say): whoever calls the function needs no name for it. Names that tests alone ask for
// must serve their own file. Prints what to mend and exits 1; `npm run lint` runs it.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { ModifierFlags, SyntaxKind } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const LONGEST = 300;
const LONGEST_TEST = 400;
/** Tables, one entry a line: splitting them by length would help nobody. */
const isTable = (path) => path.startsWith("src/medical/concepts/");
/** Files, and names, that are there for the tests of many rooms: tiny models, contracts, the logits that the loss is checked against. */
const FOR_TESTS = [
  "src/engine/contract.ts",
  "src/engine/testing.ts",
  "src/model/forward.ts#decoderLogits",
  "src/graph/operators.ts#sum",
];

const isTest = (path) => /\.test\.|^test\//u.test(path) || FOR_TESTS.includes(path);
const isIndex = (path) => /^src\/[^/]+\/index\.ts$/u.test(path);
const roomOf = (path) => path.split("/").slice(0, 2).join("/");
const keyOf = (path, name) => `${path}#${name}`;

/**
 * A source file: `exports` are name -> {node, documented} or, where it passes another file's on, {from: key};
 * `imports` local name -> key; `uses` every key it names; `mentions` identifier -> count.
 */
const typed = readTyped();
const untyped = readUntyped();
const used = findUsed();
const problems = [...checkExports(), ...checkLengths()].sort();
for (const problem of problems) console.log(problem);
console.log(`${typed.size + untyped.size} files, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;

/** The files of the TypeScript projects, parsed. */
function readTyped() {
  const files = new Map();
  const api = new API({ cwd: ROOT });
  const openProjects = ["src", "test", "web", "web/report"].map((each) => join(ROOT, each, "tsconfig.json"));
  for (const { program } of api.updateSnapshot({ openProjects }).getProjects()) {
    for (const name of program.getSourceFileNames()) {
      const path = relative(ROOT, name);
      if (/^(?:src|test|web)\/.*(?<!\.d)\.ts$/u.test(path) && !files.has(path))
        files.set(path, readModule(path, program.getSourceFile(name)));
    }
  }
  api.close();
  return files;
}

function readModule(path, source) {
  const file = { exports: new Map(), imports: new Map(), uses: new Set(), mentions: new Map() };
  const visit = (node) => {
    if (node.kind === SyntaxKind.Identifier)
      file.mentions.set(node.text, (file.mentions.get(node.text) ?? 0) + 1);
    const from = targetOf(path, importedModule(node));
    if (from !== undefined)
      for (const [local, name] of importedNames(node)) {
        file.uses.add(keyOf(from, name));
        file.imports.set(local, keyOf(from, name));
      }
    node.forEachChild((child) => void visit(child));
  };
  for (const statement of source.statements) {
    visit(statement);
    if (statement.kind === SyntaxKind.ExportDeclaration) {
      const from = targetOf(path, statement.moduleSpecifier?.text);
      for (const { name, propertyName } of statement.exportClause?.elements ?? [])
        file.exports.set(name.text, { from: keyOf(from, (propertyName ?? name).text) });
    } else if (statement.modifierFlags & ModifierFlags.Export) {
      for (const name of declaredNames(statement)) {
        const documented = (statement.jsDoc?.length ?? 0) > 0 || file.exports.get(name)?.documented === true;
        file.exports.set(name, { documented, contract: contractOf(statement) });
      }
    }
  }
  return file;
}

/** The file of ours that a specifier leads to; undefined for a package's. */
function targetOf(path, specifier) {
  if (!specifier?.startsWith(".")) return undefined;
  return join(dirname(path), specifier)
    .replace(/^dist\//u, "src/")
    .replace(/(?:\.[jt]s)?$/u, ".ts");
}

function importedModule(node) {
  if (node.kind === SyntaxKind.ImportDeclaration) return node.moduleSpecifier.text;
  if (node.kind === SyntaxKind.ImportType) return node.argument.literal?.text;
  if (node.kind === SyntaxKind.CallExpression && node.expression.kind === SyntaxKind.ImportKeyword)
    return node.arguments[0]?.text;
  return undefined;
}

/** [local name, name in the module] of what is taken from a module; "*" where that cannot be seen. */
function importedNames(node) {
  const pairs = (elements) => elements.map((each) => [each.name.text, (each.propertyName ?? each.name).text]);
  if (node.kind === SyntaxKind.ImportDeclaration) {
    const bindings = node.importClause?.namedBindings;
    return bindings === undefined ? [] : pairs(bindings.elements ?? [{ name: { text: "*" } }]);
  }
  if (node.kind === SyntaxKind.ImportType) return [["", node.qualifier?.text ?? "*"]];
  let place = node.parent;
  while ([SyntaxKind.AwaitExpression, SyntaxKind.ParenthesizedExpression].includes(place.kind))
    place = place.parent;
  if (place.kind === SyntaxKind.PropertyAccessExpression) return [["", place.name.text]];
  return pairs(place.name?.elements ?? [{ name: { text: "*" } }]);
}

function declaredNames(statement) {
  if (statement.name !== undefined) return [statement.name.text];
  return statement.declarationList.declarations.flatMap(
    ({ name }) => name.elements?.map((element) => element.name.text) ?? [name.text],
  );
}

/** The identifiers that a caller must understand: all of a declaration but the bodies of functions and the values of constants. */
function contractOf(statement) {
  const words = new Set();
  const visit = (node) => {
    if (node.kind === SyntaxKind.Identifier) words.add(node.text);
    node.forEachChild((child) => {
      if (child.kind !== SyntaxKind.Block && child !== node.initializer) visit(child);
    });
  };
  visit(statement);
  return words;
}

/** Scripts and Svelte components, which no project of ours parses: what they import, by pattern. */
function readUntyped() {
  const files = new Map();
  for (const folder of ["perf", "scripts", "web"]) {
    for (const name of readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })) {
      if (!/\.(?:mjs|svelte)$/u.test(name)) continue;
      const path = join(folder, name);
      const uses = new Set();
      const imports =
        /(?:import (?:type )?|const )\{([^}]*)\} (?:from |= await import\()"(\.[^"]+)"|import "(\.[^"]+)"/gu;
      for (const [, names = "", from] of readFileSync(join(ROOT, path), "utf8").matchAll(imports))
        for (const [, imported] of names.matchAll(/(?:^|,)\s*(?:type )?(\w+)/gu))
          uses.add(keyOf(targetOf(path, from), imported));
      files.set(path, { uses });
    }
  }
  return files;
}

/** key -> the files that use it. */
function findUsed() {
  const users = new Map();
  const add = (key, user) => {
    const [path, name] = key.split("#");
    const { exports } = typed.get(path) ?? {};
    if (name === "*") for (const each of exports?.keys() ?? []) add(keyOf(path, each), user);
    const entry = exports?.get(name);
    if (entry === undefined || user === path || users.get(key)?.has(user)) return;
    if (isIndex(path) && roomOf(user) === roomOf(path)) return;
    users.set(key, (users.get(key) ?? new Set()).add(user));
    if (entry.from !== undefined) return add(entry.from, user);
    for (const word of entry.contract) {
      if (exports.has(word)) add(keyOf(path, word), user);
      else if (typed.get(path).imports.has(word)) add(typed.get(path).imports.get(word), user);
    }
  };
  for (const [user, { uses }] of [...typed, ...untyped]) for (const key of uses) add(key, user);
  for (const { from } of typed.get("src/index.ts").exports.values()) add(from, "src/index.ts");
  // An index may name a type of a contract, too.
  for (const [path, { exports }] of typed)
    if (isIndex(path))
      for (const [name, { from }] of exports)
        for (const user of users.get(from) ?? [])
          if (roomOf(user) !== roomOf(path)) add(keyOf(path, name), user);
  return users;
}

function isDocumented({ from, documented }) {
  if (from === undefined) return documented;
  const [path, name] = from.split("#");
  return isDocumented(typed.get(path).exports.get(name));
}

function* checkExports() {
  for (const [path, { exports, mentions }] of typed) {
    if (path === "src/index.ts") continue;
    for (const [name, entry] of exports) {
      const users = [...(used.get(keyOf(path, name)) ?? [])];
      if (isIndex(path) && !isDocumented(entry)) yield `${path}: ${name} has no doc comment`;
      if (users.length === 0) yield `${path}: nothing else uses ${name}`;
      else if (
        !isTest(path) &&
        !isIndex(path) &&
        users.every(isTest) &&
        mentions.get(name) === 1 &&
        !FOR_TESTS.includes(keyOf(path, name))
      )
        yield `${path}: only tests use ${name} (${users[0]})`;
    }
  }
}

function* checkLengths() {
  for (const path of [...typed.keys(), ...untyped.keys()]) {
    const lines = readFileSync(join(ROOT, path), "utf8").split("\n").length - 1;
    const most = isTest(path) ? LONGEST_TEST : LONGEST;
    if (lines > most && !isTable(path)) yield `${path}: ${lines} lines, at most ${most}`;
  }
}
