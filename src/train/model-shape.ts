// From a recipe's few numbers to a whole model configuration.
import { UserError } from "../core/index.ts";
import { ARCHITECTURE_TRAITS, freshTraits, type ModelConfig } from "../model/index.ts";
import type { RecipeModel } from "./recipe.ts";

/** Fills in what a recipe leaves open; see the defaults in recipe.ts. */
export function shapeModel(
  model: RecipeModel,
  given: {
    vocabularySize: number;
    contextLength: number;
    eosId: number | undefined;
    bosId: number | undefined;
  },
): ModelConfig {
  const { hiddenSize } = model;
  const heads = model.heads ?? Math.max(1, Math.floor(hiddenSize / 32));
  const keyValueHeads = model.keyValueHeads ?? heads;
  const headSize = hiddenSize / heads;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    throw new UserError(
      "bad-recipe",
      `hiddenSize ${hiddenSize} over ${heads} heads gives a head size of ${headSize}, expected an even number`,
      { at: "model.heads", remedy: "Set model.heads to a divisor." },
    );
  }
  if (heads % keyValueHeads !== 0) {
    throw new UserError("bad-recipe", `${keyValueHeads} does not divide ${heads} heads`, {
      at: "model.keyValueHeads",
    });
  }
  const { tying, plainHeads } = ARCHITECTURE_TRAITS[model.architecture];
  if (plainHeads && keyValueHeads !== heads) {
    throw new UserError("bad-recipe", `${model.architecture} has as many key heads as heads (${heads})`, {
      at: "model.keyValueHeads",
      remedy: "Leave it out.",
    });
  }
  if (tying === "never" && model.tiedEmbeddings) {
    throw new UserError("bad-recipe", `${model.architecture} has a head of its own`, {
      at: "model.tiedEmbeddings",
      remedy: "Set model.tiedEmbeddings: false.",
    });
  }
  if (tying === "always" && !model.tiedEmbeddings) {
    throw new UserError("bad-recipe", `${model.architecture} always has its embedding as its head`, {
      at: "model.tiedEmbeddings",
      remedy: "Leave it out.",
    });
  }
  return {
    architecture: model.architecture,
    vocabularySize: given.vocabularySize,
    hiddenSize,
    intermediateSize: model.intermediateSize ?? Math.ceil((hiddenSize * 8) / 3 / 32) * 32,
    layers: model.layers,
    heads,
    keyValueHeads,
    headSize,
    normEpsilon: model.normEpsilon,
    ropeTheta: model.ropeTheta,
    contextLength: given.contextLength,
    tiedEmbeddings: model.tiedEmbeddings,
    ...freshTraits(model.architecture),
    bosId: given.bosId,
    eosId: given.eosId,
  };
}
