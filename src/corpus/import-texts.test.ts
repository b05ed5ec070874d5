// Texts as they are found: long and short ones, in any encoding, in another language than is said.
import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { folder, imported, importFolder } from "./import-file.test.helper.ts";

test("texts: short files whole, long ones cut where a reader would cut, nothing lost", async () => {
  const section = (title: string, n: number): string =>
    `## ${title}\n\n${"Drink enough water. ".repeat(n)}\n\n`;
  const long = `# Water\n\n${section("Why", 120)}${section("How", 120)}${section("When", 500)}`;
  const input = join(folder, "medicalGuideline_en");
  await mkdir(join(input, "deep"), { recursive: true });
  await writeFile(join(input, "a.md"), long);
  await writeFile(join(input, "deep", "b.txt"), "\uFEFFShort.\r\n\r\nStill short.\r\n");
  await writeFile(join(input, "README.md"), "About these texts.");
  await writeFile(join(input, "photo.jpg"), "no text");
  const { result, json, ledger } = await importFolder(input);
  const texts: string[] = await json("medicalGuideline_en_text.json");
  assert.deepEqual(
    texts.map((text) => text.slice(0, 8)),
    ["# Water\n", "## How\n\n", "## When\n", "Drink en", "Short.\n\n"],
  );
  assert.ok(texts.every((text) => text.length <= 8000));
  const squeezed = (text: string): string => text.replace(/\s+/gu, "");
  assert.equal(squeezed(texts.slice(0, 4).join("")), squeezed(long));
  assert.equal(texts.at(-1), "Short.\n\nStill short.");
  assert.deepEqual(result.skippedFiles, { "about-the-data": 1, "unknown-format": 1 });
  for (const [i, { origin }] of (await ledger("medicalGuideline_en_text.ledger.jsonl")).entries()) {
    const bytes = await readFile(origin.file);
    assert.equal(squeezed(bytes.toString("utf8", origin.start, origin.end)), squeezed(texts[i]!));
  }
});

/** GB18030 bytes of "发烧是体温升高" and of the JSON around. */
const GB = { fever: "b7a2c9d5cac7cce5cec2c9fdb8df" };

test("encodings: marks, UTF-16 either way, GB18030, packed, named; the same documents from each", async () => {
  const text = JSON.stringify(["发烧是体温升高"]);
  const utf16 = Buffer.from(`\uFEFF${text}`, "utf16le");
  const gb = Buffer.concat([Buffer.from('["'), Buffer.from(GB.fever, "hex"), Buffer.from('"]')]);
  const variants: Record<string, Uint8Array> = {
    "medicalWiki_zh_text.json": Buffer.from(`\uFEFF${text}`),
    "utf16le/medicalWiki_zh_text.json": utf16,
    "utf16be/medicalWiki_zh_text.json": Buffer.from(utf16).swap16(),
    "bare/medicalWiki_zh_text.json": Buffer.from(text, "utf16le"),
    "gb/medicalWiki_zh_text.json": gb,
    "gz/medicalWiki_zh_text.json.gz": gzipSync(gb),
  };
  for (const [name, content] of Object.entries(variants)) {
    const { json } = await imported(name, content);
    assert.deepEqual(await json("medicalWiki_zh_text.json"), ["发烧是体温升高"], name);
  }
  const latin = Buffer.from('["Fi\xe8vre et toux."]', "latin1");
  const refused = { code: "bad-encoding", at: "byte 4", message: /0xe8/ };
  await assert.rejects(imported("medicalWiki_fr_text.json", latin), refused);
  const named = await imported("medicalWiki_fr_text.json", latin, { encoding: "windows-1252" });
  assert.deepEqual(await named.json("medicalWiki_fr_text.json"), ["Fièvre et toux."]);
  await assert.rejects(imported("medicalWiki_fr_text.json", latin, { encoding: "klingon" }), {
    code: "bad-option",
  });
});

test("documents in another language than they are said to be are taken, counted and marked", async () => {
  const english =
    "The liver makes bile, and the bile is kept in the gall bladder until it is needed for a meal.";
  const french =
    "Le foie produit la bile, et la bile est gardée dans la vésicule jusqu'à ce que le repas en ait besoin, puis elle coule.";
  const hindi = "यकृत पित्त बनाता है और पित्त पित्ताशय में रखा जाता है।";
  const code =
    "for (int i = 0; i < n; i++) { sum += values[i] * weights[i]; } return sum / (n == 0 ? 1 : n); // {}[]();";
  const { result, ledger } = await imported(
    "medicalWiki_en_text.json",
    JSON.stringify([english, french, hindi, code]),
  );
  assert.deepEqual(result.otherLanguage, { "en: fr": 1, "en: hi": 1 });
  assert.equal(result.documents, 4);
  const entries = await ledger("medicalWiki_en_text.ledger.jsonl");
  assert.deepEqual(
    entries.map((entry) => entry.decisions[0].reason),
    [undefined, "written-in-fr", "written-in-hi", undefined],
  );
});
