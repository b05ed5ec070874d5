import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { mock, test } from "node:test";
import { createProgress, type ProgressDisplay, type ProgressFactory, silentProgress } from "./progress.ts";

/** Runs `work` with a clock that stands still until told, and returns what was written to a stream. */
function written(
  work: (display: ProgressDisplay, wait: (seconds: number) => void) => void,
  terminal = false,
): string {
  let now = 1000;
  const clock = mock.method(performance, "now", () => now);
  const stream = Object.assign(new PassThrough(), { isTTY: terminal, columns: 120 });
  work(createProgress(stream as unknown as NodeJS.WriteStream), (seconds) => {
    now += seconds * 1000;
  });
  clock.mock.restore();
  return String(stream.read() ?? "");
}

function linesOf(work: (progress: ProgressFactory, wait: (seconds: number) => void) => void): string[] {
  return written((display, wait) => work(display.start, wait))
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

const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";

test("on a terminal: a bar with rate and time left, and the cursor is there again at its end", () => {
  const text = written((display, wait) => {
    const bar = display.start("pack", 100, "rows");
    wait(1);
    bar.update(1);
    wait(9);
    bar.update(50, "fine");
    bar.finish("done");
    display.close();
  }, true);
  assert.match(text, /pack .* 50% \| 50\/100 rows \| 5\.0\/s \|/);
  assert.match(text, /100% \| 100\/100 rows .* done/);
  assert.equal(text.split(HIDE_CURSOR).length, 2);
  assert.equal(text.split(SHOW_CURSOR).length, 2);
});

test("work that fails leaves a bar open: closing gives the cursor back, and nothing is shown afterwards", () => {
  const text = written((display, wait) => {
    const bar = display.start("train", 100, "steps");
    wait(5);
    bar.update(20);
    display.close();
    wait(20);
    bar.update(40);
    bar.finish();
    const next = display.start("export", 10, "files");
    wait(20);
    next.update(5);
    next.finish();
    display.close();
  }, true);
  assert.match(text, /20\/100 steps/);
  assert.doesNotMatch(text, /40\/100|100\/100|export/);
  assert.ok(text.lastIndexOf(SHOW_CURSOR) > text.lastIndexOf(HIDE_CURSOR));
});

test("short work shows no bar and leaves the cursor alone", () => {
  const text = written((display) => {
    const bar = display.start("pack", 10, "rows");
    bar.update(9);
    bar.finish();
    display.close();
  }, true);
  assert.equal(text, "");
});
