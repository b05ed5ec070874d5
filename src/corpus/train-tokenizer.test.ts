import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { loadTokenizer } from "../tokenizer/index.ts";
import { trainTokenizer } from "./train-tokenizer.ts";

let folder: string;
let corpus: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-train-tokenizer-"));
  corpus = join(folder, "corpus");
  await mkdir(corpus);
  const en = Array.from({ length: 60 }, (_, i) => [
    `What helps against fever number ${i}?`,
    "Drink enough water and rest.",
  ]);
  const zh = Array.from({ length: 60 }, (_, i) => `发烧${i}度时应多喝水，多休息，必要时就医。`);
  await writeFile(join(corpus, "medicalPatient_en.json"), JSON.stringify(en));
  await writeFile(join(corpus, "medicalBook_zh_text.json"), JSON.stringify(zh));
});
after(() => rm(folder, { recursive: true }));

test("a tokenizer is learnt from a corpus, written, and measured on documents that it has not seen", async () => {
  const out = join(folder, "tokenizer");
  const result = await trainTokenizer([corpus], { size: 400, out });
  assert.deepEqual([result.documents, result.heldOut, result.forgotten], [120, 6, 0]);
  assert.deepEqual(
    result.languages.map(({ language, documents, unit }) => [language, documents, unit]),
    [
      ["en", 3, "word"],
      ["zh", 3, "character"],
    ],
  );
  const [en, zh] = result.languages;
  // "Drink enough water and rest." is six tokens once learnt; digits are apart.
  assert.ok(en!.tokensPerUnit < 1.5 && zh!.tokensPerUnit < 1, JSON.stringify(result.languages));
  const tokenizer = await loadTokenizer(out);
  assert.equal(tokenizer.vocabularySize, result.vocabularySize);
  const text = "Drink 水 \u{1f600} न";
  assert.equal(tokenizer.decode(tokenizer.encode(text)), text);
  // A smaller vocabulary costs more of both; seen side by side.
  const small = await trainTokenizer([corpus], { size: 280, out: join(folder, "small"), compare: tokenizer });
  for (const { tokensPerUnit, bytesPerToken, other } of small.languages)
    assert.ok(tokensPerUnit > other!.tokensPerUnit && bytesPerToken < other!.bytesPerToken);
  assert.deepEqual(small.languages[0]!.other, {
    tokensPerUnit: en!.tokensPerUnit,
    bytesPerToken: en!.bytesPerToken,
  });

  const again = join(folder, "again");
  await trainTokenizer([corpus], { size: 400, out: again });
  for (const name of await readdir(out))
    assert.deepEqual(await readFile(join(again, name)), await readFile(join(out, name)), name);
  assert.deepEqual(await trainTokenizer([corpus], { size: 400, out }), result);
});

test("plain text is read line by line; what is not there or too small is refused", async () => {
  const file = join(folder, "notes.txt");
  await writeFile(file, "fever and cough\n\nfever and rash\n");
  const result = await trainTokenizer([file], { size: 300, out: join(folder, "notes"), language: "en" });
  assert.deepEqual([result.documents, result.heldOut, result.languages[0]?.documents], [2, 0, 2]);
  const refused = { size: 300, out: join(folder, "x") };
  await assert.rejects(trainTokenizer([join(folder, "no.txt")], refused), { code: "file-not-found" });
  await assert.rejects(trainTokenizer([corpus], { ...refused, size: 200 }), { code: "bad-vocabulary-size" });
  await writeFile(file, "\n");
  await assert.rejects(trainTokenizer([file], refused), { code: "empty-corpus" });
});
