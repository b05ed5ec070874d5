// Lines per room, tests apart, and the longest files: size is a cost.
import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";

const rooms = new Map();
const files = [];
for (const file of readdirSync("src", { recursive: true, encoding: "utf8" })) {
  if (!file.endsWith(".ts")) continue;
  const lines = readFileSync(join("src", file), "utf8").split("\n").length - 1;
  const room = file.includes(sep) ? file.split(sep)[0] : ".";
  const entry = rooms.get(room) ?? { code: 0, tests: 0, files: 0 };
  if (file.includes(".test.")) entry.tests += lines;
  else {
    entry.code += lines;
    entry.files++;
    files.push({ file, lines });
  }
  rooms.set(room, entry);
}
let total = 0;
for (const [room, { code, tests, files: count }] of rooms) {
  total += code;
  console.log(
    `${room.padEnd(10)} ${String(code).padStart(6)} lines in ${String(count).padStart(2)} files, ${tests} of tests`,
  );
}
console.log(`${"all".padEnd(10)} ${String(total).padStart(6)} lines`);
console.log(
  "longest:",
  files
    .sort((a, b) => b.lines - a.lines)
    .slice(0, 5)
    .map(({ file, lines }) => `${file} ${lines}`)
    .join(", "),
);
