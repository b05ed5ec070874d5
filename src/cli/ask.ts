// Questions to the person at the terminal, or to whatever is piped in: one line each.
import { createInterface } from "node:readline";

/** Asks questions on standard error, so that standard output stays the command's result. */
export interface Asker {
  /** The next line; `undefined` when there is none. */
  ask(question: string): Promise<string | undefined>;
  close(): void;
}

/** An asker over `input`. Lines that come before they are asked for are kept, as piped ones do. */
export function createAsker(
  input: NodeJS.ReadableStream = process.stdin,
  output: NodeJS.WritableStream = process.stderr,
): Asker {
  const reader = createInterface({ input });
  const lines = reader[Symbol.asyncIterator]();
  return {
    async ask(question) {
      output.write(question);
      const { value, done } = await lines.next();
      return done === true ? undefined : value;
    },
    close: () => reader.close(),
  };
}
