// SentencePiece byte-pair encoding, as Llama 2, Yi, Mistral, Phi-3 and Gemma use it.
// The path of a text: added tokens are cut out, spaces become ▁ (and one is put in front where the vocabulary wants it),
// characters become pieces, or bytes where no piece has them, and pairs of pieces merge. Words repeat, so they are remembered.
//
// The rule of the space in front: where `spacePrefix` is not "none", encode puts one space before the text and decode takes
// one away, so that decode(encode(x)) = x. Two things do not come back: U+2581 in a text comes back as the space whose mark
// it is, and half a surrogate pair as U+FFFD.
import { UserError } from "../core/index.ts";
import { type AddedToken, type AddedTokenSplitter, createAddedTokenSplitter } from "./added-tokens.ts";
import { mergePiece } from "./merge-piece.ts";
import { createMergeTable, type MergeTable } from "./merge-table.ts";
import {
  byteOfPiece,
  bytePiece,
  mergesOfScores,
  normalPieceIds,
  type PieceMerges,
  type PieceType,
  type SentencePiece,
  SPACE_MARK,
} from "./sentencepiece-pieces.ts";
import type { EncodeOptions, Tokenizer } from "./tokenizer.ts";

/**
 * Where a space is put in front.
 * - `"none"`: nowhere (Gemma).
 * - `"start"`: before the text, unless an added token comes first (Hugging Face's Metaspace, `prepend_scheme: first`).
 * - `"control"`: before the text and after control tokens (SentencePiece, where a text between control tokens is one text).
 * - `"sections"`: before the text and after every added token (Hugging Face's Prepend, llama.cpp).
 */
export type SpacePrefix = "none" | "start" | "control" | "sections";

/** Everything that makes a SentencePiece BPE. */
export interface SentencePieceDefinition {
  readonly kind: "sentencepiece";
  /** By id. */
  readonly pieces: readonly SentencePiece[];
  /** Default: what follows from the scores. */
  readonly merges?: PieceMerges;
  /** Whether scores alone say the merges. Default true. */
  readonly scoresAreExact?: boolean;
  readonly spacePrefix: SpacePrefix;
  /** No space is put before a text that begins with one (Metaspace). Default false. */
  readonly prefixUnlessSpace?: boolean;
  /** Characters without a piece become bytes; otherwise the unknown token. */
  readonly byteFallback: boolean;
  /** Neighbouring unknown characters are one unknown token. Default true. */
  readonly fuseUnknown?: boolean;
  readonly unknownId?: number | undefined;
  readonly bosToken?: string | undefined;
  readonly eosToken?: string | undefined;
  /** Default false. */
  readonly addBos?: boolean;
  readonly chatTemplate?: string | undefined;
  /** The `tokenizer.model` it came from, kept to be saved again. */
  readonly original?: Uint8Array;
  /** The file it came from, for error messages. */
  readonly file?: string;
}

/** Tokens by which models of these families end their turn, besides their own end of text. */
const END_TOKENS = new Set(["</s>", "<eos>", "<end_of_turn>", "<|im_end|>", "<|endoftext|>", "<|end|>"]);

const UTF8 = new TextEncoder();
/** Longer words seldom come again. */
const CACHED_WORD_LENGTH = 32;
/** About 30 MB of words; the cache is emptied when full. */
const CACHED_WORDS = 1 << 18;
/** Where a text may be cut when no piece goes on after a space mark that follows something else. */
const WORDS = /▁+[^▁]*|[^▁]+/gu;

/** A SentencePiece BPE tokenizer. */
export class SentencePieceBpe implements Tokenizer {
  readonly kind = "sentencepiece";
  readonly vocabularySize: number;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly unknownId: number | undefined;
  readonly addBos: boolean;
  readonly chatTemplate: string | undefined;
  readonly pieces: readonly SentencePiece[];
  readonly merges: PieceMerges;
  readonly scoresAreExact: boolean;
  readonly spacePrefix: SpacePrefix;
  readonly prefixUnlessSpace: boolean;
  readonly byteFallback: boolean;
  readonly fuseUnknown: boolean;
  /** Text of each id, spaces written `▁`. */
  readonly tokens: readonly string[];
  /** Control, unknown and user-defined pieces, ordered by id. */
  readonly addedTokens: readonly AddedToken[];
  readonly original: Uint8Array | undefined;

