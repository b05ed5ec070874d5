// The steps of near-duplicate search apart: however a corpus is cut into parts and partitions, the same documents meet.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createRandom } from "../core/index.ts";
import { readGroups, writeEdges, writeGroups } from "./candidate-groups.ts";
import { decideGroups, decodePair, PAIR_NUMBERS } from "./decided-pairs.ts";
import type { Document } from "./document.ts";
import { createLabelStore } from "./label-store.ts";
import { createMeetings } from "./meetings.ts";
import { BANDS } from "./minhash.ts";
import { type FiledDocument, partitionBits, partitionCount, signDocuments } from "./sign-documents.ts";
import { openSignedParts } from "./signed-parts.ts";
import { createSpill, orderRecords, readSpilled } from "./spill.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "apollo-dedup-steps-"));
});
after(() => rm(folder, { recursive: true }));

const KIND = { category: "medicalWeb", language: "en", kind: "text", stage: "pretrain" } as const;

/** Documents in families of one sentence in common each, in a corpus file. */
async function family(): Promise<{ path: string; documents: FiledDocument[] }> {
  const random = createRandom(7);
  const word = (): string => random.integer(1e6).toString(36);
  const stems = Array.from({ length: 20 }, () => Array.from({ length: 60 }, word).join(" "));
  const path = join(folder, "medicalWeb_en_text.json");
  const documents: FiledDocument[] = [];
  let bytes = "[\n";
  for (let n = 0; n < 200; n++) {
    const text = `${stems[random.integer(stems.length)]} ${word()} ${word()}`;
    const element = JSON.stringify(text);
    const place = { file: path, start: bytes.length, end: bytes.length + element.length };
    bytes += `${element},\n`;
    const document = { kind: "text", text, origin: place } as unknown as Document;
    documents.push({ document, file: 0, place });
  }
  await writeFile(path, `${bytes.slice(0, -2)}\n]\n`);
  return { path, documents };
}

test("any number of parts and partitions gives the same groups and the same decisions", async () => {
  const { path, documents } = await family();
  const seen = new Set<string>();
  for (const [cuts, bits] of [
    [[], 0],
    [[70], 0],
    [[], 3],
    [[1, 60, 61, 199], 2],
  ] as const) {
    const own = join(folder, `${cuts.length}-${bits}`);
    const folders: string[] = [];
    for (const [i, from] of [0, ...cuts].entries()) {
      const part = join(own, `part-${i}`);
      const slice = documents.slice(from, cuts[i]);
      assert.equal(await signDocuments(toStream(slice), part, bits), slice.length);
      folders.push(part);
    }
    const parts = openSignedParts(folders, [{ file: path, kind: KIND }]);
    assert.equal(parts.count, documents.length);
    const edges = Array.from({ length: partitionCount(bits) }, (_, p) => {
      const edge = join(own, `edges-${p}`);
      writeEdges(parts, p, edge);
      return edge;
    });
    const { paths, members } = writeGroups(edges, parts.count, own);
    const groups = paths.flatMap((file) => [...readGroups(file)].map((group) => [...group]));
    assert.equal(members, 180, "20 families, all but their first");
    assert.equal(groups.length, 20);
    decideGroups(paths[0]!, parts, join(own, "decided"), { threshold: 0.8, fixed: 0 });
    const records = readSpilled(join(own, "decided"));
    const pairs = Array.from({ length: records.length / PAIR_NUMBERS }, (_, i) => decodePair(records, i));
    assert.ok(pairs.length > 100);
    seen.add(JSON.stringify([groups, pairs]));
    parts.close();
  }
  assert.equal(seen.size, 1);
});

async function* toStream<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

test("more partitions for a larger corpus, within bounds", () => {
  assert.deepEqual([1e3, 1e8, 4e9, 4e10, 1e14].map(partitionBits), [0, 0, 4, 7, 8]);
});

test("records come back partition by partition, sorted without losing the order of equals", () => {
  const spill = createSpill((partition) => join(folder, `spilled-${partition}`));
  for (let i = 0; i < 10_000; i++) spill.add(i % 3, [i, (i * 7919) % 50, 1]);
  spill.flush();
  assert.equal(readSpilled(join(folder, "spilled-9")).length, 0);
  let count = 0;
  for (const partition of [0, 1, 2]) {
    const records = readSpilled(join(folder, `spilled-${partition}`));
    let before = [-1, -1];
    for (const index of orderRecords(records, 3, 1)) {
      const [value = 0, key = 0] = records.subarray(3 * index, 3 * index + 2);
      assert.equal(value % 3, partition);
      assert.ok(key > before[1]! || (key === before[1] && value > before[0]!));
      before = [value, key];
      count++;
    }
  }
  assert.equal(count, 10_000);
});

test("a document meets those that agree with it in most bands, as plain maps would say", () => {
  const random = createRandom(3);
  const members = 400;
  const keys = Int32Array.from({ length: members * BANDS }, () => random.integer(12));
  const meetings = createMeetings(keys);
  const kept: number[] = [];
  for (let member = 0; member < members; member++) {
    const agree = kept
      .map((other) => {
        let bands = 0;
        for (let band = 0; band < BANDS; band++)
          if (keys[member * BANDS + band] === keys[other * BANDS + band]) bands++;
        return { other, bands };
      })
      .filter(({ bands }) => bands > 0)
      .sort((a, b) => b.bands - a.bands || a.other - b.other)
      .slice(0, 64)
      .map(({ other }) => other);
    assert.deepEqual(
      meetings.of(member),
      agree.sort((a, b) => a - b),
    );
    if (member % 3 > 0) {
      meetings.add(member);
      kept.push(member);
    }
  }
});

test("labels are found again whether written or still in memory", () => {
  const labels = createLabelStore(join(folder, "labels"));
  const label = (n: number) => ({ document: `é${n}`, origin: { file: "f", start: n, end: n + 1 } });
  const added = [0, 3, 4095, 4096, 50_000, 50_001];
  for (const n of added) {
    labels.add(n, label(n));
    for (const before of added.slice(0, added.indexOf(n) + 1))
      assert.deepEqual(labels.get(before), label(before));
  }
  labels.close();
});
