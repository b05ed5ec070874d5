// POST /v1/embeddings: texts as vectors of length 1, as numbers or as base64 of little-endian 32-bit floats.
import { ApiError } from "./errors.ts";
import { onceInTurn } from "./generation.ts";
import type { ServedModel } from "./models.ts";
import type { ReplyContext } from "./reply.ts";
import type { EmbeddingRequest } from "./request-texts.ts";
import { readTokenIds } from "./token-prompt.ts";

const FLOAT_BYTES = 4;

/** Answers an embedding request. Throws `ApiError` 400 when the model gives no vectors, or none of the size asked for. */
export async function replyToEmbedding(
  served: ServedModel,
  request: EmbeddingRequest,
  context: ReplyContext,
): Promise<Response> {
  const embeddings = await onceInTurn(served, context, (model) => {
    if (model.embed === undefined) {
      throw new ApiError(400, `"${served.id}" gives no embeddings: a GGUF model does`, {
        param: "model",
        code: "unsupported_parameter",
      });
    }
    return model.embed(
      request.inputs.map((input) =>
        typeof input === "string" ? input : readTokenIds(model, input, "input").text,
      ),
    );
  });
  const size = embeddings[0]?.vector.length;
  // Only models trained for it give vectors that can be cut.
  if (request.dimensions !== undefined && request.dimensions !== size) {
    throw new ApiError(400, `"${served.id}" gives vectors of ${size} numbers, not ${request.dimensions}`, {
      param: "dimensions",
    });
  }
  const tokens = embeddings.reduce((sum, embedding) => sum + embedding.tokens, 0);
  return Response.json({
    object: "list",
    model: served.id,
    data: embeddings.map(({ vector }, index) => ({
      object: "embedding",
      index,
      embedding: request.encoding === "base64" ? toBase64(vector) : [...vector],
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

function toBase64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * FLOAT_BYTES);
  vector.forEach((value, i) => {
    bytes.writeFloatLE(value, i * FLOAT_BYTES);
  });
  return bytes.toString("base64");
}
