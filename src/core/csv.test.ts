import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createCsvScanner, parseCsv } from "./csv.ts";
import { UserError } from "./errors.ts";

test("quotes, doubled quotes, line breaks in fields, either line end", () => {
  const text = '\ufeffa,"b ""c"", d"\r\n\n"x\ny",\n"z"';
  const rows = parseCsv(text, "f.csv");
  assert.deepEqual(
    rows.map(({ fields, line }) => ({ fields, line })),
    [
      { fields: ["a", 'b "c", d'], line: 1 },
      { fields: ["x\ny", ""], line: 3 },
      { fields: ["z"], line: 5 },
    ],
  );
  const bytes = Buffer.from(text);
  assert.equal(bytes.toString("utf8", rows[1]!.start, rows[1]!.end), '"x\ny",');
  assert.deepEqual(parseCsv("", "f.csv"), []);
  assert.throws(
    () => parseCsv('a\nb,"c', "f.csv"),
    (error) => error instanceof UserError && error.code === "bad-csv" && error.at === "line 2",
  );
});

test("what a spreadsheet writes is read back, wherever blocks end", () => {
  const field = fc.string({ unit: "grapheme", maxLength: 6 }).map((text) => text.replaceAll("\r", ""));
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 3 }), { maxLength: 5 });
  fc.assert(
    fc.property(table, fc.nat(40), fc.constantFrom(",", ";", "\t"), (rows, cut, delimiter) => {
      const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
      const bytes = Buffer.from(rows.map((row) => `${row.map(quoted).join(delimiter)}\n`).join(""));
      const scanner = createCsvScanner(delimiter);
      const read = [
        ...scanner.scan(bytes.subarray(0, cut)),
        ...scanner.scan(bytes.subarray(cut)),
        ...scanner.finish(),
      ];
      assert.deepEqual(
        read.map(({ fields }) => fields),
        rows,
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a byte that is not UTF-8 is named", () => {
  const scanner = createCsvScanner();
  const [good, bad] = scanner.scan(Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0x61, 0x2c, 0xe9, 0x0a]));
  assert.equal(good?.badByte, undefined);
  assert.equal(bad?.badByte, 6);
});
