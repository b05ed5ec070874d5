// Stress: a server in a process of its own takes fuzzed requests, a crowd of connections and clients that leave in mid-stream.
//
//   node perf/serve-stress.mjs MODEL.gguf [REQUESTS] [CONNECTIONS] [DISCONNECTS] [ROUNDS]      (built program: npx tsc -b)
//
// Defaults 10,000, 1,000, 200 and 5: every round sends so many requests, half of them while so many connections stand open, and
// leaves so many answers. Between rounds the server collects its garbage and says what it holds: objects of JavaScript, buffers
// outside, and the process's resident memory. Prints all that and what is still running; exits 1 when the server died, failed
// (500), kept a turn, or grew: objects by more than HEAP_GROWTH or resident memory by more than RESIDENT_GROWTH from the second
// round to the last (the first fills caches and pools).
import { spawn } from "node:child_process";
import { connect } from "node:net";

const [, , model, requests = "10000", connections = "1000", disconnects = "200", rounds = "5"] = process.argv;
if (model === undefined) {
  console.error(
    "usage: node perf/serve-stress.mjs MODEL.gguf [REQUESTS] [CONNECTIONS] [DISCONNECTS] [ROUNDS]",
  );
  process.exit(2);
}
const WORKERS = 8;
/** Collected objects may differ by what is cached, resident memory also by what the allocators keep for themselves. */
const HEAP_GROWTH = 0.05;
const RESIDENT_GROWTH = 0.1;
/** Runs in the server before anything else: collects and says what is held. */
const REPORTER = `process.on("message", () => {
  for (let i = 0; i < 3; i++) gc();
  setTimeout(() => { gc(); process.send(process.memoryUsage()); }, 200);
});
process.channel.unref();`;
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
const child = spawn(
  process.execPath,
  ["--expose-gc", "--import", `data:text/javascript,${encodeURIComponent(REPORTER)}`, cli, ...words],
  { stdio: ["ignore", "pipe", "inherit", "ipc"] },
);
const url = await new Promise((resolve, reject) => {
  child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  child.stdout.once("data", (line) => resolve(JSON.parse(line).url));
});
const { port } = new URL(url);
/** What the server holds in megabytes, after it has collected. */
const held = async () => {
  const answer = new Promise((resolve) => child.once("message", resolve));
  child.send("collect");
  const { rss, heapUsed, external } = await answer;
  const [resident, heap, buffers] = [rss, heapUsed, external].map((bytes) => bytes / 2 ** 20);
  return { resident, heap, buffers };
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
/** Requests that are answered: what goes through the model must be among what is counted. */
const GOOD = () => ({
  messages: [{ role: "user", content: `hi ${random(1000)}` }],
  prompt: `hi ${random(1000)}`,
  input: ["a", `b ${random(1000)}`],
  choices: ["a", "b c"],
  max_tokens: 1 + random(6),
  stream: random(2) === 0,
  seed: random(1000),
  ...pick([
    {},
    { n: 2 },
    { stop: ["a"] },
    { temperature: 0 },
    { logit_bias: { 5: -100 } },
    { response_format: { type: "json_object" } },
  ]),
});
function body() {
  if (random(3) === 0) return JSON.stringify(GOOD());
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
  const worker = async () => {
    while (count-- > 0) {
      const reply = await fetch(url + pick(PATHS), { method: "POST", body: body() });
      await reply.arrayBuffer();
      statuses[reply.status] = (statuses[reply.status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}

async function crowd(count) {
  const sockets = Array.from({ length: count }, () =>
    connect(Number(port), "127.0.0.1").on("error", () => {}),
  );
  await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
  return sockets;
}

/** Clients that read a little of an answer and are gone. */
async function leave(count) {
  const text = JSON.stringify({ prompt: "hi", stream: true, max_tokens: 6, logprobs: 0 });
  const worker = async () => {
    while (count-- > 0) {
      const leaving = new AbortController();
      const reply = await fetch(`${url}/v1/completions`, {
        method: "POST",
        body: text,
        signal: leaving.signal,
      });
      await reply.body.getReader().read();
      leaving.abort();
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, worker));
}

const all = [await held()];
const say = (label, { resident, heap, buffers }) =>
  console.log(
    `${label}: resident ${resident.toFixed(0)} MB, objects ${heap.toFixed(1)} MB, buffers ${buffers.toFixed(1)} MB`,
  );
say("at first", all[0]);
let crowded = 0;
for (let round = 1; round <= Number(rounds); round++) {
  await fuzz(Math.ceil(Number(requests) / 2));
  const before = await held();
  const sockets = await crowd(Number(connections));
  crowded = (await held()).resident - before.resident;
  await leave(Number(disconnects));
  await fuzz(Math.floor(Number(requests) / 2));
  for (const socket of sockets) socket.destroy();
  all.push(await held());
  say(`after round ${round}`, all.at(-1));
}
const metrics = await (await fetch(`${url}/metrics`)).text();
const running = Number(/num_requests_running\{[^}]*\} (\d+)/.exec(metrics)[1]);
const alive = child.exitCode === null;
child.removeAllListeners("exit");
const ended = new Promise((resolve) => child.once("exit", resolve));
child.kill("SIGTERM");
const code = await ended;

console.log(`fuzzed requests by status: ${JSON.stringify(statuses)}`);
console.log(
  `each round ${requests} of them, ${connections} idle connections (${crowded.toFixed(0)} MB in the last) and ${disconnects} clients that left`,
);
console.log(`still running: ${running}; alive: ${alive}; exit code after SIGTERM: ${code}`);
const [settled, last] = [all[Math.min(2, all.length - 1)], all.at(-1)];
const grown =
  last.heap > (1 + HEAP_GROWTH) * settled.heap || last.resident > (1 + RESIDENT_GROWTH) * settled.resident;
if (grown) console.log("it grew");
process.exit(alive && running === 0 && !grown && statuses[500] === undefined && code === 0 ? 0 : 1);
