import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { trainByteLevelBpe } from "../tokenizer/index.ts";
import { corpusStats } from "./corpus-stats.ts";
import { coarsen, createCurriculumCounter, curriculumLines } from "./curriculum.ts";
import { curriculumBlocks, curriculumPage, curriculumSvg } from "./curriculum-picture.ts";
import { packCorpus } from "./pack-corpus.ts";
import { readMixture } from "./read-mixture.ts";

test("bins hold every token, however many rows there are, and join in order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("a_en", "b_en", "b_zh"), fc.nat(9)), { maxLength: 700 }),
      (rows) => {
        const counter = createCurriculumCounter();
        for (const [row, [source, tokens]] of rows.entries()) counter.add(row, source, tokens);
        const { rowsPerBin, sources } = counter.finish();
        for (const [source, bins] of Object.entries(sources)) {
          assert.ok(bins.length <= 128);
          bins.forEach((tokens, bin) => {
            const own = rows
              .slice(bin * rowsPerBin, (bin + 1) * rowsPerBin)
              .filter(([name]) => name === source);
            assert.equal(
              tokens,
              own.reduce((sum, [, n]) => sum + n, 0),
            );
          });
        }
      },
    ),
    { seed: 5, numRuns: 60 },
  );
});

const CURRICULUM = {
  rowsPerBin: 2,
  sources: { late_en: [0, 1, 3], early_zh: [4, 2, 0], early_en: [4, 1, 1] },
};

test("lines: shares of each bin, the earliest category first, its languages together", () => {
  const lines = curriculumLines(CURRICULUM);
  assert.deepEqual(
    lines.map(({ source, shares, share }) => [source, shares, share]),
    [
      ["early_en", [0.5, 0.25, 0.25], 6 / 16],
      ["early_zh", [0.5, 0.5, 0], 6 / 16],
      ["late_en", [0, 0.25, 0.75], 4 / 16],
    ],
  );
  assert.deepEqual(coarsen(CURRICULUM, 2), {
    rowsPerBin: 4,
    sources: { late_en: [1, 3], early_zh: [6, 0], early_en: [5, 1] },
  });
});

test("the picture stacks to the top in each step, and names every source", () => {
  const svg = curriculumSvg(CURRICULUM);
  const areas = [...svg.matchAll(/<polygon points="([^"]+)"[^>]*><title>(\w+):/gu)];
  assert.deepEqual(
    areas.map(([, , source]) => source),
    ["early_en", "early_zh", "late_en"],
  );
  const heights = areas.map(([, points]) => points!.split(" ").map((point) => Number(point.split(",")[1])));
  // The first half of an area's points is its upper edge, the other half its lower edge backwards.
  assert.ok(
    heights
      .at(-1)!
      .slice(0, 6)
      .every((y) => y === heights.at(-1)![0]),
    "the last area reaches the top",
  );
  assert.deepEqual(heights[1]!.slice(6).reverse(), heights[0]!.slice(0, 6), "areas lie on each other");
  assert.deepEqual(curriculumBlocks(CURRICULUM), [
    "early_en  █▅▅   37.5 %, at most 50.0 %",
    "early_zh  ██    37.5 %, at most 50.0 %",
    "late_en    ▃█   25.0 %, at most 75.0 %",
  ]);
});

test("packed rows keep their curriculum; a mixture moves it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "apollo-curriculum-"));
  try {
    const texts = Array.from({ length: 60 }, (_, i) => [
      `Question number ${i}?`,
      `Answer number ${i} it is.`,
    ]);
    await mkdir(join(folder, "corpus"));
    for (const source of ["first_en", "second_en", "second_zh"])
      await writeFile(join(folder, "corpus", `${source}.json`), JSON.stringify(texts));
    const tokenizer = trainByteLevelBpe(texts.flat(), {
      vocabularySize: 300,
      specialTokens: ["<|endoftext|>"],
    });
    await writeFile(join(folder, "mixture.json"), JSON.stringify({ second: { priority: 1000, epochs: 1 } }));
    const mixture = await readMixture([join(folder, "mixture.json"), "first=1/2", "second_zh=0.001/1"]);
    assert.deepEqual(mixture, {
      first: { priority: 1, epochs: 2 },
      second: { priority: 1000, epochs: 1 },
      second_zh: { priority: 0.001, epochs: 1 },
    });
    const out = join(folder, "packed");
    await packCorpus(join(folder, "corpus"), { tokenizer, length: 64, out, mixture, window: 4 });
    const stats = await corpusStats(out);
    const lines = curriculumLines(coarsen(stats.curriculum!, 4));
    const shares = Object.fromEntries(lines.map(({ source, shares }) => [source, shares]));
    assert.ok(shares.second_en![0]! > 0.9 && shares.second_en![3]! === 0);
    assert.ok(shares.second_zh![0]! === 0 && shares.second_zh![3]! > 0.9);
    assert.match(
      curriculumPage({ ...stats, curriculum: stats.curriculum! }),
      /<svg[\s\S]*second zh[\s\S]*<td>second<\/td><td>zh/u,
    );
    const total = Object.values(stats.curriculum!.sources)
      .flat()
      .reduce((sum, n) => sum + n, 0);
    assert.equal(total, stats.tokens);

    const pack = (options: object) =>
      packCorpus(join(folder, "corpus"), { tokenizer, length: 64, out: join(folder, "x"), ...options });
    await assert.rejects(pack({ mixture: { third: { priority: 1, epochs: 1 } } }), {
      code: "unknown-source",
    });
    await assert.rejects(pack({ window: 0 }), { code: "bad-window" });
    await assert.rejects(readMixture(["first=quick"]), { code: "bad-mixture" });
    await writeFile(join(folder, "mixture.json"), '{"first": {"priority": -1, "epochs": 1}}');
    await assert.rejects(readMixture([join(folder, "mixture.json")]), {
      code: "bad-mixture",
      at: "first.priority",
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
