// The seam that holds the house together. A GGUF file, a proxy-tuned trio and a remote server are each a `LanguageModel`;
// those whose next-token distribution can be had are `LogitModel`s too. Nothing above this file knows which engine is below.
import type { Tokenizer } from "../tokenizer/index.ts";

/** One turn of a conversation. */
export interface ChatMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string;
}

/** How likely one continuation is after its prompt. */
export interface ContinuationScore {
  /** Natural log-probability of the whole continuation: sum over its tokens. */
  readonly logProbability: number;
  /** Number of tokens in the continuation. */
  readonly tokens: number;
  /** True when each token was the most likely one at its place. */
  readonly greedy: boolean;
}

/** A prompt and the continuations to score after it. */
export interface ScoreRequest {
  readonly prompt: string;
  readonly continuations: readonly string[];
}

/** Sampling, applied in this order: bias, penalties, grammar, temperature, top-k, top-p, min-p. */
export interface SamplingOptions {
  /** 0 = greedy (lowest id wins a tie). Default 0. */
  readonly temperature?: number;
  /** Keep the k most likely tokens; 0 = all. Default 0. */
  readonly topK?: number;
  /** Keep the smallest set of tokens with at least this probability. Default 1. */
  readonly topP?: number;
  /** Drop tokens less likely than this share of the most likely one. Default 0. */
  readonly minP?: number;
  /** Divide positive and multiply negative logits of tokens seen in the last 64. Default 1 (off). */
  readonly repetitionPenalty?: number;
  /** Taken off a token's logit for each time it was generated (prompts do not count, as OpenAI has it). Default 0. */
  readonly frequencyPenalty?: number;
  /** Taken off the logit of a token that was generated at all. Default 0. */
  readonly presencePenalty?: number;
  /** Added to the logits of these token ids; -100 is as good as never. Default: none. */
  readonly logitBias?: ReadonlyMap<number, number>;
  /** Default 0. */
  readonly seed?: number;
}

/** What to generate from. */
export interface GenerateRequest extends SamplingOptions {
  /** Raw text, or a conversation that the model's own chat template formats. */
  readonly input: { readonly prompt: string } | { readonly messages: readonly ChatMessage[] };
  /** Default: the rest of the context. */
  readonly maxTokens?: number;
  /** Texts that end the generation; they are not part of the output. */
  readonly stop?: readonly string[];
  /** A GBNF grammar (llama.cpp's notation, start rule `root`) that the text must follow. Default: none. */
  readonly grammar?: string;
  /** Report log-probabilities of this many alternatives at each token. Default: none are reported. */
  readonly topLogProbabilities?: number;
  readonly signal?: AbortSignal;
}

/** One token with its log-probability before sampling options. */
export interface TokenLogProbability {
  readonly id: number;
  readonly text: string;
  readonly logProbability: number;
}

/** A piece of generated text; the last chunk alone has `finish`. */
export interface GenerateChunk {
  /** Whole characters only; may be empty while a character or a possible stop text is incomplete. */
  readonly text: string;
  readonly token?: TokenLogProbability & { readonly top: readonly TokenLogProbability[] };
  readonly finish?: "stop" | "length";
  /** On the last chunk. */
  readonly usage?: {
    readonly promptTokens: number;
    readonly completionTokens: number;
    /** Those of the prompt's tokens that a cache held, where the engine knows. */
    readonly reusedTokens?: number;
  };
}

/** How a text's token vectors become one. */
export type Pooling = "mean" | "last";

/** A text as a vector of length 1. */
export interface Embedding {
  readonly vector: Float32Array;
  readonly tokens: number;
}

/** What a model has done since it was opened. */
export interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Prompt tokens that an earlier prompt had left in a cache. */
  readonly reusedTokens: number;
  /** Price of it all, in the currency that the prices were given in; only where prices were given. */
  readonly cost?: number;
}

