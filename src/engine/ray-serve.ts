// Servers that Ray Serve runs, as its dashboard tells of them: GET /api/serve/applications/, the REST API of Ray Serve
// (https://docs.ray.io/en/latest/serve/api/index.html, "Serve REST API", schema ServeInstanceDetails).
import { z } from "zod";
import { UserError } from "../core/index.ts";
import type { EndpointAddress } from "./endpoint-list.ts";
import { errorMessage } from "./remote-client.ts";

const detailsSchema = z.object({
  http_options: z.object({ host: z.string().nullish(), port: z.number().nullish() }).nullish(),
  proxies: z
    .record(z.string(), z.object({ node_ip: z.string().nullish(), status: z.string().nullish() }))
    .nullish(),
  applications: z.record(
    z.string(),
    z.object({ route_prefix: z.string().nullish(), status: z.string().nullish() }),
  ),
});

const EVERYWHERE = new Set(["0.0.0.0", "::", ""]);
const DEFAULT_HTTP_PORT = 8000;
const ANSWER_MILLISECONDS = 10_000;

/**
 * One address for each healthy proxy and running application (`application`, or all): Ray Serve spreads its requests over
 * replicas itself. The token is RAY_AUTH_TOKEN's, where set. `UserError` when the dashboard cannot be asked or runs none.
 */
export async function findRayServeEndpoints(
  dashboard: string,
  application?: string,
): Promise<EndpointAddress[]> {
  const url = `${dashboard.replace(/\/+$/u, "")}/api/serve/applications/`;
  const token = process.env.RAY_AUTH_TOKEN;
  let text: string;
  let status: number;
  try {
    const response = await fetch(url, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
    });
    status = response.status;
    text = await response.text();
  } catch (error) {
    throw new UserError("ray-unreachable", "the Ray dashboard does not answer", {
      file: url,
      remedy: "Is the cluster up, and the address that of its dashboard (port 8265)?",
      cause: error,
    });
  }
  if (status === 401 || status === 403)
    throw new UserError("ray-unauthorized", `the Ray dashboard refuses the token (${status})`, {
      file: url,
      remedy: "Set RAY_AUTH_TOKEN to the cluster's.",
    });
  if (status !== 200)
    throw new UserError("ray-refused", `the Ray dashboard answers ${status} (${errorMessage(text)})`, {
      file: url,
    });
  const parsed = detailsSchema.safeParse(parse(text));
  if (!parsed.success)
    throw new UserError("ray-bad-answer", "the answer is not Ray Serve's", {
      file: url,
      remedy: "Is this the dashboard of a Ray cluster with Serve on it?",
    });
  const { applications, proxies, http_options } = parsed.data;
  const port = http_options?.port ?? DEFAULT_HTTP_PORT;
  // Proxies listen where Serve was told to: by default on the loopback, whatever the node's own address is.
  const listening = EVERYWHERE.has(http_options?.host ?? "0.0.0.0") ? undefined : http_options!.host!;
  const names = Object.keys(applications);
  if (application !== undefined && applications[application] === undefined)
    throw new UserError("ray-no-application", `Ray Serve has no application "${application}"`, {
      file: url,
      remedy: `It has: ${names.join(", ") || "none"}.`,
    });
  const hosts = Object.values(proxies ?? {}).flatMap(({ node_ip, status: state }) =>
    node_ip && state === "HEALTHY" ? [listening ?? node_ip] : [],
  );
  const found = names.flatMap((name) => {
    const { route_prefix: prefix, status: state } = applications[name]!;
    const wanted = application === undefined || name === application;
    if (!wanted || !prefix || (state !== "RUNNING" && state !== "DEPLOYING")) return [];
    return hosts.map((host) => ({
      url: `http://${host.includes(":") ? `[${host}]` : host}:${port}${prefix.replace(/\/+$/u, "")}/v1`,
    }));
  });
  if (found.length === 0)
    throw new UserError("ray-no-application", "Ray Serve runs nothing that could be asked now", {
      file: url,
      remedy: `Applications: ${names.map((name) => `${name} (${applications[name]!.status ?? "?"})`).join(", ") || "none"}; healthy proxies: ${hosts.length}.`,
    });
  return found;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
