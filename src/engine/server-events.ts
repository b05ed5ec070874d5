// Reads a stream of server-sent events, as OpenAI-compatible servers send them.
// Format: https://html.spec.whatwg.org/multipage/server-sent-events.html

/** The data of each event, in order; comments and other fields are passed over. */
export async function* readServerEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  let data: string[] = [];
  const takeLine = (line: string): string | undefined => {
    if (line === "") {
      const event = data.length > 0 ? data.join("\n") : undefined;
      data = [];
      return event;
    }
    if (line.startsWith("data:")) data.push(line.slice(line.startsWith("data: ") ? 6 : 5));
    return undefined;
  };
  for await (const bytes of body) {
    text += decoder.decode(bytes, { stream: true });
    const lines = text.split(/\r\n|\n|\r(?!$)/u);
    text = lines.pop()!;
    for (const line of lines) {
      const event = takeLine(line);
      if (event !== undefined) yield event;
    }
  }
  for (const line of [text, ""]) {
    const event = takeLine(line);
    if (event !== undefined) yield event;
  }
}
