// The tokenizer seam: ids <-> text over one vocabulary. Loaders and the BPE stand beside it; nothing here knows models.

/** How `encode` treats text. */
export interface EncodeOptions {
  /**
   * `"text"` (default): special tokens written out in user text are ordinary text and never become their ids.
   * `"parse"`: they do; for text that a template of ours produced.
   */
  readonly special?: "text" | "parse";
  /** Put the beginning-of-text id first when the model wants one (`addBos`). Default false. */
  readonly bos?: boolean;
}

/** Ids <-> text over one vocabulary. */
export interface Tokenizer {
  /** Number of ids in use: every id is below it. A model's logits may be longer (padding rows). */
  readonly vocabularySize: number;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  /** Whether the model was trained with a beginning-of-text id in front. */
  readonly addBos: boolean;
  encode(text: string, options?: EncodeOptions): Int32Array;
  /** The text of `ids`; special tokens are left out unless `special` is true. Invalid UTF-8 becomes U+FFFD. */
  decode(ids: ArrayLike<number>, options?: { readonly special?: boolean }): string;
  /** The bytes that one id stands for (a piece of UTF-8, perhaps a part of a character); the spelling of a special token. */
  bytes(id: number): Uint8Array;
  /** True for control tokens: those that `decode` leaves out. */
  isSpecial(id: number): boolean;
  /** True when a model that emits `id` has finished its turn. */
  isEnd(id: number): boolean;
}
