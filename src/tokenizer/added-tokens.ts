// Tokens that are looked for in text before anything else: control tokens such as <|im_end|>, and words a vocabulary was
// extended by.

/** A token outside the merges. */
export interface AddedToken {
  readonly id: number;
  readonly text: string;
  /** A control token: left out by `decode`, and never made from user text. */
  readonly special: boolean;
  /** Takes the white space before it along. Default false. */
  readonly stripLeft?: boolean;
  /** Takes the white space after it along. Default false. */
  readonly stripRight?: boolean;
}

/** Cuts text at added tokens: gives the texts between them as strings and the tokens as ids, in order. */
export type AddedTokenSplitter = (text: string) => (string | number)[];

/** A splitter for `tokens`: leftmost match, longest first among those that start together. `undefined` when there are none. */
export function createAddedTokenSplitter(tokens: readonly AddedToken[]): AddedTokenSplitter | undefined {
  const wanted = tokens.filter((token) => token.text !== "");
  if (wanted.length === 0) return undefined;
  const longestFirst = [...wanted].sort((a, b) => b.text.length - a.text.length);
  const pattern = new RegExp(longestFirst.map((token) => `(${tokenPattern(token)})`).join("|"), "gu");
  return (text) => {
    const parts: (string | number)[] = [];
    let from = 0;
    for (const match of text.matchAll(pattern)) {
      if (match.index > from) parts.push(text.slice(from, match.index));
      const which = match.findIndex((group, i) => i > 0 && group !== undefined) - 1;
      parts.push(longestFirst[which]!.id);
      from = match.index + match[0].length;
    }
    if (from < text.length) parts.push(text.slice(from));
    return parts;
  };
}

function tokenPattern(token: AddedToken): string {
  const text = token.text.replace(/[\\^$.*+?()[\]{}|/]/gu, "\\$&");
  return `${token.stripLeft ? "\\p{White_Space}*" : ""}${text}${token.stripRight ? "\\p{White_Space}*" : ""}`;
}
