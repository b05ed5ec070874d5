// How strongly a trio is steered at each token, and which tokens the offset may move.
import { UserError } from "../core/index.ts";
import { logNormaliser } from "../engine/index.ts";

/**
 * When the offset counts. `first` and `linear` follow Lin et al. (arXiv 2312.01552, section 2): tuning moves a model's choice
 * mostly at an answer's first tokens, and once they are over the small models rest. `unsure` follows Fei et al. (Nudging,
 * arXiv 2410.09300): guidance helps where the base does not know, and elsewhere only disturbs it.
 */
export type Schedule =
  | { readonly kind: "constant" }
  /** The first so many generated tokens are steered, the others are the base's own. */
  | { readonly kind: "first"; readonly tokens: number }
  /** Alpha falls in a line: t tokens into the answer it is alpha (1 - t / tokens), and 0 from there on. */
  | { readonly kind: "linear"; readonly tokens: number }
  /** Steered where the base's likeliest token has less than this probability. */
  | { readonly kind: "unsure"; readonly below: number };

/** Strength, time and place of the offset. */
export interface Steering {
  /** 0 = base alone, 1 = the published method. */
  readonly alpha: number;
  /** Default `constant`. */
  readonly schedule?: Schedule;
  /**
   * The offset moves the base's so many likeliest tokens alone; others keep the base's logit, so that no token the base holds
   * for impossible is lifted (in the spirit of contrastive decoding's plausible tokens, arXiv 2210.15097). Default: all.
   */
  readonly topK?: number;
}

const FORMS = "Give constant, first:TOKENS, linear:TOKENS or unsure:PROBABILITY, for example first:32.";

/** Reads `constant`, `first:32`, `linear:64` or `unsure:0.5`; `UserError` when it is none of them. */
export function parseSchedule(text: string): Schedule {
  const [kind = "", value = "", ...more] = text.split(":");
  if (kind === "constant" && value === "" && more.length === 0) return { kind };
  const number = value.trim() === "" || more.length > 0 ? Number.NaN : Number(value);
  if ((kind === "first" || kind === "linear") && Number.isInteger(number) && number >= 1)
    return { kind, tokens: number };
  if (kind === "unsure" && number > 0 && number <= 1) return { kind, below: number };
  throw new UserError("bad-schedule", `"${text}" is no schedule of alpha`, { remedy: FORMS });
}

/** Checks a steering that came from a user; `UserError` when alpha is no number or topK no count. */
export function checkSteering({ alpha, topK }: Steering): void {
  if (!Number.isFinite(alpha)) throw new UserError("bad-alpha", `alpha is ${alpha}, a number was expected`);
  if (topK !== undefined && !(Number.isInteger(topK) && topK >= 1))
    throw new UserError("bad-top-k", `topK is ${topK}, a whole number of at least 1 was expected`);
}

/** A steering as model names and specs write it: `1`, `0.5?schedule=first:32&topk=50`. */
export function steeringName({ alpha, schedule, topK }: Steering): string {
  const options = [
    ...(schedule === undefined || schedule.kind === "constant" ? [] : [`schedule=${scheduleName(schedule)}`]),
    ...(topK === undefined ? [] : [`topk=${topK}`]),
  ];
  return options.length === 0 ? String(alpha) : `${alpha}?${options.join("&")}`;
}

function scheduleName(schedule: Schedule): string {
  switch (schedule.kind) {
    case "constant":
      return "constant";
    case "first":
    case "linear":
      return `${schedule.kind}:${schedule.tokens}`;
    case "unsure":
      return `unsure:${schedule.below}`;
    default:
      return schedule satisfies never;
  }
}

/** Alpha at the token with `index` generated tokens before it, given the base's logits there. */
export function strengthAt({ alpha, schedule }: Steering, index: number, base: Float32Array): number {
  switch (schedule?.kind) {
    case undefined:
    case "constant":
      return alpha;
    case "first":
      return index < schedule.tokens ? alpha : 0;
    case "linear":
      return alpha * Math.max(0, 1 - index / schedule.tokens);
    case "unsure": {
      const { max, logSum } = logNormaliser(base);
      return Math.exp(max - logSum) < schedule.below ? alpha : 0;
    }
    default:
      return schedule satisfies never;
  }
}

/** True when nothing is steered from the token with `index` generated ones before it on: the small models may rest. */
export function isOver({ alpha, schedule }: Steering, index: number): boolean {
  if (alpha === 0) return true;
  return (schedule?.kind === "first" || schedule?.kind === "linear") && index >= schedule.tokens;
}
