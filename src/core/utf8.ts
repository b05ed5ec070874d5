// Where bytes stop being UTF-8.
import { isUtf8 } from "node:buffer";

/** Index of the first byte that makes `bytes` no UTF-8; `undefined` when they are. A character cut at the end counts, too. */
export function firstInvalidByte(bytes: Buffer): number | undefined {
  if (isUtf8(bytes)) return undefined;
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isUtf8(bytes.subarray(0, characterBorder(bytes, middle)))) low = middle;
    else high = middle - 1;
  }
  // Near it by now: on by whole characters. An invalid byte may look like the middle of one.
  let at = characterBorder(bytes, low);
  for (let length = 1; length <= 4; length++) {
    if (at + length > bytes.length || !isUtf8(bytes.subarray(at, at + length))) continue;
    at += length;
    length = 0;
  }
  return at;
}

/** The last place at or before `index` where no character is cut. */
function characterBorder(bytes: Buffer, index: number): number {
  let border = index;
  while (border > 0 && index - border < 3 && (bytes[border]! & 0xc0) === 0x80) border--;
  return border;
}
