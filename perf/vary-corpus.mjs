// Makes a large corpus of the shape of a small real one, for measurements. Each document takes a real one as its frame: its turns, its
// lines, how many sentences each has; the sentences are drawn from all of its language and kind, and in each a share of the words is
// spliced from halves of two others (of Chinese, which has no words between spaces, runs of characters are). So neither whole documents
// nor the words of a tokenizer's cache repeat more than in a real corpus; 2 % exact and 2 % near copies, 0.5 % texts with a telephone and
// an address, and 1 in 1,000 documents with an exam question are put in on purpose. Seeded: the same arguments give the same bytes.
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Shares by language in ApolloCorpora's tokens, about; what is not given goes to English. */
const SHARES = { zh: 0.26, es: 0.05, hi: 0.02, fr: 0.012, ar: 0.012 };
const NEW_WORDS = 0.08;
const NEW_RUNS = 0.8;
const EXACT = 0.02;
const NEAR = 0.02;
const PERSONAL = 0.005;
const LEAKS = 0.001;
const SENTENCE = /[^.!?。！？।؟\n]+[.!?。！？।؟]*[ \n]*|[.!?。！？।؟\s]+/gu;
const WORD = /(\p{Script=Han}{4,}|(?:(?!\p{Script=Han})[\p{L}\p{M}]){4,})/u;

/**
 * Writes at least `megabytes` of corpus files into `folder`, from `documents` ({category, language, kind, stage, text | turns}) and with
 * questions of `items` ({question}) planted.
 */
export function varyCorpus(documents, items, folder, megabytes, seed = 1) {
  let state = seed >>> 0 || 1;
  const random = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  const pick = (list) => list[Math.floor(random() * list.length)];
  const languages = {};
  for (const document of documents) {
    languages[document.language] ??= [];
    languages[document.language].push(document);
  }
  mkdirSync(folder, { recursive: true });
  for (const [language, own] of Object.entries(languages)) {
    const rest = 1 - Object.entries(SHARES).reduce((sum, [code, n]) => sum + (code in languages ? n : 0), 0);
    const share = SHARES[language] ?? rest;
    const questions = items
      .map(({ question }) => question)
      .filter((question) => scriptOf(question) === scriptOf(own[0].turns?.[1] ?? own[0].text));
    const words = [];
    const pools = { text: [], question: [], answer: [] };
    const parse = (text, pool) => {
      const sentences = (text.match(SENTENCE) ?? []).slice(0, 400).map((sentence) => sentence.split(WORD));
      for (const parts of sentences) {
        if (parts.length < 2) continue;
        pool.push(parts);
        for (let i = 1; i < parts.length; i += 2) words.push(parts[i]);
      }
      const ends = sentences.map((parts) => /[ \n]*$/u.exec(parts.at(-1))[0]);
      // Too short a frame would give the same text again.
      while (ends.length < 3) ends.unshift(language === "zh" ? "" : " ");
      return ends;
    };
    const frames = own.map((document) => ({
      document,
      turns:
        document.kind === "text"
          ? [{ pool: pools.text, ends: parse(document.text, pools.text) }]
          : document.turns.map((turn, t) => {
              const pool = t % 2 === 0 ? pools.question : pools.answer;
              return { pool, ends: parse(turn, pool) };
            }),
    }));
    const splice = (word) => {
      const other = pick(words);
      return (
        word.slice(0, 1 + Math.floor(random() * word.length)) +
        other.slice(Math.floor(random() * other.length))
      );
    };
    const rate = language === "zh" ? NEW_RUNS : NEW_WORDS;
    const sentence = (pool) => {
      const parts = pick(pool);
      let text = parts[0];
      for (let i = 1; i < parts.length; i += 2)
        text += (random() < rate ? splice(parts[i]) : parts[i]) + parts[i + 1];
      return text.trimEnd();
    };
    const fill = ({ pool, ends }) => {
      let text = "";
      for (const end of ends) text += sentence(pool) + end;
      return text.trim() || "?";
    };
    const files = new Map();
    let earlier = frames[0].turns.map(fill);
    let earlierKind = frames[0].document.kind;
    for (let bytes = 0; bytes < share * megabytes * 1e6; ) {
      const { document, turns } = pick(frames);
      const chance = random();
      let made;
      if (document.kind === earlierKind && chance < EXACT) made = earlier;
      else if (document.kind === earlierKind && chance < EXACT + NEAR)
        made = earlier.map((turn) => turn.replace(WORD, (word) => splice(word)));
      else {
        made = turns.map(fill);
        const last = made.length - 1;
        if (random() < PERSONAL)
          made[last] +=
            ` jane.doe${Math.floor(random() * 1e6)}@example.org, +49 30 ${Math.floor(1e6 + random() * 8e6)}`;
        if (questions.length > 0 && random() < LEAKS) made[last] += `\n${pick(questions)}`;
        if (random() < 0.3) [earlier, earlierKind] = [made, document.kind];
      }
      const name =
        document.stage === "sft"
          ? `${document.category}_${language}.json`
          : `${document.category}_${language}_${document.kind}.json`;
      let file = files.get(name);
      if (file === undefined) {
        file = { descriptor: openSync(join(folder, name), "w"), block: "", first: true };
        files.set(name, file);
      }
      const element = JSON.stringify(document.kind === "text" ? made[0] : made);
      file.block += (file.first ? "[\n" : ",\n") + element;
      file.first = false;
      bytes += Buffer.byteLength(element) + 2;
      if (file.block.length > 1 << 20) {
        writeSync(file.descriptor, file.block);
        file.block = "";
      }
    }
    for (const { descriptor, block } of files.values()) {
      writeSync(descriptor, `${block}\n]\n`);
      closeSync(descriptor);
    }
  }
}

function scriptOf(text) {
  return (
    ["Han", "Arabic", "Devanagari"].find((script) => new RegExp(`\\p{Script=${script}}`, "u").test(text)) ??
    "Latin"
  );
}
