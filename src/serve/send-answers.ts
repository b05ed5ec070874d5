// How every generating endpoint answers: in one turn of the model's queue, streamed or in one piece.
import type { LanguageModel } from "../engine/index.ts";
import { eventStream } from "./event-stream.ts";
import { type Countable, inTurn } from "./generation.ts";
import type { ServedModel } from "./models.ts";
import { type ReplyContext, type ReplyHead, replyHead } from "./reply.ts";

/** An answer and its two shapes. */
export interface AnswerShape<Event extends Countable> {
  readonly served: ServedModel;
  readonly context: ReplyContext;
  readonly stream: boolean;
  /** Of the answer's id. */
  readonly prefix: string;
  readonly events: (model: LanguageModel) => AsyncIterable<Event>;
  /** What is sent of the events, one by one. */
  readonly chunks: (events: AsyncIterable<Event>, head: ReplyHead) => AsyncGenerator<unknown, void>;
  /** What is sent of them when they have all come. */
  readonly whole: (events: AsyncIterable<Event>, head: ReplyHead) => Promise<object>;
}

/** Sends the answers. Throws what the model refuses before anything has been sent. */
export async function sendAnswers<Event extends Countable>(shape: AnswerShape<Event>): Promise<Response> {
  const { served, context } = shape;
  const events = inTurn(served, context, shape.events);
  const head = replyHead(shape.prefix, served);
  if (shape.stream) return eventStream(shape.chunks(events, head), context);
  return Response.json(await shape.whole(events, head));
}
