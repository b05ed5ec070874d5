import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { mock, test } from "node:test";
import { createProgress, silentProgress } from "./progress.ts";

/** Runs `work` with a clock that stands still until told, and returns what was written to a stream that is no terminal. */
function linesOf(
  work: (progress: ReturnType<typeof createProgress>, wait: (seconds: number) => void) => void,
): string[] {
  let now = 1000;
  const clock = mock.method(performance, "now", () => now);
  const stream = new PassThrough();
  work(createProgress(stream as unknown as NodeJS.WriteStream), (seconds) => {
    now += seconds * 1000;
  });
  clock.mock.restore();
  return String(stream.read() ?? "")
    .split("\n")
    .slice(0, -1);
}

test("without a terminal: plain lines, the first after two seconds, then every ten, and one at the end", () => {
  const lines = linesOf((progress, wait) => {
    const bar = progress("pack", 100, "rows");
    wait(1);
    bar.update(1);
    wait(1);
    bar.update(4, "fine");
    wait(9);
    bar.update(20);
    wait(1);
    bar.update(24);
    wait(1);
    bar.finish("done");
  });
  assert.deepEqual(lines, [
    "pack: 4/100 rows (2.0/s, 48 s left) fine",
    "pack: 24/100 rows (2.0/s, 38 s left)",
    "pack: 100/100 rows (7.7/s, 0 s left) done",
  ]);
});

test("short work says nothing", () => {
  const lines = linesOf((progress, wait) => {
    const bar = progress("pack", 10, "rows");
    wait(1.9);
    bar.update(9);
    bar.finish();
  });
  assert.deepEqual(lines, []);
});

test("no numbers without sense when nothing was done yet, or more than all; large rates are short", () => {
  const lines = linesOf((progress, wait) => {
    const bar = progress("read", 10, "files");
    wait(3);
    bar.update(0);
    wait(10);
    bar.update(130_000);
  });
  assert.deepEqual(lines, [
    "read: 0/10 files (0.0/s, 0 s left)",
    "read: 130000/10 files (10.0k/s, 0 s left)",
  ]);
});

test("silent progress is silent", () => {
  const bar = silentProgress("pack", 10, "rows");
  bar.update(3, "note");
  bar.finish();
});
