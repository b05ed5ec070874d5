// Stress: a server in a process of its own takes fuzzed requests, a crowd of connections and clients that leave in mid-stream.
//
//   node perf/serve-stress.mjs MODEL.gguf [REQUESTS] [CONNECTIONS] [DISCONNECTS]      (built program: npx tsc -b)
//
// Defaults 10,000, 1,000 and 200. Prints what came back, the server's memory before and after, and what it says is still
// running; exits 1 when it died, failed (500), kept a turn, or grew by more than a quarter in the second half of the requests.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect } from "node:net";

const [, , model, requests = "10000", connections = "1000", disconnects = "200"] = process.argv;
if (model === undefined) {
  console.error("usage: node perf/serve-stress.mjs MODEL.gguf [REQUESTS] [CONNECTIONS] [DISCONNECTS]");
  process.exit(2);
}
const WORKERS = 8;
const cli = new URL("../dist/cli/main.js", import.meta.url).pathname;
const words = [
  "serve",
  "--model",
  model,
  "--port",
  "0",
  "--threads",
  "1",
  "--parallel",
  "8",
  "--max-tokens",
  "6",
  "--json",
];
const child = spawn(process.execPath, [cli, ...words], { stdio: ["ignore", "pipe", "inherit"] });
const url = await new Promise((resolve, reject) => {
  child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  child.stdout.once("data", (line) => resolve(JSON.parse(line).url));
});
const { port } = new URL(url);
/** Resident megabytes of the server; 0 where the platform does not tell. */
const resident = () => {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]) / 1024;
  } catch {
    return 0;
  }
};

// A small generator of our own: the same requests every time.
let state = 20261122;
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const pick = (list) => list[random(list.length)];
const PATHS = [
  "/v1/chat/completions",
  "/v1/completions",
  "/v1/embeddings",
  "/v1/score",
  "/v1/models",
  "/nothing",
];
const FIELDS =
  "model messages prompt input choices max_tokens stream n stop temperature top_p logit_bias tools tool_choice response_format logprobs top_logprobs echo seed stream_options alpha encoding_format".split(
    " ",
  );
const VALUES = () =>
  pick([
    [{ role: "user", content: "hi" }],
    "ماذا أفعل؟",
    true,
    random(9),
    -1,
    null,
    0.5,
    ["a", "b"],
    [1, 2, 3],
    { type: "json_object" },
    {
      type: "json_schema",
      json_schema: { schema: { type: "object", properties: { a: { type: "integer" } }, required: ["a"] } },
    },
    [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }],
    "required",
    { include_usage: true },
    "x".repeat(random(3000)),
    { a: { b: [] } },
  ]);
function body() {
  const kind = random(10);
  if (kind === 0) return Buffer.from(Array.from({ length: random(200) }, () => random(256)));
  const value =
    kind < 6
      ? { messages: [{ role: "user", content: "hi" }], prompt: "hi", input: "hi", choices: ["a"] }
      : {};
  for (let i = random(6); i > 0; i--) value[pick(FIELDS)] = VALUES();
  const text = JSON.stringify(value);
  return kind === 1 ? text.slice(0, random(text.length)) : text;
}

const statuses = {};
async function fuzz(count) {
  const before = resident();
  const worker = async () => {
    while (count-- > 0) {
      const reply = await fetch(url + pick(PATHS), { method: "POST", body: body() });
      await reply.arrayBuffer();
      statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
  return [before, resident()];
}

const half = Math.ceil(Number(requests) / 2);
const first = await fuzz(half);
const sockets = [];
for (let i = 0; i < Number(connections); i++)
  sockets.push(connect(Number(port), "127.0.0.1").on("error", () => {}));
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
const crowded = resident();
let left = 0;
const leave = async () => {
  while (left++ < Number(disconnects)) {
    const leaving = new AbortController();
    const text = JSON.stringify({ prompt: "hi", stream: true, max_tokens: 6, logprobs: 0 });
    const reply = await fetch(`${url}/v1/completions`, {
      method: "POST",
      body: text,
      signal: leaving.signal,
    });
    await reply.body.getReader().read();
    leaving.abort();
  }
};
await Promise.all(Array.from({ length: WORKERS }, leave));
const second = await fuzz(half);
for (const socket of sockets) socket.destroy();
await new Promise((resolve) => setTimeout(resolve, 500));
const metrics = await (await fetch(`${url}/metrics`)).text();
const running = Number(/num_requests_running\{[^}]*\} (\d+)/.exec(metrics)[1]);
const alive = child.exitCode === null;
child.removeAllListeners("exit");
const ended = new Promise((resolve) => child.once("exit", resolve));
child.kill("SIGTERM");
const code = await ended;

const megabytes = (value) => `${value.toFixed(0)} MB`;
console.log(`${requests} fuzzed requests by status: ${JSON.stringify(statuses)}`);
console.log(
  `memory: at first ${megabytes(first[0])}, half way ${megabytes(first[1])}, at the end ${megabytes(second[1])}`,
);
console.log(
  `${connections} idle connections: ${megabytes(crowded - first[1])}; ${disconnects} clients left in mid-stream`,
);
console.log(`still running: ${running}; alive: ${alive}; exit code after SIGTERM: ${code}`);
const grown = second[1] > 1.25 * first[1];
process.exit(alive && running === 0 && !grown && statuses[500] === undefined && code === 0 ? 0 : 1);
