// Protocols by name, as `--protocol` takes them.
import { UserError } from "../core/index.ts";
import type { LanguageModel, LogitModel } from "../engine/index.ts";
import { lmEvalProtocol } from "./lm-eval-tasks.ts";
import type { BenchMode } from "./prompts.ts";
import { type Protocol, plainProtocol } from "./protocol.ts";
import { apolloProtocol, loadPublishedPrompts } from "./protocol-apollo.ts";
import { correctedProtocol } from "./protocol-corrected.ts";
import { suiteProtocol } from "./protocol-suite.ts";
import type { Suite } from "./suite.ts";

/** The names that `createProtocols` knows, each with what it is for. */
export const PROTOCOL_MEANINGS: Readonly<Record<string, string>> = {
  letters: "the options' letters scored after the question; the quickest, for any model",
  cloze: "the options' texts scored without showing them; for small and untrained models",
  generate: "an answer generated and read; as people use the model",
  apollo:
    "the published way, its faults included: 3 examples from the test set, a loose reading (--protocol-file)",
  corrected:
    "the published exams mended: separate examples, faulty items left out, strict and robust reading",
  "lm-eval": "lm-evaluation-harness's prompts, each source its own task; lm-eval:TASK for one task",
};

/** Options for `createProtocols`. */
export interface ProtocolOptions {
  /** For `corrected` and the plain modes; each gives a protocol of its own. Default: the protocol's own mode. */
  readonly modes?: readonly BenchMode[];
  /** The prompts of `apollo`. */
  readonly protocolFile?: string | undefined;
  readonly model: LanguageModel;
  /** A suite may bring prompts of its own for the three plain modes. */
  readonly suite: Suite;
}

const PLAIN_MODES: Readonly<Record<string, BenchMode>> = {
  letters: "letter",
  cloze: "text",
  generate: "generate",
};

/**
 * The protocols that `names` stand for, one for each name and mode; without a name our own prompts in the modes asked for.
 * `UserError` for an unknown name, or a mode that the protocol does not have.
 */
export async function createProtocols(
  names: readonly string[],
  options: ProtocolOptions,
): Promise<Protocol[]> {
  const modes = [...new Set(options.modes ?? [])];
  if (names.length === 0) {
    const asked = modes.length === 0 ? (["letter"] as const) : modes;
    return asked.map((mode) => ownProtocol(plainProtocol(mode), options.suite));
  }
  const lists: Protocol[][] = [];
  for (const name of new Set(names)) lists.push(await protocolsOf(name, modes, options));
  return lists.flat();
}

async function protocolsOf(
  name: string,
  modes: readonly BenchMode[],
  options: ProtocolOptions,
): Promise<Protocol[]> {
  if (name === "corrected") {
    const asked = modes.length === 0 ? (["generate"] as const) : modes;
    return asked.map(correctedProtocol);
  }
  const protocol = await singleProtocol(name, options);
  const other = modes.find((mode) => mode !== protocol.mode);
  if (other === undefined) return [protocol];
  throw new UserError("bad-option", `the protocol ${name} asks in mode ${protocol.mode}, not ${other}`, {
    remedy: "Leave --mode out, or take --protocol corrected.",
  });
}

async function singleProtocol(name: string, options: ProtocolOptions): Promise<Protocol> {
  const mode = PLAIN_MODES[name];
  if (mode !== undefined) {
    return ownProtocol({ ...plainProtocol(mode), unconditional: mode !== "generate" }, options.suite);
  }
  if (name === "lm-eval") return lmEvalProtocol(undefined);
  if (name.startsWith("lm-eval:")) return lmEvalProtocol(name.slice("lm-eval:".length));
  if (name !== "apollo") {
    throw new UserError("bad-option", `there is no protocol "${name}"`, {
      remedy: `There are: ${Object.keys(PROTOCOL_MEANINGS).join(", ")}, lm-eval:TASK.`,
    });
  }
  if (options.protocolFile === undefined) {
    throw new UserError("missing-option", "the protocol apollo needs its prompts: --protocol-file FILE", {
      remedy: "The file holds the published templates by name; src/bench/README.md describes it.",
    });
  }
  return apolloProtocol(await loadPublishedPrompts(options.protocolFile), endOfText(options.model));
}

function ownProtocol(plain: Protocol, { config }: Suite): Protocol {
  return config === undefined ? plain : suiteProtocol(config, plain);
}

/** The spelling of a model's end-of-text token; empty where the model is behind a server and nobody says. */
function endOfText(model: LanguageModel): string {
  if (!("tokenizer" in model)) return "";
  const { tokenizer } = model as LogitModel;
  return tokenizer.eosId === undefined ? "" : Buffer.from(tokenizer.bytes(tokenizer.eosId)).toString("utf8");
}
