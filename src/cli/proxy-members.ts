// The three models of a proxy trio, opened for one command.
import { type OpenModelOptions, openMembers, type ProxyMembers } from "../flows/index.ts";

/** Opens base, expert and anti-expert, and closes them whatever happens. */
export async function withMembers<T>(
  spec: Parameters<typeof openMembers>[0],
  settings: OpenModelOptions,
  use: (models: ProxyMembers) => Promise<T>,
): Promise<T> {
  const models = await openMembers(spec, settings);
  try {
    return await use(models);
  } finally {
    for (const model of Object.values(models)) await model.close();
  }
}
