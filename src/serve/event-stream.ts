// Server-sent events, pulled: the next token is asked for when the client has taken the last, so a slow reader costs no memory.
import { asApiError } from "./errors.ts";

/**
 * Sends each value as one `data:` event and `data: [DONE]` at the end. The first value is awaited before the answer begins,
 * so that a request that cannot be answered still gets its proper status. A failure after that is sent as an error event.
 * When the client goes away (`signal`, or the body is cancelled) the source is told to finish.
 */
export async function eventStream(
  source: AsyncGenerator<unknown, void>,
  options: {
    readonly signal: AbortSignal;
    readonly abort: () => void;
    readonly report: (error: unknown) => void;
  },
): Promise<Response> {
  const encoder = new TextEncoder();
  const event = (data: string): Uint8Array => encoder.encode(`data: ${data}\n\n`);
  const finish = (): void => {
    // A generator that stands at a `yield` runs its `finally` blocks; one that is at work ends through the same signal.
    source.return().catch(options.report);
  };
  options.signal.addEventListener("abort", finish, { once: true });
  let next = await source.next();

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          options.signal.throwIfAborted();
          if (next.done) {
            options.signal.removeEventListener("abort", finish);
            controller.enqueue(event("[DONE]"));
            controller.close();
            return;
          }
          controller.enqueue(event(JSON.stringify(next.value)));
          next = await source.next();
        } catch (error) {
          if (options.signal.aborted) return controller.error(options.signal.reason);
          const failure = asApiError(error);
          if (failure.status >= 500) options.report(error);
          controller.enqueue(event(JSON.stringify(failure.body)));
          controller.enqueue(event("[DONE]"));
          controller.close();
        }
      },
      cancel() {
        options.abort();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    },
  });
}
