// Several tasks at once, their results one by one.

/**
 * Runs `task` on every item, at most `width` at a time, and gives the results in the items' order. When one fails or the reader
 * stops, no further one begins and those begun are waited for.
 */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  width: number,
  task: (item: T) => Promise<R>,
): AsyncGenerator<R, void, undefined> {
  const begun: Promise<R>[] = [];
  try {
    for (const item of items) {
      const running = task(item);
      // Its failure is met where its turn comes; until then nobody listens.
      running.catch(() => {});
      begun.push(running);
      if (begun.length >= width) yield await begun.shift()!;
    }
    while (begun.length > 0) yield await begun.shift()!;
  } finally {
    await Promise.allSettled(begun);
  }
}
