import assert from "node:assert/strict";
import { test } from "node:test";
import { createSlots, type Slot } from "./llama-slots.ts";

const text = (length: number, start = 0): Int32Array => Int32Array.from({ length }, (_, i) => start + i);

function hold(slot: Slot, tokens: Int32Array): void {
  slot.held.splice(0, slot.held.length, ...tokens);
  slot.reusable = tokens.length;
}

test("empty slots first, then the one left longest ago", () => {
  const slots = createSlots(3, 1000);
  const taken = [0, 1, 2].map((i) => {
    const { slot } = slots.take(text(10, 100 * i));
    hold(slot, text(10, 100 * i));
    return slot;
  });
  assert.deepEqual(
    taken.map(({ sequence }) => sequence),
    [0, 1, 2],
  );
  for (const slot of [taken[1]!, taken[0]!, taken[2]!]) slots.release(slot);
  assert.equal(slots.take(text(10, 900)).slot.sequence, 1);
  assert.equal(slots.take(text(10, 900)).slot.sequence, 0);
});

test("a text goes where it is continued; a shared greeting does not cost a long text its cache", () => {
  const slots = createSlots(3, 1000);
  const long = slots.take(text(300)).slot;
  hold(long, text(300));
  slots.release(long);
  assert.equal(slots.take(text(320)).slot, long, "goes on");
  slots.release(long);
  const greeting = Int32Array.of(...text(10), 777, 778);
  const other = slots.take(greeting);
  assert.notEqual(other.slot, long);
  assert.equal(other.copyFrom, undefined, "ten tokens are not worth a copy of a thousand cells");
});

test("what a busy slot holds is copied when it saves enough", () => {
  const slots = createSlots(2, 1000);
  const busy = slots.take(text(200)).slot;
  hold(busy, text(200));
  const placed = slots.take(Int32Array.of(...text(150), 900, 901));
  assert.notEqual(placed.slot, busy);
  assert.equal(placed.copyFrom, busy);
});
