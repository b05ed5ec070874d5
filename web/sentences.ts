// Cuts streamed text into sentences, so that a screen reader hears whole sentences and not every token.

/** Collects streamed text. */
export interface SentenceBuffer {
  /** Adds text; gives the sentences that it completed. */
  push(text: string): string[];
  /** Gives what is left. */
  flush(): string[];
}

/** Makes a buffer that knows the sentence marks of `language` (danda, full-width stop, Arabic question mark ...). */
export function createSentenceBuffer(language: string): SentenceBuffer {
  const segmenter = new Intl.Segmenter(language, { granularity: "sentence" });
  let buffer = "";
  const take = (whole: boolean): string[] => {
    const segments = [...segmenter.segment(buffer)].map((part) => part.segment);
    buffer = whole ? "" : (segments.pop() ?? "");
    return segments.map(speakable).filter((sentence) => sentence !== "");
  };
  return {
    push(text) {
      buffer += text;
      return take(false);
    },
    flush: () => take(true),
  };
}

/** Text without the marks of Markdown, which a screen reader would spell out. */
function speakable(markdown: string): string {
  return markdown
    .replace(/^\s*(?:#{1,6}|>|[-*+]|```\w*)(?:\s+|$)/gmu, "")
    .replace(/[*_`~|]+/gu, "")
    .replace(/\s+/gu, " ")
    .trim();
}
