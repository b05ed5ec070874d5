// Apollo-0.5B's base as far as a plan needs it: its config.json.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const QWEN = {
  model_type: "qwen2",
  ...{ vocab_size: 151936, hidden_size: 1024, intermediate_size: 2816, num_hidden_layers: 24 },
  ...{ num_attention_heads: 16, num_key_value_heads: 16, max_position_embeddings: 32768 },
  ...{ tie_word_embeddings: true, torch_dtype: "bfloat16" },
};

/** Its parameters. */
export const PUBLISHED_PARAMETERS = 463_987_712;

/** Makes the base's folder in `folder`; its path. */
export async function writePublishedBase(folder: string): Promise<string> {
  const base = join(folder, "base");
  await mkdir(base);
  await writeFile(join(base, "config.json"), JSON.stringify(QWEN));
  return base;
}
