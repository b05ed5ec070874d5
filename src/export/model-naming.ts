// What a model's name says in GGUF's words: title, base name, size. The rules are those of llama.cpp's converter, so that files
// of both are listed alike.

/** `general.name`, `general.basename` and `general.size_label`. */
export interface ModelNaming {
  readonly name: string;
  /** Absent when the name holds no size that would end it. */
  readonly basename?: string;
  readonly sizeLabel: string;
}

/** Reads a folder's or file's name such as `Qwen2.5-0.5B`; the size is counted when the name does not say it. */
export function modelNaming(text: string, parameters: number): ModelNaming {
  const parts = text.trim().split(/[-\s]+/u);
  const at = parts.findIndex((part, i) => i > 0 && /^\d+(\.\d+)?[kmbt]$/iu.test(part));
  const name = parts.map(title).join(" ");
  if (at < 0) return { name, sizeLabel: roundedCount(parameters) };
  return { name, basename: parts.slice(0, at).join("-"), sizeLabel: parts[at]!.toUpperCase() };
}

/** Words get a capital; versions, sizes and whatever has one already stay as they are. */
function title(word: string): string {
  if (word !== word.toLowerCase() || /^(v\d+(\.\d+)*|\d.*)$/u.test(word)) return word;
  return word.replace(/\p{L}+/gu, (letters) => letters[0]!.toUpperCase() + letters.slice(1));
}

/** Two digits at least: 464M, 1.8B. */
function roundedCount(count: number): string {
  const scales = [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
  ] as const;
  const [scale, suffix] = scales.find(([size]) => count > size) ?? [1e3, "K"];
  const scaled = count / scale;
  const whole = String(Math.round(scaled)).replace(/^0+/u, "");
  return `${scaled.toFixed(Math.max(2 - whole.length, 0))}${suffix}`;
}
