// Lets asynchronous work on one resource take turns.

/** Runs each piece of work after the one before it has ended, in order of arrival. */
export type Mutex = <T>(work: () => Promise<T>) => Promise<T>;

/** Makes a mutex. */
export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
}