  readonly #bytes: readonly Uint8Array[];
  readonly #ends: ReadonlySet<number>;
  readonly #idOf: ReadonlyMap<string, number>;
  readonly #byteIds: Int32Array | undefined;
  readonly #table: MergeTable;
  readonly #words: RegExp | undefined;
  readonly #splitParsing: AddedTokenSplitter | undefined;
  readonly #splitText: AddedTokenSplitter | undefined;
  readonly #cache = new Map<string, readonly number[]>();

  constructor(definition: SentencePieceDefinition) {
    const { pieces } = definition;
    this.pieces = pieces;
    this.vocabularySize = pieces.length;
    this.addBos = definition.addBos ?? false;
    this.chatTemplate = definition.chatTemplate;
    this.spacePrefix = definition.spacePrefix;
    this.prefixUnlessSpace = definition.prefixUnlessSpace ?? false;
    this.byteFallback = definition.byteFallback;
    this.fuseUnknown = definition.fuseUnknown ?? true;
    this.unknownId = definition.unknownId;
    this.original = definition.original;
    this.scoresAreExact = definition.scoresAreExact ?? true;
    this.tokens = pieces.map((piece) => piece.text);
    this.addedTokens = pieces.flatMap((piece, id) => addedToken(piece, id));
    this.#bytes = pieces.map(bytesOfPiece);
    this.#idOf = normalPieceIds(pieces);
    this.#byteIds = definition.byteFallback ? byteIds(pieces, definition.file) : undefined;
    this.merges = definition.merges ?? mergesOfScores(pieces);
    const { left, right, merged, ranks } = this.merges;
    this.#table = createMergeTable(left, right, merged, ranks);
    const cutsAtSpaces = this.#idOf.has(SPACE_MARK) && !this.tokens.some(goesOnAfterSpace, this);
    this.#words = cutsAtSpaces ? WORDS : undefined;
    this.#splitParsing = createAddedTokenSplitter(this.addedTokens);
    this.#splitText = createAddedTokenSplitter(this.addedTokens.filter((token) => !token.special));

    const named = (text: string | undefined): number | undefined =>
      text === undefined ? undefined : (this.addedTokenId(text) ?? this.#idOf.get(text));
    this.bosId = named(definition.bosToken);
    this.eosId = named(definition.eosToken);
    const ends = this.addedTokens.filter((token) => END_TOKENS.has(token.text)).map((token) => token.id);
    this.#ends = new Set(this.eosId === undefined ? ends : [...ends, this.eosId]);
  }

  /** Whether texts get a space in front: GGUF's `add_space_prefix`. */
  get addSpacePrefix(): boolean {
    return this.spacePrefix !== "none";
  }

  /** Everything that decides the ids of a text, for hashes of inputs. */
  get identity(): unknown {
    const { pieces, merges, spacePrefix, prefixUnlessSpace, byteFallback, fuseUnknown, unknownId } = this;
    const pairs = [merges.left, merges.right, merges.ranks].map((ids) => Array.from(ids));
    return [pieces, pairs, spacePrefix, prefixUnlessSpace, byteFallback, fuseUnknown, unknownId ?? null];
  }

  /** What kind of token `id` is. */
  tokenType(id: number): PieceType {
    return this.pieces[id]?.type ?? "unused";
  }

  isSpecial(id: number): boolean {
    const type = this.pieces[id]?.type;
    return type === "control" || type === "unknown";
  }

  isEnd(id: number): boolean {
    return this.#ends.has(id);
  }

  /** Unused ids have no bytes. */
  bytes(id: number): Uint8Array {
    return this.#bytes[id] ?? new Uint8Array();
  }

  /** The id of an added token by its text. */
  addedTokenId(text: string): number | undefined {
    return this.addedTokens.find((token) => token.text === text)?.id;
  }

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const ids: number[] = [];
    if (options.bos === true && this.addBos && this.bosId !== undefined) ids.push(this.bosId);
    const split = options.special === "parse" ? this.#splitParsing : this.#splitText;
    const parts = split === undefined ? (text === "" ? [] : [text]) : split(text);
    const { spacePrefix } = this;
    let wantsSpace = spacePrefix !== "none";
    for (const part of parts) {
      if (typeof part === "string") {
        this.#encodeSection(part, wantsSpace, ids);
        wantsSpace = false;
        continue;
      }
      const userDefined = !this.isSpecial(part);
      // SentencePiece's own symbols are found after the space was put in front: it stands alone then.
      if (userDefined && wantsSpace && spacePrefix === "control") this.#encodeWord(SPACE_MARK, ids);
      ids.push(part);
      wantsSpace = spacePrefix === "sections" || (spacePrefix === "control" && !userDefined);
    }
    return Int32Array.from(ids);
  }

