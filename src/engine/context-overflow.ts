// The one error for text that does not fit a model's context.
import { UserError } from "../core/index.ts";

/** The error for `tokens` tokens, prompt and continuation together, in a context of `contextLength`. */
export function contextOverflow(tokens: number, contextLength: number): UserError {
  return new UserError(
    "context-length-exceeded",
    `${tokens} tokens do not fit the context of ${contextLength}`,
    { remedy: "Shorten the text or open the model with a longer context." },
  );
}
