// Byte-level byte-pair encoding, as GPT-2, Llama 3 and every Qwen use it; ids equal Hugging Face's.
// The path of a text: added tokens are cut out, the rest is normalised, cut into pieces by a pattern, and each piece's bytes
// are merged. Pieces repeat (words), so their ids are remembered.
import { UserError } from "../core/index.ts";
import { type AddedToken, type AddedTokenSplitter, createAddedTokenSplitter } from "./added-tokens.ts";
import { BYTE_SPELLING, unspell } from "./byte-alphabet.ts";
import { createPieceCutter, type PieceCutter } from "./cut-pieces.ts";
import { mergePiece } from "./merge-piece.ts";
import { createMergeTable, type MergeTable } from "./merge-table.ts";
import { CACHED_PIECE_LENGTH, createPieceCache, type PieceCache } from "./piece-cache.ts";
import type { PreTokenizer } from "./pre-tokenizers.ts";
import type { EncodeOptions, Tokenizer } from "./tokenizer.ts";

/** Everything that makes a byte-level BPE. */
export interface ByteLevelBpeDefinition {
  /** Ordinary tokens by id in the GPT-2 byte alphabet; `undefined` where no ordinary token has the id. */
  readonly tokens: readonly (string | undefined)[];
  /** `"left right"` in the same spelling, in order of rank. */
  readonly merges: readonly string[];
  readonly addedTokens: readonly AddedToken[];
  readonly preTokenizer: PreTokenizer;
  /** Normalise text to NFC first (Qwen does). Default false. */
  readonly nfc?: boolean;
  /** Pieces that are tokens themselves skip the merges (Llama 3 does). Default false. */
  readonly ignoreMerges?: boolean;
  readonly bosToken?: string | undefined;
  readonly eosToken?: string | undefined;
  /** Default false. */
  readonly addBos?: boolean;
  /** The model's own chat template (Jinja). */
  readonly chatTemplate?: string | undefined;
  /** The file it came from, for error messages. */
  readonly file?: string;
}

/** What kind of token an id is; GGUF's types 1, 3, 4 and 5. */
export type TokenType = "normal" | "control" | "user-defined" | "unused";

/** Control tokens by which models of these families end their turn, besides their own end-of-text token. */
const END_TOKENS = new Set([
  "<|endoftext|>",
  "<|im_end|>",
  "<|end_of_text|>",
  "<|eot_id|>",
  "<|eom_id|>",
  "<|end|>",
  "<|EOT|>",
]);

const UTF8 = new TextEncoder();

/** In place of the id of a byte that the vocabulary has no token for. */
const NO_TOKEN = -1;

/**
 * SmolLM2's vocabulary was learnt from texts alone, and lacks bytes that none of them had. Those that no assigned character
 * but a control character needs may be missing; Hugging Face's tokenizers leave them out of a text, and so do we.
 */
function mayBeMissing(byte: number): boolean {
  const isControl = byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
  // 0xC0, 0xC1 and those from 0xF5 are in no UTF-8 text; 0xF1 and 0xF2 begin characters of planes 4 to 11, which are empty.
  return isControl || byte === 0x7f || [0xc0, 0xc1, 0xf1, 0xf2].includes(byte) || byte >= 0xf5;
}

/** A byte-level BPE tokenizer. */
export class ByteLevelBpe implements Tokenizer {
  readonly vocabularySize: number;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly addBos: boolean;
  readonly preTokenizer: PreTokenizer;
  /** Whether text is normalised to NFC before it is encoded. */
  readonly nfc: boolean;
  readonly ignoreMerges: boolean;
  readonly chatTemplate: string | undefined;
  /**
   * The spelling of each id: ordinary tokens in the GPT-2 byte alphabet, added tokens as plain text, `[PAD{id}]` for ids
   * that no token has. Unique, as GGUF wants them.
   */
  readonly tokens: readonly string[];
  /** `"left right"` in order of rank. */
  readonly merges: readonly string[];
  /** Ordered by id. */
  readonly addedTokens: readonly AddedToken[];

