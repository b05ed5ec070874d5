// Texts of items made comparable: what the audit's checks count and look up.
import { type Item, optionText } from "./item.ts";

/** Letters, marks and digits alone, in lower case: equal for texts that differ in spacing and punctuation only. */
function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, "");
}

/** Several checks ask for the keys of all items. */
const keys = new WeakMap<Item, string>();

/** Question, passage and option texts as one key; options of another order give the same key. */
export function itemKey(item: Item): string {
  let key = keys.get(item);
  if (key === undefined) {
    const options = item.options.map(optionKey).sort();
    key = [normalise(item.question), normalise(item.context ?? ""), ...options].join("\n");
    keys.set(item, key);
  }
  return key;
}

/** An option's text made comparable; signs count where there is nothing else, as in options `+` and `-`. */
export function optionKey(option: string): string {
  return normalise(option) || optionText(option);
}

/** Words in lower case; each Chinese character is a word. */
export function words(text: string): string[] {
  return (
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu) ?? []
  );
}

/** Items by source, in the order in which the sources first occur. */
export function bySource(items: readonly Item[]): Map<string, Item[]> {
  const sources = new Map<string, Item[]>();
  for (const item of items) {
    const list = sources.get(item.source);
    if (list === undefined) sources.set(item.source, [item]);
    else list.push(item);
  }
  return sources;
}
