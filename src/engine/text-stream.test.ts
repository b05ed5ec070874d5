import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTextStream } from "./text-stream.ts";

/** What comes out when `text` goes in, a few bytes at a time. */
function run(text: string, stop: readonly string[], step: number): { pieces: string[]; stopped: boolean } {
  const stream = createTextStream(stop);
  const bytes = Buffer.from(text);
  const pieces: string[] = [];
  for (let i = 0; i < bytes.length; i += step) {
    const { text, stopped } = stream.push(bytes.subarray(i, i + step));
    pieces.push(text);
    if (stopped) return { pieces, stopped };
  }
  const { text: rest, stopped } = stream.end();
  return { pieces: [...pieces, rest], stopped };
}

/** The text before the stop text that is complete first, the longer of two; `undefined` when there is none. */
function cut(text: string, stop: readonly string[]): string | undefined {
  for (let end = 1; end <= text.length; end++) {
    const ending = stop.filter((part) => part !== "" && text.slice(0, end).endsWith(part));
    if (ending.length > 0) return text.slice(0, end - Math.max(...ending.map(({ length }) => length)));
  }
  return undefined;
}

test("characters come out whole", () => {
  const { pieces } = run("é😀热", [], 1);
  assert.deepEqual(
    pieces.filter((piece) => piece !== ""),
    ["é", "😀", "热"],
  );
});

test("an incomplete character at the end becomes the replacement character", () => {
  const stream = createTextStream([]);
  assert.equal(stream.push(Buffer.from("热").subarray(0, 2)).text, "");
  assert.equal(stream.end().text, "\uFFFD");
});

test("what may become a stop text is held back, and given when it does not", () => {
  const stream = createTextStream(["\n\nUser:"]);
  assert.deepEqual(stream.push(Buffer.from("no\n")), { text: "no", stopped: false });
  assert.deepEqual(stream.push(Buffer.from("\n")), { text: "", stopped: false });
  assert.deepEqual(stream.push(Buffer.from("yes\n")), { text: "\n\nyes", stopped: false });
  assert.deepEqual(stream.end(), { text: "\n", stopped: false });
});

test("output ends before the first complete stop text, however the bytes are cut", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "热"), maxLength: 30 });
  const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "é"), maxLength: 4 }), { maxLength: 3 });
  fc.assert(
    fc.property(text, stops, fc.integer({ min: 1, max: 5 }), (input, stop, step) => {
      const { pieces, stopped } = run(input, stop, step);
      const expected = cut(input, stop);
      assert.equal(stopped, expected !== undefined);
      assert.equal(pieces.join(""), expected ?? input);
    }),
    { seed: 1 },
  );
});
