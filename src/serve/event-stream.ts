// Server-sent events, pulled: the next token is asked for when the client has taken the last, so a slow reader costs no memory.
import { ApiError, asApiError } from "./errors.ts";

/** A reader that takes nothing for so long has gone, or holds a turn that others wait for. */
const STALL_SECONDS = 120;

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
    /** Seconds without a read after which the stream is given up. Default 120. */
    readonly stallSeconds?: number;
  },
): Promise<Response> {
  const encoder = new TextEncoder();
  const event = (data: string): Uint8Array => encoder.encode(`data: ${data}\n\n`);
  const stallMilliseconds = 1000 * (options.stallSeconds ?? STALL_SECONDS);
  let readerIsDue = Number.POSITIVE_INFINITY;
  const watch = setInterval(() => {
    if (performance.now() > readerIsDue) options.abort();
  }, stallMilliseconds / 4);
  watch.unref();
  const finish = (): void => {
    clearInterval(watch);
    // A generator that stands at a `yield` runs its `finally` blocks; one that is at work ends through the same signal.
    source.return().catch(options.report);
  };
  const ended = (): void => {
    clearInterval(watch);
    options.signal.removeEventListener("abort", finish);
  };
  options.signal.addEventListener("abort", finish, { once: true });
  let next: IteratorResult<unknown, void>;
  try {
    next = await source.next();
  } catch (error) {
    ended();
    throw error;
  }
  readerIsDue = performance.now() + stallMilliseconds;

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        readerIsDue = Number.POSITIVE_INFINITY;
        try {
          options.signal.throwIfAborted();
          if (next.done) {
            ended();
            controller.enqueue(event("[DONE]"));
            controller.close();
            return;
          }
          controller.enqueue(event(JSON.stringify(next.value)));
          next = await source.next();
          readerIsDue = performance.now() + stallMilliseconds;
        } catch (error) {
          ended();
          const { aborted, reason } = options.signal;
          // A client that has gone reads no reason; one whose time is up does.
          if (aborted && !(reason instanceof ApiError)) return controller.error(reason);
          const failure = asApiError(aborted ? reason : error);
          if (failure.status >= 500 && failure !== error && !aborted) options.report(error);
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
