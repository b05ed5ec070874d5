// Reads Qwen's `qwen.tiktoken`: one token a line, base64 of its bytes and its rank. Such files have no merges; they follow
// from the ranks.
import { basename } from "node:path";
import { readText, UserError } from "../core/index.ts";
import { spell } from "./byte-alphabet.ts";
import type { ByteLevelBpeDefinition } from "./byte-level-bpe.ts";

/** Qwen's control tokens, numbered after the ordinary ones: 151643, 151644, 151645. */
const QWEN_CONTROL_TOKENS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"];

/** Reads a tiktoken file of the Qwen family; other families cut text differently and the file does not say how. */
export async function readTiktoken(file: string): Promise<ByteLevelBpeDefinition> {
  if (!basename(file).startsWith("qwen")) {
    throw new UserError("unsupported-tokenizer", "a tiktoken file does not say how it cuts text", {
      file,
      remedy: "Only Qwen's (qwen*.tiktoken) is known; for others use the model's tokenizer.json.",
    });
  }
  const pieces = parseRanks(await readText(file), file);
  return {
    tokens: pieces.map((piece) => spell(Buffer.from(piece, "latin1"))),
    merges: recoverMerges(pieces).map(
      ([left, right]) => `${spell(Buffer.from(left, "latin1"))} ${spell(Buffer.from(right, "latin1"))}`,
    ),
    addedTokens: QWEN_CONTROL_TOKENS.map((text, i) => ({ id: pieces.length + i, text, special: true })),
    preTokenizer: "qwen2",
    nfc: true,
    eosToken: QWEN_CONTROL_TOKENS[0],
    file,
  };
}

/** Tokens by rank, each as a string of one character a byte (Latin-1). */
function parseRanks(text: string, file: string): string[] {
  const pieces: string[] = [];
  text.split("\n").forEach((line, i) => {
    if (line.trim() === "") return;
    const match = /^([A-Za-z0-9+/]+={0,2}) (\d+)\s*$/u.exec(line);
    if (match === null || Number(match[2]) !== pieces.length) {
      throw new UserError("bad-vocabulary", `expected base64, a space and rank ${pieces.length}`, {
        file,
        at: `line ${i + 1}`,
        remedy: "The file may be cut off or edited: fetch it again.",
      });
    }
    pieces.push(Buffer.from(match[1]!, "base64").toString("latin1"));
  });
  return pieces;
}

/**
 * The merge that makes each token: encode its bytes with only the tokens of lower rank; two pieces are left, and they are
 * the merge. Source: convert_tiktoken_to_merges in llama.cpp's Qwen conversion (gguf `QwenModel.bpe`).
 */
function recoverMerges(pieces: readonly string[]): [left: string, right: string][] {
  const rankOf = new Map(pieces.map((piece, rank) => [piece, rank]));
  const merges: [string, string][] = [];
  pieces.forEach((piece, rank) => {
    if (piece.length === 1) return;
    const parts = [...piece];
    while (parts.length > 2) {
      let best = rank;
      let at = -1;
      for (let i = 0; i + 1 < parts.length; i++) {
        const candidate = rankOf.get(parts[i]! + parts[i + 1]!) ?? rank;
        if (candidate < best) {
          best = candidate;
          at = i;
        }
      }
      // A token that no merge can reach is never produced from text.
      if (at < 0) return;
      parts.splice(at, 2, parts[at]! + parts[at + 1]!);
    }
    merges.push([parts[0]!, parts[1]!]);
  });
  return merges;
}
