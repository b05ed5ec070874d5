// MedQuAD's questions and answers and TMX's translation units, read from XML as a stream with their byte ranges.
import { SaxesParser } from "saxes";
import type { Content } from "./document.ts";
import { contentProblem, LARGEST_RECORD, type Problem, type RawRecord, tooLarge } from "./raw-record.ts";
import { translationRecords } from "./translation.ts";

/** A piece of XML that holds records: which elements matter in it, and what they give. */
interface UnitFormat {
  /** Elements around one unit, in lower case like all names here. */
  readonly units: readonly string[];
  /** Elements whose text is wanted. */
  readonly texts: readonly string[];
  /** Elements within them whose text is none (codes of a text processor). */
  readonly codes: readonly string[];
  /** The elements' texts with the value of `xml:lang` around them, as records. */
  readonly records: (texts: readonly UnitText[]) => readonly { value: unknown; language?: string }[];
}

/** The text of one element of a unit. */
export interface UnitText {
  readonly element: string;
  /** `xml:lang` (or `lang`) of the nearest element around it that has one. */
  readonly language: string | undefined;
  readonly text: string;
}

/** MedQuAD: `<QAPair><Question>...</Question><Answer>...</Answer></QAPair>`; a few of its files have `<pair><question>...`. */
export function readMedquad(blocks: AsyncIterable<Buffer>): AsyncGenerator<RawRecord> {
  return readUnits(blocks, {
    units: ["qapair", "pair"],
    texts: ["question", "answer"],
    codes: [],
    records: (texts) => {
      const of = (element: string): string =>
        texts
          .find((text) => text.element === element)
          ?.text.trim()
          .replace(/[^\S\n]{2,}/gu, " ") ?? "";
      return [{ value: [of("question"), of("answer")] }];
    },
  });
}

/** TMX 1.4: `<tu><tuv xml:lang="en"><seg>...</seg></tuv>...</tu>`; what a unit gives is in translation.ts. */
export function readTmx(
  blocks: AsyncIterable<Buffer>,
  options: { readonly kind?: Content["kind"]; readonly language?: string },
): AsyncGenerator<RawRecord> {
  return readUnits(blocks, {
    units: ["tu"],
    texts: ["seg"],
    codes: ["bpt", "ept", "ph", "it", "ut"],
    records: (texts) => translationRecords(texts, options),
  });
}

const PIECE_BYTES = 1 << 16;

async function* readUnits(blocks: AsyncIterable<Buffer>, format: UnitFormat): AsyncGenerator<RawRecord> {
  const parser = new SaxesParser({ xmlns: false });
  const places = createPlaces(() => parser.position);
  let ready: RawRecord[] = [];
  let open: { language: string | undefined }[] = [];
  let unit: { start: number; texts: UnitText[] } | undefined;
  let text: string[] | undefined;
  let codes = 0;
  let textElement = "";
  parser.on("opentag", ({ name: written, attributes, isSelfClosing }) => {
    const name = written.toLowerCase();
    const own = attributes["xml:lang"] ?? attributes.lang;
    open.push({ language: own ?? open.at(-1)?.language });
    if (format.units.includes(name)) unit = { start: places.tagStart(), texts: [] };
    else if (unit !== undefined && text === undefined && format.texts.includes(name)) {
      text = [];
      textElement = name;
    } else if (text !== undefined && format.codes.includes(name) && !isSelfClosing) codes++;
  });
  const onText = (part: string): void => {
    if (codes === 0) text?.push(part);
  };
  parser.on("text", onText);
  parser.on("cdata", onText);
  parser.on("closetag", ({ name: written, isSelfClosing }) => {
    const name = written.toLowerCase();
    if (text !== undefined && name === textElement) {
      unit?.texts.push({ element: name, language: open.at(-1)?.language, text: text.join("") });
      text = undefined;
    } else if (text !== undefined && format.codes.includes(name) && !isSelfClosing) codes--;
    open.pop();
    if (!format.units.includes(name) || unit === undefined) return;
    const { start, texts } = unit;
    unit = undefined;
    const end = places.here();
    ready.push(...format.records(texts).map((record) => ({ start, end, ...record })));
  });
  parser.on("error", (error) => {
    throw error;
  });
  // Invalid bytes would silently become replacement characters.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const fail = (error: unknown): RawRecord => {
    const at = places.here();
    open = [];
    const bad = (error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA";
    const problem: Problem = contentProblem(error) ?? {
      reason: bad ? "bad-encoding" : "bad-xml",
      message: bad ? "found bytes that are not UTF-8" : `not well-formed XML (${(error as Error).message})`,
      remedy: bad
        ? "Name the file's encoding with --encoding, or convert it to UTF-8."
        : "The file may be cut off or edited by hand: fetch it again.",
      at,
      fatal: true,
    };
    return { start: unit?.start ?? at, end: at, problem };
  };
  let failed: RawRecord | undefined;
  try {
    for await (const block of blocks) {
      for (let i = 0; i < block.length && failed === undefined; i += PIECE_BYTES) {
        const piece = block.subarray(i, i + PIECE_BYTES);
        try {
          const decoded = decoder.decode(piece, { stream: true });
          places.add(decoded);
          parser.write(decoded);
        } catch (error) {
          failed = fail(error);
        }
        yield* ready;
        ready = [];
        if (unit !== undefined && places.here() - unit.start > LARGEST_RECORD)
          failed ??= tooLargeUnit(unit.start, places.here());
      }
      if (failed !== undefined) break;
    }
    if (failed === undefined) {
      decoder.decode();
      parser.close();
    }
  } catch (error) {
    if (contentProblem(error) === undefined && !isXmlError(error)) throw error;
    failed = fail(error);
  }
  yield* ready;
  if (failed !== undefined) yield failed;
}

function tooLargeUnit(start: number, end: number): RawRecord {
  return { start, end, problem: { ...tooLarge(end - start, start), fatal: true } };
}

/** Errors of the parser and the decoder carry no code of the system's. */
function isXmlError(error: unknown): boolean {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return syscall === undefined && (code === undefined || code === "ERR_ENCODING_INVALID_ENCODED_DATA");
}

/** Bytes for the parser's position, which counts characters. */
interface Places {
  /** Another piece was given to the parser. */
  add(piece: string): void;
  /** The byte of the parser's position. */
  here(): number;
  /** The byte of the `<` before it. */
  tagStart(): number;
}

function createPlaces(position: () => number): Places {
  // The piece before stays: a tag may begin in it.
  let window = "";
  let windowStart = 0;
  let windowBytes = 0;
  let pieceStart = 0;
  let lastAt = 0;
  let lastBytes = 0;
  const byteAt = (at: number): number => {
    if (at < lastAt) return windowBytes + Buffer.byteLength(window.slice(0, Math.max(0, at - windowStart)));
    lastBytes += Buffer.byteLength(window.slice(lastAt - windowStart, at - windowStart));
    lastAt = at;
    return lastBytes;
  };
  return {
    add(piece) {
      byteAt(Math.max(lastAt, pieceStart));
      const kept = window.slice(pieceStart - windowStart);
      windowBytes += Buffer.byteLength(window.slice(0, pieceStart - windowStart));
      windowStart = pieceStart;
      pieceStart += kept.length;
      window = kept + piece;
      byteAt(Math.max(lastAt, pieceStart));
    },
    here: () => byteAt(Math.min(position(), windowStart + window.length)),
    tagStart() {
      const at = Math.min(position(), windowStart + window.length);
      const open = window.lastIndexOf("<", at - 1 - windowStart);
      return byteAt(open < 0 ? at : windowStart + open);
    },
  };
}
