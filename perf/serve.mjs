// Serving: what a stream costs through the HTTP server beside llama.cpp alone, and what many at once gain.
//
//   node perf/serve.mjs MODEL.gguf [ROUNDS] [STREAMS]        (built program: npx tsc -b; a model: perf/random-model.mjs)
//
// `bare` is llama_decode and the largest logit in a loop; `one` a streamed answer read over a socket; `many` 32 of them at
// once. One decoding thread; server and clients share one process, so what the clients cost counts against the server. Rounds
// are interleaved; medians, by the clock and by processor time. Also the wait for the first word, how long a client that
// leaves holds its turn, and the memory of IDLE_CONNECTIONS (environment; default 2,000) idle ones.
//
// With APOLLO_PYTHON, a Python that has llama-cpp-python[server], that server answers whole requests in turn with ours, at its defaults
// but for threads and context; it works on one request at a time. Its processor time is its own and the clients'. A peer that does
// not start, or dies at its first answer (seen with a wheel built for another processor), is left out with the reason.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { openGguf } from "../dist/engine/index.js";
import { createContext } from "../dist/engine/llama-context.js";
import { loadLlama } from "../dist/engine/llama-library.js";
import { createApp, startServer } from "../dist/serve/index.js";

const [, , path, rounds = "5", streamCount = "32"] = process.argv;
if (path === undefined) {
  console.error("usage: node perf/serve.mjs MODEL.gguf [ROUNDS] [STREAMS]");
  process.exit(2);
}
const STREAMS = Number(streamCount);
const TOKENS = 48;
const CONTEXT = 512;
const IDLE = Number(process.env.IDLE_CONNECTIONS ?? 2000);
// Real models must not come to an end before TOKENS.
const PROMPT =
  "A list of one hundred medicines and their doses:\n1. Paracetamol, 500 mg\n2. Ibuprofen, 400 mg\n3.";

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
/** Clock ticks of the kernel, as /proc counts them. */
const TICK_MILLISECONDS = 10;
const processorMilliseconds = (other) => {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1000;
  if (other === undefined) return own;
  const fields = readFileSync(`/proc/${other}/stat`, "utf8").split(") ")[1].split(" ");
  return own + TICK_MILLISECONDS * (Number(fields[11]) + Number(fields[12]));
};

/** The peer, when a Python has one: its address and its process. */
async function startPeer() {
  const python = process.env.APOLLO_PYTHON;
  if (python === undefined) return undefined;
  const probe = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => probe.once("listening", resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  // By default a new request ends the one before.
  const words = [
    "--interrupt_requests",
    "false",
    "--model",
    path,
    "--port",
    String(port),
    "--n_threads",
    "1",
    "--n_threads_batch",
    "1",
  ];
  const child = spawn(python, ["-m", "llama_cpp.server", ...words, "--n_ctx", String(CONTEXT)], {
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 240; tries++) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`it ended with ${child.exitCode ?? child.signalCode}`);
    try {
      if ((await fetch(`${url}/v1/models`)).ok)
        return { url, pid: child.pid, child, stop: () => child.kill() };
    } catch {}
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  child.kill();
  throw new Error("it does not answer");
}

const model = await openGguf(path, {
  threads: 1,
  exact: "scores",
  contextLength: CONTEXT,
  maxSequences: STREAMS,
});
const app = createApp({ models: [model], concurrency: STREAMS });
const server = await startServer({ app, port: 0 });
const llama = loadLlama();
const native = await llama.model_load_from_file(path, llama.model_default_params());
const context = await createContext(llama, native, model.vocabularySize, {
  cells: CONTEXT,
  sequences: 1,
  outputs: 1,
  threads: 1,
  flash: true,
  cache: "f16",
});
const prompt = model.tokenizer.encode(PROMPT);

function largest(logits) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}

async function bare() {
  context.remove(0, 0);
  let row = 0;
  prompt.forEach((token, i) => {
    row = context.add(token, i, 0, i === prompt.length - 1);
  });
  await context.decode();
  let next = largest(context.logits(row));
  const start = performance.now();
  const processor = processorMilliseconds();
  for (let count = 1; count < TOKENS; count++) {
    row = context.add(next, prompt.length + count - 1, 0, true);
    await context.decode();
    next = largest(context.logits(row));
  }
  const steps = TOKENS - 1;
  return { clock: (performance.now() - start) / steps, cpu: (processorMilliseconds() - processor) / steps };
}