/** Text in; text or scores out. */
export interface LanguageModel {
  /** A short name: a file's stem, a served model's name, `base+expert-anti@1`. */
  readonly id: string;
  /** Tokens that fit prompt and continuation together. */
  readonly contextLength: number;
  /**
   * Scores continuations; results in the order of the requests. Prompt and continuation are tokenised together and cut at
   * the prompt's length; trailing spaces of the prompt go to the continuation (lm-evaluation-harness's rule).
   * The numbers do not depend on how requests are batched. `UserError` when a request does not fit the context.
   */
  score(requests: readonly ScoreRequest[]): Promise<ContinuationScore[][]>;
  generate(request: GenerateRequest): AsyncIterable<GenerateChunk>;
  /**
   * Texts as vectors, where the engine can; the same ones in any batch. Pooling defaults to what the model states, else the
   * mean. `UserError` when a text is empty or does not fit the context.
   */
  embed?(texts: readonly string[], options?: { readonly pooling?: Pooling }): Promise<Embedding[]>;
  /** Tokens taken and given so far, where the engine counts them; a server's own count. */
  usage?(): Usage;
  /** Frees what the model holds; it must not be used afterwards. */
  close(): Promise<void>;
}

/** A language model whose next-token logits can be had. */
export interface LogitModel extends LanguageModel {
  readonly tokenizer: Tokenizer;
  /** Length of the logits: at least the tokenizer's size (padding rows). */
  readonly vocabularySize: number;
  /** The Jinja source of the model's own chat template, where it brings one and uses it. */
  readonly chatTemplate?: string;
  /** Formats a conversation with the model's chat template, ready for an answer. */
  formatChat(messages: readonly ChatMessage[]): string;
  /** The formatted conversation as tokens; spellings of special tokens inside a message stay text. */
  encodeChat(messages: readonly ChatMessage[]): Int32Array;
  /** Opens a sequence of its own, with its own KV cache. */
  open(): Session;
  /**
   * Opens a sequence that begins with a conversation in a format that only the engine knows (a server's own template): the
   * first advance stands for it, whatever its tokens are.
   */
  openChat?(messages: readonly ChatMessage[]): Session;
  /** What rows lack, for engines that see a server's likeliest tokens only: logits are then log-probabilities, or -Infinity. */
  truncation?(): Truncation;
  /** Waits for a sequence when all are in use, where the engine can. */
  openWhenFree?(signal?: AbortSignal): Promise<Session>;
  /** Follows a GBNF grammar token by token, where the engine can; `UserError` when the grammar is not one. */
  constrain?(grammar: string): TokenConstraint;
  /** Scores token continuations after a token prefix (not empty), which is evaluated once. */
  scoreTokens(prefix: Int32Array, continuations: readonly Int32Array[]): Promise<ContinuationScore[]>;
  /**
   * Gives the logits that predict each token of each continuation of `prefix` (not empty), as `scoreTokens` uses them.
   * `UserError` when prefix and continuation do not fit the context.
   */
  visitLogits(prefix: Int32Array, continuations: readonly Int32Array[], visit: LogitVisitor): Promise<void>;
}

/** How much probability the rows of a model have left out so far. */
export interface Truncation {
  /** Rows given. */
  readonly rows: number;
  /** Sum over the rows of the probability of what was not returned. */
  readonly mass: number;
  /** The most that one row lacked. */
  readonly largest: number;
}

/**
 * Receives the logits that predict token `position` of continuation `continuation`. Those after the prefix predict the first
 * token of every continuation: they come once, with `continuation` undefined and position 0. Rows of one continuation come in
 * order; `logits` is valid only during the call.
 */
export type LogitVisitor = (logits: Float32Array, continuation: number | undefined, position: number) => void;

/** What may come next; owns native memory. */
export interface TokenConstraint {
  allows(id: number): boolean;
  /** Sets the logits of tokens that may not come next to -Infinity. */
  restrict(logits: Float32Array): void;
  /** Goes on after an allowed token. */
  accept(id: number): void;
  dispose(): void;
}

/** A sequence being evaluated; owns a KV cache. */
export interface Session {
  /** Tokens evaluated so far. */
  readonly length: number;
  /** Tokens that were not evaluated because a cache held them, where the engine knows. */
  readonly reusedTokens?: number | undefined;
  /** Appends tokens (at least one); gives the logits after the last, valid until the next call on this session. */
  advance(tokens: Int32Array): Promise<Float32Array>;
  /** Forgets everything from position `length` on. */
  rewind(length: number): void;
  dispose(): void;
}
