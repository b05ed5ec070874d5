// Which files of a repository to pull: one that was named, those that match patterns, or what a model needs to run.
import { UserError } from "../core/index.ts";
import type { RepositoryType } from "./spec.ts";

/** What to choose by. */
export interface SelectionRequest {
  readonly type: RepositoryType;
  readonly id: string;
  /** A path, or the quantisation of the GGUF file to take, such as `Q4_K_M`. */
  readonly file?: string | undefined;
  /** Patterns with `*` and `?` (both also match `/`); given, they replace the default choice. */
  readonly include?: readonly string[] | undefined;
  /** Patterns of what to leave out. */
  readonly exclude?: readonly string[] | undefined;
}

/** The choice, and what was left out with the number of files for each reason. */
export interface Selection {
  readonly paths: readonly string[];
  readonly skipped: Readonly<Record<string, number>>;
}

/** What a model folder needs besides weights: configuration, tokenizer, chat template. */
const MODEL_FILES: readonly RegExp[] = [
  /^(?:config|generation_config|adapter_config)\.json$/u,
  /^(?:tokenizer|tokenizer_config|special_tokens_map|added_tokens|vocab)\.json$/u,
  /^(?:merges|vocab)\.txt$/u,
  /^(?:tokenizer|spiece|sentencepiece|sentencepiece\.bpe)\.model$/u,
  /^tekken\.json$/u,
  /^[^/]+\.tiktoken$/u,
  /^chat_template\.(?:jinja|json)$/u,
  /^additional_chat_templates\/[^/]+\.jinja$/u,
];
const SAFETENSORS = /^[^/]+\.safetensors(?:\.index\.json)?$/u;
/** Mistral's own layout of the weights that `model*.safetensors` beside it also holds. */
const CONSOLIDATED = /^consolidated[^/]*\.safetensors(?:\.index\.json)?$/u;
const PYTORCH = /^pytorch_model[^/]*\.bin(?:\.index\.json)?$/u;
const GGUF = /\.gguf$/iu;
const OTHER_WEIGHTS = /\.(?:bin|pt|pth|ckpt|h5|msgpack|onnx|onnx_data|tflite|ot|mlmodel|safetensors|gguf)$/iu;
/** `name-00001-of-00003.gguf`: llama.cpp's way to split a file. */
const SPLIT_GGUF = /^(.*)-\d{5}-of-(\d{5})\.gguf$/iu;
/** Names shown when nothing, or too much, fits. */
const SHOWN_NAMES = 8;

/** Chooses among `paths`; a choice that is empty or unclear is a `UserError` that lists what there is. */
export function selectFiles(paths: readonly string[], request: SelectionRequest): Selection {
  if (request.file !== undefined) {
    return { paths: selectNamed(paths, request.file, request), skipped: {} };
  }
  const skipped: Record<string, number> = {};
  const skip = (reason: string): false => {
    skipped[reason] = (skipped[reason] ?? 0) + 1;
    return false;
  };
  const excluded = (request.exclude ?? []).map((pattern) => ({ pattern, test: matcher(pattern) }));
  const kept = paths.filter((path) => {
    const by = excluded.find(({ test }) => test.test(path));
    return by === undefined || skip(`excluded by ${by.pattern}`);
  });
  const include = request.include ?? [];
  let chosen: string[];
  if (include.length > 0) {
    const tests = include.map(matcher);
    chosen = kept.filter((path) => tests.some((test) => test.test(path)) || skip("not included"));
  } else if (request.type === "model") {
    chosen = selectModel(kept, request, skip);
  } else {
    chosen = kept.filter((path) => path !== ".gitattributes" || skip("git's own file"));
  }
  if (chosen.length === 0) {
    throw new UserError("nothing-to-pull", `no file of ${request.id} fits, it holds ${show(paths)}`, {
      remedy: "Name a file with :FILE, or change --include and --exclude.",
    });
  }
  return { paths: chosen.sort(), skipped };
}

