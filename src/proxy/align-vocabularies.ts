// Which id of one vocabulary is which id of another. Proxy tuning adds logits of three models, so their tokens must be the
// same texts; ids may differ, and so may what no text contains: special tokens and the padding at the end of a vocabulary.
import { UserError } from "../core/index.ts";
import type { Tokenizer } from "../tokenizer/index.ts";

/** Ids of one vocabulary by ids of another. */
export interface Alignment {
  /** True when ids below `size` are the same in both; `ids` is then the identity. */
  readonly identity: boolean;
  /** For each id of `from`: the id in `to`, or -1 when it has none. */
  readonly ids: Int32Array;
}

const NONE = -1;
/** How llama.cpp's converter and Gemma name the rows that only pad a vocabulary. */
const PADDING_NAME = /^(\[PAD\d+\]|<unused\d+>)$/u;

/** Aligns `from` with `to`; `UserError` naming the first ordinary token that only one of them has. */
export function alignVocabularies(
  from: { readonly id: string; readonly tokenizer: Tokenizer },
  to: { readonly id: string; readonly tokenizer: Tokenizer },
): Alignment {
  const source = readTokens(from.tokenizer);
  const target = readTokens(to.tokenizer);
  const common = Math.min(source.length, target.length);
  const ids = new Int32Array(source.length).fill(NONE);

  // Ids that agree stand for each other, even when another id spells the same text (byte tokens do).
  const unmatched = new Map<string, number[]>();
  let agreeing = 0;
  for (let id = 0; id < target.length; id++) {
    const token = target[id]!;
    if (id < common && source[id]!.key === token.key) {
      ids[id] = id;
      agreeing++;
    } else {
      const list = unmatched.get(token.key);
      if (list === undefined) unmatched.set(token.key, [id]);
      else list.push(id);
    }
  }
  for (let id = 0; id < source.length; id++) {
    const token = source[id]!;
    if (ids[id] !== NONE || token.padding) continue;
    const match = unmatched.get(token.key)?.shift();
    if (match !== undefined) ids[id] = match;
    else if (!token.special) throw differ(from, to, id, token);
  }
  for (const list of unmatched.values())
    for (const id of list)
      if (!target[id]!.special && !target[id]!.padding) throw differ(to, from, id, target[id]!);
  const identity = agreeing === common && ids.subarray(common).every((id) => id === NONE);
  return { identity, ids };
}

interface Token {
  /** Text and kind: what must agree. */
  readonly key: string;
  readonly text: string;
  readonly special: boolean;
  readonly padding: boolean;
}

function readTokens(tokenizer: Tokenizer): Token[] {
  return Array.from({ length: tokenizer.vocabularySize }, (_, id) => {
    const bytes = Buffer.from(tokenizer.bytes(id));
    const text = bytes.toString("utf8");
    const special = tokenizer.isSpecial(id);
    return {
      key: `${special ? "special" : "text"} ${bytes.toString("latin1")}`,
      text,
      special,
      padding: bytes.length === 0 || PADDING_NAME.test(text),
    };
  });
}

function differ(has: { id: string }, lacks: { id: string }, id: number, token: Token): UserError {
  return new UserError(
    "vocabularies-differ",
    `the vocabularies of ${has.id} and ${lacks.id} differ: token ${id} ${JSON.stringify(token.text)} of ${has.id} is not in ${lacks.id}`,
    { remedy: "Proxy tuning needs three models of one family, with the same tokenizer." },
  );
}
