// A token as people see it, also where it is only a part of a character.

const strict = new TextDecoder("utf-8", { fatal: true });

/** The text of `bytes`; `undefined` when they are no whole characters. */
export function wholeText(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A token in quotes, so that its spaces are seen; the bytes in hexadecimal where it is no whole character. */
export function showToken(bytes: Uint8Array): string {
  const text = wholeText(bytes);
  if (text !== undefined) return JSON.stringify(text);
  return `<${Array.from(bytes, (byte) => byte.toString(16).toUpperCase().padStart(2, "0")).join(" ")}>`;
}
