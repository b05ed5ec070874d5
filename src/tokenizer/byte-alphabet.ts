// The GPT-2 byte alphabet: each of the 256 bytes spelt as one printable character, so that byte-level vocabularies can be
// stored as text (a space is Ġ). Source: `bytes_to_unicode` in openai/gpt-2, src/encoder.py.

/** The character that spells each byte. */
export const BYTE_SPELLING: readonly string[] = spellBytes();

/** Bytes in the order of their characters: the order of the first 256 ids in GPT-2's and Qwen's vocabularies. */
export const BYTES_IN_ALPHABET_ORDER: readonly number[] = BYTE_SPELLING.map((_, byte) => byte).sort(
  (a, b) => BYTE_SPELLING[a]!.charCodeAt(0) - BYTE_SPELLING[b]!.charCodeAt(0),
);

const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(
  BYTE_SPELLING.map((character, byte) => [character, byte]),
);

function spellBytes(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

/** Spells bytes in the alphabet. */
export function spell(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += BYTE_SPELLING[byte];
  return text;
}

/** The bytes that a spelling stands for; `undefined` when a character is not in the alphabet. */
export function unspell(spelling: string): Uint8Array | undefined {
  const bytes = new Uint8Array(spelling.length);
  for (let i = 0; i < spelling.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(spelling[i]!);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}
