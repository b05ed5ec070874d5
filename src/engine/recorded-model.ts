// A model whose answers are kept as they come, in a file that only grows: after any end of the process the same questions are answered from it, and
// only what had no answer yet is asked for. For models that are slow or paid for; what is kept is the answer, not the question.
import { rm } from "node:fs/promises";
import { hashValue, openAppendLog, UserError } from "../core/index.ts";
import type {
  ContinuationScore,
  GenerateChunk,
  GenerateRequest,
  LanguageModel,
  ScoreRequest,
} from "./language-model.ts";

/** A line of the file. */
type Line = { readonly request: string } & (
  | { readonly scores: readonly ContinuationScore[] }
  | { readonly answer: Answer }
);

interface Answer {
  readonly text: string;
  readonly finish: NonNullable<GenerateChunk["finish"]>;
  readonly usage?: NonNullable<GenerateChunk["usage"]>;
}

/** A model with a file of its answers. */
export interface RecordedModel extends LanguageModel {
  /** Closes and removes the file: its answers are in results now. The model stays open. */
  discard(): Promise<void>;
}

/**
 * Puts the file at `path` before `model`; `identity` tells the model from others of its name. Each request is passed on by itself and kept when it is
 * answered. Generation is given in one chunk; requests for log-probabilities of tokens pass by. `close` closes both. `UserError` for a line
 * that is no answer.
 */
export async function recordAnswers<M extends LanguageModel>(
  model: M,
  path: string,
  identity: unknown,
): Promise<RecordedModel> {
  const log = await openAppendLog<{ request: string; start: number; end: number }, Line>(
    path,
    (text, number, start, end) => ({ request: requestOf(text, path, number), start, end }),
  );
  const places = new Map(log.done.map(({ request, start, end }) => [request, { start, end }]));
  let last: Promise<void> = Promise.resolve();
  let open = true;
  let empty = log.done.length === 0;
  const find = async (request: string): Promise<Line | undefined> => {
    const place = places.get(request);
    return place === undefined ? undefined : (JSON.parse(await log.read(place.start, place.end)) as Line);
  };
  const add = (line: Line): Promise<void> => {
    // One after the other: lines must not run into each other.
    empty = false;
    const written = last.then(() => log.append([line]));
    last = written.catch(() => undefined);
    return written;
  };
  const closeFile = async (): Promise<void> => {
    await last;
    if (!open) return;
    open = false;
    await log.close();
    // A run that was refused leaves nothing behind.
    if (empty) await rm(path, { force: true });
  };

  async function score({ prompt, continuations }: ScoreRequest): Promise<ContinuationScore[]> {
    const request = hashValue({ identity, prompt, continuations });
    const known = await find(request);
    if (known !== undefined && "scores" in known) return [...known.scores];
    const [scores] = await model.score([{ prompt, continuations }]);
    await add({ request, scores: scores! });
    return scores!;
  }

  async function* generate(asked: GenerateRequest): AsyncGenerator<GenerateChunk> {
    if (asked.topLogProbabilities !== undefined) return yield* model.generate(asked);
    const { signal, logitBias, ...rest } = asked;
    signal?.throwIfAborted();
    const request = hashValue({
      identity,
      ...rest,
      ...(logitBias === undefined ? {} : { logitBias: [...logitBias] }),
    });
    const known = await find(request);
    const answer = known !== undefined && "answer" in known ? known.answer : await ask(asked);
    if (known === undefined) await add({ request, answer });
    yield answer;
  }

  async function ask(asked: GenerateRequest): Promise<Answer> {
    let text = "";
    for await (const chunk of model.generate(asked)) {
      text += chunk.text;
      // An aborted generation is cut short: it is not the answer.
      asked.signal?.throwIfAborted();
      if (chunk.finish !== undefined)
        return { text, finish: chunk.finish, ...(chunk.usage === undefined ? {} : { usage: chunk.usage }) };
    }
    asked.signal?.throwIfAborted();
    throw new UserError("remote-broken-stream", "the answer broke off before its end");
  }

  return {
    id: model.id,
    contextLength: model.contextLength,
    score: (requests) => Promise.all(requests.map(score)),
    generate,
    ...(model.usage === undefined ? {} : { usage: () => model.usage!() }),
    async discard() {
      await closeFile();
      await rm(path, { force: true });
    },
    async close() {
      await closeFile();
      await model.close();
    },
  };
}

function requestOf(text: string, path: string, number: number): string {
  try {
    const line = JSON.parse(text) as Partial<Line> | null;
    if (typeof line?.request === "string" && ("scores" in line || "answer" in line)) return line.request;
  } catch {
    // Not JSON: said below.
  }
  throw new UserError("bad-request-ledger", "not an answer {request, scores or answer}", {
    file: path,
    at: `line ${number}`,
    remedy: "Remove the file: what it holds will be asked for again.",
  });
}