  readonly #types: readonly TokenType[];
  readonly #bytes: readonly Uint8Array[];
  readonly #ends: ReadonlySet<number>;
  readonly #table: MergeTable;
  readonly #byteIds: Int32Array;
  /** Whole pieces that are tokens, when `ignoreMerges` is on. */
  readonly #wholePieces: ReadonlyMap<string, number> | undefined;
  readonly #cut: PieceCutter;
  readonly #splitParsing: AddedTokenSplitter | undefined;
  readonly #splitText: AddedTokenSplitter | undefined;
  /** Made when first needed: it takes more than many a vocabulary. */
  #cache: PieceCache | undefined;
  #scratch = new Int32Array(4096);
  #scratchBytes = new Uint8Array(4096);

  constructor(definition: ByteLevelBpeDefinition) {
    const { tokens: ordinary, addedTokens, file } = definition;
    const place = file === undefined ? {} : { file };
    this.addedTokens = [...addedTokens].sort((a, b) => a.id - b.id);
    this.vocabularySize = Math.max(ordinary.length, (this.addedTokens.at(-1)?.id ?? -1) + 1);
    this.preTokenizer = definition.preTokenizer;
    this.nfc = definition.nfc ?? false;
    this.ignoreMerges = definition.ignoreMerges ?? false;
    this.addBos = definition.addBos ?? false;
    this.chatTemplate = definition.chatTemplate;
    this.merges = definition.merges;

    const spellings = Array.from({ length: this.vocabularySize }, (_, id) => ordinary[id] ?? `[PAD${id}]`);
    const types: TokenType[] = spellings.map((_, id) => (ordinary[id] === undefined ? "unused" : "normal"));
    const idOf = new Map<string, number>();
    const bytes = spellings.map((_, id) => {
      const spelling = ordinary[id];
      if (spelling === undefined) return new Uint8Array();
      idOf.set(spelling, id);
      return unspell(spelling) ?? UTF8.encode(spelling);
    });
    for (const token of this.addedTokens) {
      spellings[token.id] = token.text;
      types[token.id] = token.special ? "control" : "user-defined";
      bytes[token.id] = UTF8.encode(token.text);
    }
    this.tokens = spellings;
    this.#types = types;
    this.#bytes = bytes;

    this.#byteIds = Int32Array.from(BYTE_SPELLING, (spelling, byte) => {
      const id = idOf.get(spelling);
      if (id === undefined && !mayBeMissing(byte))
        throw new UserError("bad-vocabulary", `byte ${byte} has no token: not a byte-level BPE`, place);
      return id ?? NO_TOKEN;
    });
    this.#table = buildTable(definition.merges, idOf, file);
    this.#wholePieces = this.ignoreMerges ? wholePieces(bytes, types) : undefined;
    this.#cut = createPieceCutter(this.preTokenizer);
    this.#splitParsing = createAddedTokenSplitter(this.addedTokens);
    this.#splitText = createAddedTokenSplitter(this.addedTokens.filter((token) => !token.special));

    const named = (text: string | undefined): number | undefined =>
      text === undefined
        ? undefined
        : (this.addedTokens.find((token) => token.text === text)?.id ?? idOf.get(text));
    this.bosId = named(definition.bosToken);
    this.eosId = named(definition.eosToken);
    const ends = this.addedTokens.filter((token) => END_TOKENS.has(token.text)).map((token) => token.id);
    this.#ends = new Set(this.eosId === undefined ? ends : [...ends, this.eosId]);
  }

  /** Everything that decides the ids of a text, for hashes of inputs. */
  get identity(): unknown {
    return [this.tokens, this.merges, this.preTokenizer, this.nfc];
  }

  /** What kind of token `id` is. */
  tokenType(id: number): TokenType {
    return this.#types[id] ?? "unused";
  }

  isSpecial(id: number): boolean {
    return this.#types[id] === "control";
  }

  isEnd(id: number): boolean {
    return this.#ends.has(id);
  }

  /** Ids without a token have no bytes. */
  bytes(id: number): Uint8Array {
    return this.#bytes[id] ?? new Uint8Array();
  }

  /** The id of an added token by its text. */
  addedTokenId(text: string): number | undefined {
    return this.addedTokens.find((token) => token.text === text)?.id;
  }

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    let n = 0;
    if (options.bos === true && this.addBos && this.bosId !== undefined) this.#scratch[n++] = this.bosId;
    const split = options.special === "parse" ? this.#splitParsing : this.#splitText;
    if (split === undefined) return this.#scratch.slice(0, this.#encodeOrdinary(text, n));
    for (const part of split(text)) {
      if (typeof part === "string") {
        n = this.#encodeOrdinary(part, n);
      } else {
        this.#reserve(n + 1);
        this.#scratch[n++] = part;
      }
    }
    return this.#scratch.slice(0, n);
  }

  decode(ids: ArrayLike<number>, options: { readonly special?: boolean } = {}): string {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]!;
      if (options.special === true || !this.isSpecial(id)) parts.push(this.bytes(id));
    }
    // A byte order mark is text here: U+FEFF must survive.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Buffer.concat(parts));
  }

  /** Appends the ids of text without added tokens to the scratch from `n` on; gives the new length. */
  #encodeOrdinary(text: string, start: number): number {
    let n = start;
    const normal = this.nfc ? text.normalize("NFC") : text;
    const cut = this.#cut;
    this.#cache ??= createPieceCache();
    const cache = this.#cache;
    for (let from = 0; from < normal.length; ) {
      const to = cut(normal, from);
      // One UTF-16 unit is at most three bytes, a byte at most one id.
      if (n + 3 * (to - from) > this.#scratch.length) this.#reserve(n + 3 * (to - from));
      if (to - from > CACHED_PIECE_LENGTH) {
        n = this.#encodePiece(normal.slice(from, to), n);
      } else {
        const known = cache.find(normal, from, to, this.#scratch, n);
        if (known >= 0) {
          n += known;
        } else {
          const end = this.#encodePiece(normal.slice(from, to), n);
          cache.add(normal, from, to, this.#scratch.subarray(n, end));
          n = end;
        }
      }
      from = to;
    }
    return n;
  }

  #encodePiece(piece: string, start: number): number {
    // One UTF-16 unit is at most three bytes.
    if (piece.length * 3 > this.#scratchBytes.length) this.#scratchBytes = new Uint8Array(piece.length * 6);
    const { written } = UTF8.encodeInto(piece, this.#scratchBytes);
    this.#reserve(start + written);
    const whole = this.#wholePieces?.get(bytesKey(this.#scratchBytes.subarray(0, written)));
    const ids = this.#scratch.subarray(start, start + written);
    let length = 1;
    if (whole !== undefined) {
      ids[0] = whole;
    } else {
      let known = 0;
      for (let i = 0; i < written; i++) {
        const id = this.#byteIds[this.#scratchBytes[i]!]!;
        if (id !== NO_TOKEN) ids[known++] = id;
      }
      length = known === 0 ? 0 : mergePiece(ids, known, this.#table);
    }
    return start + length;
  }

  #reserve(length: number): void {
    if (length <= this.#scratch.length) return;
    const larger = new Int32Array(2 * length);
    larger.set(this.#scratch);
    this.#scratch = larger;
  }
}

function buildTable(
  merges: readonly string[],
  idOf: ReadonlyMap<string, number>,
  file: string | undefined,
): MergeTable {
  const left = new Int32Array(merges.length);
  const right = new Int32Array(merges.length);
  const merged = new Int32Array(merges.length);
  merges.forEach((merge, rank) => {
    const space = merge.indexOf(" ");
    const a = merge.slice(0, space);
    const b = merge.slice(space + 1);
    const ids = [idOf.get(a), idOf.get(b), idOf.get(a + b)];
    if (space < 1 || ids.includes(undefined)) {
      throw new UserError("bad-merge", `merge "${merge}" is not of two tokens that make a third`, {
        ...(file === undefined ? {} : { file }),
        at: `merge ${rank}`,
        remedy: "Vocabulary and merges must belong together.",
      });
    }
    [left[rank], right[rank], merged[rank]] = ids as [number, number, number];
  });
  return createMergeTable(left, right, merged);
}

function wholePieces(bytes: readonly Uint8Array[], types: readonly TokenType[]): Map<string, number> {
  const map = new Map<string, number>();
  bytes.forEach((piece, id) => {
    if (types[id] === "normal") map.set(bytesKey(piece), id);
  });
  return map;
}

function bytesKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