  decode(ids: ArrayLike<number>, options: { readonly special?: boolean } = {}): string {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (options.special === true || !this.isSpecial(id)) parts.push(this.bytes(id));
    }
    // A byte order mark is text here: U+FEFF must survive.
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(parts));
    return this.addSpacePrefix && text.startsWith(" ") ? text.slice(1) : text;
  }

  #encodeSection(section: string, wantsSpace: boolean, ids: number[]): void {
    let text = section.replaceAll(" ", SPACE_MARK);
    if (wantsSpace && !(this.prefixUnlessSpace && text.startsWith(SPACE_MARK))) text = SPACE_MARK + text;
    if (this.#words === undefined) this.#encodeWord(text, ids);
    else for (const word of text.match(this.#words) ?? []) this.#encodeWord(word, ids);
  }

  #encodeWord(word: string, ids: number[]): void {
    let encoded = this.#cache.get(word);
    if (encoded === undefined) {
      const symbols = this.#symbols(word);
      encoded = Array.from(symbols.subarray(0, mergePiece(symbols, symbols.length, this.#table)));
      if (word.length <= CACHED_WORD_LENGTH) {
        if (this.#cache.size >= CACHED_WORDS) this.#cache.clear();
        this.#cache.set(word, encoded);
      }
    }
    for (const id of encoded) ids.push(id);
  }

  /** The ids of single characters. */
  #symbols(word: string): Int32Array {
    const symbols: number[] = [];
    for (const character of word) {
      const id = this.#idOf.get(character);
      if (id !== undefined) symbols.push(id);
      else if (this.#byteIds !== undefined)
        for (const byte of UTF8.encode(character)) symbols.push(this.#byteIds[byte]!);
      else if (this.unknownId !== undefined && !(this.fuseUnknown && symbols.at(-1) === this.unknownId))
        symbols.push(this.unknownId);
    }
    return Int32Array.from(symbols);
  }
}

function addedToken(piece: SentencePiece, id: number): AddedToken[] {
  const { type, stripLeft = false, stripRight = false } = piece;
  if (type !== "control" && type !== "unknown" && type !== "user-defined") return [];
  const special = type !== "user-defined";
  // Text is searched before its spaces are marked.
  const text = special ? piece.text : piece.text.replaceAll(SPACE_MARK, " ");
  return [{ id, text, special, ...(stripLeft ? { stripLeft } : {}), ...(stripRight ? { stripRight } : {}) }];
}

function bytesOfPiece({ text, type }: SentencePiece): Uint8Array {
  if (type === "unused") return new Uint8Array();
  const byte = type === "byte" ? byteOfPiece(text) : undefined;
  if (byte !== undefined) return Uint8Array.of(byte);
  return UTF8.encode(type === "normal" || type === "user-defined" ? text.replaceAll(SPACE_MARK, " ") : text);
}

function byteIds(pieces: readonly SentencePiece[], file: string | undefined): Int32Array {
  const idOf = new Map(pieces.flatMap(({ text, type }, id) => (type === "byte" ? [[text, id]] : [])));
  return Int32Array.from({ length: 256 }, (_, byte) => {
    const id = idOf.get(bytePiece(byte));
    if (id !== undefined) return id;
    throw new UserError("bad-vocabulary", `byte ${byte} has no piece ${bytePiece(byte)}`, {
      ...(file === undefined ? {} : { file }),
      remedy: "A vocabulary with byte fallback has all 256.",
    });
  });
}

function goesOnAfterSpace(this: SentencePieceBpe, text: string, id: number): boolean {
  return this.pieces[id]!.type === "normal" && /[^▁]▁/u.test(text);
}