/** The chosen model files: safetensors, else PyTorch's, else the only GGUF. */
function selectModel(
  paths: readonly string[],
  request: SelectionRequest,
  skip: (reason: string) => false,
): string[] {
  const all = paths.filter((path) => SAFETENSORS.test(path));
  const standard = all.filter((path) => !CONSOLIDATED.test(path));
  const safetensors = new Set(standard.some((path) => path.endsWith(".safetensors")) ? standard : all);
  const pytorch = new Set(safetensors.size > 0 ? [] : paths.filter((path) => PYTORCH.test(path)));
  const gguf = new Set(
    safetensors.size + pytorch.size > 0 ? [] : onlyGguf(paths, request, `choose one with :FILE`),
  );
  return paths.filter((path) => {
    if (safetensors.has(path) || pytorch.has(path) || gguf.has(path)) return true;
    if (MODEL_FILES.some((test) => test.test(path))) return true;
    return skip(
      OTHER_WEIGHTS.test(path) || PYTORCH.test(path)
        ? "the same weights in another format"
        : "not needed to run",
    );
  });
}

/** A named file with the other parts of its split, or the one GGUF of a named quantisation. */
function selectNamed(paths: readonly string[], file: string, request: SelectionRequest): string[] {
  if (paths.includes(file)) return splitParts(paths, file);
  const tag = file.toLowerCase();
  const tagged = paths.filter((path) => GGUF.test(path) && quantisationOf(path) === tag);
  if (tagged.length > 0) return onlyGguf(tagged, request, "name the whole path");
  const near = paths.filter((path) => path.toLowerCase().includes(tag.split("/").at(-1) ?? tag));
  throw new UserError(
    "entry-not-found",
    `${request.id} has no file "${file}"${near.length > 0 ? `, the nearest are ${show(near)}` : `, it holds ${show(paths)}`}`,
    { remedy: "Names are case-sensitive; folders are part of the name." },
  );
}

/** The single GGUF among `paths` with its parts; none gives none, several are a `UserError`. */
function onlyGguf(paths: readonly string[], request: SelectionRequest, remedy: string): string[] {
  const files = paths.filter((path) => GGUF.test(path));
  const first = files[0];
  if (first === undefined) return [];
  const parts = splitParts(paths, first);
  if (parts.length < files.length) {
    throw new UserError("choose-a-file", `${request.id} holds several GGUF files: ${show(files)}`, {
      remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`,
    });
  }
  return parts;
}

/** A split file means all of its parts. */
function splitParts(paths: readonly string[], file: string): string[] {
  const [, stem, count] = SPLIT_GGUF.exec(file) ?? [];
  if (stem === undefined) return [file];
  return paths.filter((path) => {
    const match = SPLIT_GGUF.exec(path);
    return match?.[1] === stem && match[2] === count;
  });
}

/** `Apollo-7B.Q4_K_M.gguf` and `apollo-7b-q4_k_m-00001-of-00002.gguf` are both `q4_k_m`. */
function quantisationOf(path: string): string | undefined {
  const stem = path.replace(GGUF, "").replace(/-\d{5}-of-\d{5}$/u, "");
  return /(?:^|[-._/])((?:iq|q|tq)\d\w*|mxfp4|b?f16|f32)$/iu.exec(stem)?.[1]?.toLowerCase();
}

/** Shell-like patterns as the Python client reads them: `*` and `?` match anything, slashes too; `dir/` means all in it. */
function matcher(pattern: string): RegExp {
  const whole = pattern.endsWith("/") ? `${pattern}*` : pattern;
  const source = whole
    .replace(/[.+^${}()|[\]\\]/gu, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "su");
}

function show(paths: readonly string[]): string {
  if (paths.length === 0) return "no files";
  const names = paths.slice(0, SHOWN_NAMES).join(", ");
  return paths.length > SHOWN_NAMES ? `${names} and ${paths.length - SHOWN_NAMES} more` : names;
}
