// Checks the quickstart's result against its promise: taught facts at 80 % or more in every language after training,
// the untrained model and the held-out facts at chance. Argument: a file with the command's JSON.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const { languages, seconds } = JSON.parse(readFileSync(process.argv[2], "utf8"));
assert.equal(languages.length, 6);
// Guessing among four options 40 times gives more than 18 right answers (45 %) once in 500 tries.
const CHANCE = 0.45;
for (const row of languages) {
  assert.ok(
    row.taughtAfter >= 0.8,
    `${row.language}: taught facts ${row.taughtAfter} after training, at least 0.8 expected`,
  );
  assert.ok(
    row.taughtBefore <= CHANCE,
    `${row.language}: ${row.taughtBefore} before training is above chance`,
  );
  assert.ok(
    row.heldOutAfter <= CHANCE,
    `${row.language}: held-out facts ${row.heldOutAfter} are above chance: a leak?`,
  );
}
console.log(`quickstart: all six languages as promised, ${seconds.toFixed(0)} s`);
