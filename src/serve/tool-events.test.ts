import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createToolReader } from "./tool-events.ts";
import { writeToolCalls } from "./tools.ts";

const values = fc
  .dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 })
  .map((value) => JSON.stringify(value));
const calls = fc.array(
  fc.record({ name: fc.stringMatching(/^[\w-]{1,12}$/), arguments: values }, { noNullPrototype: true }),
  {
    maxLength: 3,
  },
);

test("calls are read as they were written, however the text is cut", () => {
  fc.assert(
    fc.property(
      fc.string().filter((text) => !text.includes("<tool_call>")),
      calls,
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
      (content, written, lengths) => {
        const whole = writeToolCalls(content, written);
        const reader = createToolReader();
        let text = "";
        const read: { name: string; arguments: string }[] = [];
        for (let from = 0, i = 0; ; i++) {
          const to = from + lengths[i % lengths.length]!;
          const pieces = from < whole.length ? reader.push(whole.slice(from, to)) : reader.end();
          for (const piece of pieces) {
            if (piece.type === "text") text += piece.text;
            else if (piece.type === "call") read.push({ name: piece.name, arguments: "" });
            else read[piece.call]!.arguments += piece.text;
          }
          if (from >= whole.length) break;
          from = to;
        }
        assert.deepEqual(read, written);
        assert.equal(text, written.length > 0 && content !== "" ? `${content}\n` : content);
      },
    ),
    { numRuns: 300 },
  );
});
