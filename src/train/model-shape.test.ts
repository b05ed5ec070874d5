import assert from "node:assert/strict";
import { test } from "node:test";
import { UserError } from "../core/index.ts";
import { ARCHITECTURE_TRAITS, ARCHITECTURES, parseModelConfig, toHuggingFaceConfig } from "../model/index.ts";
import { shapeModel } from "./model-shape.ts";

const GIVEN = { vocabularySize: 50, contextLength: 32, eosId: 0, bosId: undefined };
const RECIPE = { hiddenSize: 64, layers: 2, ropeTheta: 10_000, normEpsilon: 1e-6 };

for (const architecture of ARCHITECTURES) {
  const { tying } = ARCHITECTURE_TRAITS[architecture];
  test(`a fresh ${architecture} is what its config.json says when it is read again`, () => {
    const config = shapeModel({ ...RECIPE, architecture, tiedEmbeddings: tying !== "never" }, GIVEN);
    const read = parseModelConfig(JSON.parse(JSON.stringify(toHuggingFaceConfig(config))), "config.json");
    const { queryScalar, ...rest } = read;
    assert.deepEqual(rest, config);
    assert.ok(queryScalar === undefined || queryScalar === config.headSize);
    if (tying === "optional") return;
    assert.throws(
      () => shapeModel({ ...RECIPE, architecture, tiedEmbeddings: tying === "never" }, GIVEN),
      (error) => error instanceof UserError && error.at === "model.tiedEmbeddings",
    );
  });
}
