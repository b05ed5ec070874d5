// `npm run -s apollo -- <command>` in a clone: builds when the sources are newer than the build, then runs the CLI.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const newest = (folder) =>
  Math.max(
    0,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath ?? entry.path, entry.name)).mtimeMs),
  );
const compiled = statSync("dist/tsconfig.tsbuildinfo", { throwIfNoEntry: false });
const built = existsSync("dist/web") ? (compiled?.mtimeMs ?? 0) : 0;
if (built < Math.max(newest("src"), newest("web"))) {
  const { status } = spawnSync("npm", ["run", "-s", "build"], {
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  if (status !== 0) process.exit(status ?? 1);
}
const { status } = spawnSync(process.execPath, ["dist/cli/main.js", ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(status ?? 1);
