import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS } from "./commands.ts";
import { runCli, runHere } from "./run-cli.test.helper.ts";

test("apollo and apollo --help list every command in the order of the house", async () => {
  const results = await Promise.all([runCli([]), runCli(["-h"]), runCli(["help", "corpus"])]);
  for (const { code, stdout, stderr } of results) {
    assert.equal(code, 0);
    assert.equal(stderr, "");
    const places = COMMANDS.map((command) => stdout.indexOf(`  apollo ${command.name} `));
    assert.ok(places.every((place) => place >= 0));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  }
});

for (const command of COMMANDS) {
  test(`apollo ${command.name} --help: usage, every option, examples that are its own`, async () => {
    const { code, stdout, stderr } = await runHere([...command.name.split(" "), "--help"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    assert.ok(stdout.startsWith(command.summary));
    assert.ok(stdout.includes(`  apollo ${command.name} `));
    for (const name of [...Object.keys(command.options), "json", "help"])
      assert.match(stdout, new RegExp(`^  --${name}\\b`, "mu"));
    const examples = stdout.split("\nExamples\n")[1]?.trim().split("\n") ?? [];
    assert.deepEqual(
      examples.map((line) => line.trim()),
      command.examples,
    );
    assert.ok(command.examples.some((example) => example.includes(`apollo ${command.name}`)));
  });
}