/** Arrival times of a streamed answer's tokens: log-probabilities make every token a chunk, also one without text. */
async function stream(text, onFirst = () => {}) {
  const start = performance.now();
  const reply = await fetch(`${server.url}/v1/completions`, {
    method: "POST",
    body: JSON.stringify({ prompt: text, max_tokens: TOKENS, temperature: 0, stream: true, logprobs: 0 }),
  });
  const decoder = new TextDecoder();
  const times = [];
  let rest = "";
  for await (const bytes of reply.body) {
    rest += decoder.decode(bytes, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop();
    for (const event of events) {
      if (!event.includes('"tokens":[')) continue;
      times.push(performance.now() - start);
      if (times.length === 1) onFirst();
    }
  }
  if (times.length !== TOKENS) throw new Error(`${times.length} tokens, ${TOKENS} were expected`);
  return times;
}

async function one() {
  let processor = 0;
  const times = await stream(PROMPT, () => {
    processor = processorMilliseconds();
  });
  const steps = TOKENS - 1;
  return { clock: (times.at(-1) - times[0]) / steps, cpu: (processorMilliseconds() - processor) / steps };
}

/** So many answers in one piece at once, from the first request to the last answer, prompts and all: time by generated token. */
async function whole(count, at) {
  const [start, processor] = [performance.now(), processorMilliseconds(at?.pid)];
  const counts = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const reply = await fetch(`${at?.url ?? server.url}/v1/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ prompt: `Visit ${i}. ${PROMPT}`, max_tokens: TOKENS, temperature: 0 }),
      });
      return (await reply.json()).usage.completion_tokens;
    }),
  );
  const tokens = counts.reduce((sum, value) => sum + value, 0);
  return {
    clock: (performance.now() - start) / tokens,
    cpu: (processorMilliseconds(at?.pid) - processor) / tokens,
  };
}

async function many() {
  let processor = 0;
  let started = 0;
  const onFirst = () => {
    if (++started === STREAMS) processor = processorMilliseconds();
  };
  const streams = await Promise.all(
    Array.from({ length: STREAMS }, (_, i) => stream(`Case ${i}. ${PROMPT}`, onFirst)),
  );
  const firsts = streams.map((times) => times[0]).sort((a, b) => a - b);
  const steady = firsts.at(-1);
  const end = Math.max(...streams.map((times) => times.at(-1)));
  const later = streams.flat().filter((time) => time > steady).length;
  return { clock: (end - steady) / later, cpu: (processorMilliseconds() - processor) / later, firsts };
}

/** Milliseconds from a client's leaving to its turn being free. */
async function leave() {
  const leaving = new AbortController();
  const reply = await fetch(`${server.url}/v1/completions`, {
    method: "POST",
    body: JSON.stringify({ prompt: PROMPT, stream: true, temperature: 0 }),
    signal: leaving.signal,
  });
  await reply.body.getReader().read();
  const start = performance.now();
  leaving.abort();
  for (;;) {
    const metrics = await (await app.request("/metrics")).text();
    if (/num_requests_running\{[^}]*\} 0\n/.test(metrics)) return performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

let peer;
let without = "";
const measured = { bare: [], one: [], many: [], leave: [], alone: [], crowd: [], peer: [], peerCrowd: [] };
await bare();
await one();
try {
  peer = await startPeer();
  if (peer !== undefined) await whole(1, peer);
} catch (error) {
  without = `peer left out: ${error.cause?.message ?? error.message}, exit ${peer?.child.exitCode ?? peer?.child.signalCode ?? "none"}`;
  peer?.stop();
  peer = undefined;
}
for (let round = 0; round < Number(rounds); round++) {
  measured.bare.push(await bare());
  measured.one.push(await one());
  measured.many.push(await many());
  measured.leave.push(await leave());
  if (peer === undefined) continue;
  measured.alone.push(await whole(1));
  measured.peer.push(await whole(1, peer));
  measured.crowd.push(await whole(STREAMS));
  measured.peerCrowd.push(await whole(STREAMS, peer));
}
peer?.stop();
const before = process.memoryUsage.rss();
const sockets = Array.from({ length: IDLE }, () => connect(server.port, "127.0.0.1"));
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
const idle = (process.memoryUsage.rss() - before) / IDLE / 1024;
for (const socket of sockets) socket.destroy();

const ratio = (over, under, what) =>
  median(measured[over].map((value, i) => value[what] / measured[under][i][what]));
const rate = (name) => (1000 / median(measured[name].map(({ clock }) => clock))).toFixed(1);
const firsts = measured.many.flatMap((value) => value.firsts).sort((a, b) => a - b);
console.log(`${path}, 1 decoding thread, ${rounds} rounds of ${TOKENS} tokens, medians`);
if (without !== "") console.log(without);
console.log(`bare llama_decode loop        ${rate("bare")} tokens/s`);
console.log(`one stream through the server ${rate("one")} tokens/s`);
console.log(`${STREAMS} streams through it         ${rate("many")} tokens/s together`);
console.log(
  `one / bare: ${(100 * ratio("bare", "one", "clock")).toFixed(1)} %, processor time ${(100 * ratio("bare", "one", "cpu")).toFixed(1)} % (bar 97 %)`,
);
console.log(
  `many / one: ${ratio("one", "many", "clock").toFixed(1)} x, processor time ${ratio("one", "many", "cpu").toFixed(1)} x (bar 6)`,
);
console.log(
  `first word of ${STREAMS} at once: p50 ${firsts[firsts.length >> 1].toFixed(0)} ms, p99 ${firsts[Math.floor(firsts.length * 0.99)].toFixed(0)} ms`,
);
if (peer !== undefined) {
  console.log(
    `whole answers, prompts and all, tokens/s: one ${rate("alone")}, peer ${rate("peer")}; ${STREAMS} at once ${rate("crowd")}, peer ${rate("peerCrowd")}`,
  );
  console.log(
    `ours / peer: one ${ratio("peer", "alone", "clock").toFixed(2)} x, processor time ${ratio("peer", "alone", "cpu").toFixed(2)} x; ${STREAMS} at once ${ratio("peerCrowd", "crowd", "clock").toFixed(1)} x, processor time ${ratio("peerCrowd", "crowd", "cpu").toFixed(1)} x`,
  );
}
console.log(
  `a client that leaves frees its turn in ${median(measured.leave).toFixed(0)} ms, at most ${Math.max(...measured.leave).toFixed(0)} (bar 200)`,
);
console.log(`an idle connection of ${IDLE}, both ends in this process: ${idle.toFixed(1)} KiB`);
await server.close(0);
context.free();
llama.model_free(native);
await model.close();
