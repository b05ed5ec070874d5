// Turns the bytes of generated tokens into text that may be shown: whole characters only, and nothing that may yet turn
// out to be the start of a stop text.

/** Receives pieces of UTF-8; gives what may be shown. */
export interface TextStream {
  push(bytes: Uint8Array): { readonly text: string; readonly stopped: boolean };
  /** What was held back, when no more comes; an incomplete character becomes U+FFFD. */
  end(): { readonly text: string; readonly stopped: boolean };
}

/** Makes a stream that ends before the one of `stop` that is complete first; empty stop texts are ignored. */
export function createTextStream(stop: readonly string[]): TextStream {
  const stops = stop.filter((text) => text !== "");
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let held = "";

  function take(more: string, last: boolean): { text: string; stopped: boolean } {
    held += more;
    const start = earliestStop(held, stops);
    if (start !== undefined) {
      const text = held.slice(0, start);
      held = "";
      return { text, stopped: true };
    }
    const keep = last ? 0 : longestPossibleStart(held, stops);
    const text = held.slice(0, held.length - keep);
    held = held.slice(held.length - keep);
    return { text, stopped: false };
  }

  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true }), false),
    end: () => take(decoder.decode(), true),
  };
}

/** Where the stop text starts that is complete first; of two that end together, the longer one. */
function earliestStop(text: string, stops: readonly string[]): number | undefined {
  let best: { start: number; end: number } | undefined;
  for (const stop of stops) {
    const start = text.indexOf(stop);
    if (start < 0) continue;
    const end = start + stop.length;
    if (best === undefined || end < best.end || (end === best.end && start < best.start))
      best = { start, end };
  }
  return best?.start;
}

/** Length of the longest end of `text` that is the beginning of a stop text. */
function longestPossibleStart(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}
