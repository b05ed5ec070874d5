// Serving: what a stream costs through the HTTP server beside llama.cpp alone, and what many at once gain.
//
//   node perf/serve.mjs MODEL.gguf [ROUNDS] [STREAMS]        (built program: npx tsc -b; a model: perf/random-model.mjs)
//
// `bare` is llama_decode and the largest logit in a loop; `one` a streamed answer read over a socket; `many` 32 of them at
// once, while all of them run. One decoding thread; server and clients share one process, so what the clients cost counts against
// the server. Rounds are interleaved; medians, by the clock and by processor time. Also the wait for the first word, how long a client
// that leaves holds its turn, and the memory of IDLE_CONNECTIONS (environment; default 2,000) idle ones.
//
// With APOLLO_PYTHON, a Python that has xllamacpp, llama.cpp's own server (as many places, contexts and threads as ours, else its
// defaults) answers whole requests in turn with ours. Its processor time is its own and the clients'.
import { connect } from "node:net";
import { openGguf } from "../dist/engine/index.js";
import { findLlamaServer, startLlamaServer } from "../dist/flows/llama-server.test.helper.js";
import { createApp, startServer } from "../dist/serve/index.js";
import {
  measureMany,
  measureOne,
  median,
  openBare,
  PROMPT,
  processorMilliseconds,
  rate,
  ratio,
} from "./decode.mjs";

const [, , path, rounds = "5", streamCount = "32"] = process.argv;
if (path === undefined) {
  console.error("usage: node perf/serve.mjs MODEL.gguf [ROUNDS] [STREAMS]");
  process.exit(2);
}
const STREAMS = Number(streamCount);
const TOKENS = 112;
const CONTEXT = 512;
const IDLE = Number(process.env.IDLE_CONNECTIONS ?? 2000);

const model = await openGguf(path, {
  threads: 1,
  exact: "scores",
  contextLength: CONTEXT,
  maxSequences: STREAMS,
});
const app = createApp({ models: [model], concurrency: STREAMS });
const server = await startServer({ app, port: 0 });
const bare = await openBare(path, { contextLength: CONTEXT, vocabularySize: model.vocabularySize });
const prompt = model.tokenizer.encode(PROMPT);

/** Reads a streamed answer; a token without text, a part of a character, is no chunk. */
async function stream(text, onToken) {
  const reply = await fetch(`${server.url}/v1/completions`, {
    method: "POST",
    body: JSON.stringify({ prompt: text, max_tokens: TOKENS, temperature: 0, stream: true }),
  });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of reply.body) {
    rest += decoder.decode(bytes, { stream: true });
    const events = rest.split("\n\n");
    rest = events.pop();
    for (const event of events) if (/"text":"[^"]/.test(event)) onToken();
  }
}

/** So many answers in one piece at once, from the first request to the last answer, prompts and all: time by generated token. */
async function whole(count, at) {
  const [start, processor] = [performance.now(), processorMilliseconds(at?.pid)];
  const counts = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const reply = await fetch(`${at?.url ?? `${server.url}/v1`}/completions`, {
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

const found = findLlamaServer();
const peer =
  "missing" in found
    ? undefined
    : await startLlamaServer(found.python, path, { context: CONTEXT, parallel: STREAMS, exact: false });
const measured = { bare: [], one: [], many: [], leave: [], alone: [], crowd: [], peer: [], peerCrowd: [] };
await bare.run(prompt, TOKENS);
await stream(PROMPT, () => {});
if (peer !== undefined) await whole(1, peer);
for (let round = 0; round < Number(rounds); round++) {
  measured.bare.push(await bare.run(prompt, TOKENS));
  measured.one.push(await measureOne((onToken) => stream(PROMPT, onToken), TOKENS));
  measured.many.push(
    await measureMany(STREAMS, (i, onToken) => stream(`Case ${i}. ${PROMPT}`, onToken), TOKENS),
  );
  measured.leave.push(await leave());
  if (peer === undefined) continue;
  measured.alone.push(await whole(1));
  measured.peer.push(await whole(1, peer));
  measured.crowd.push(await whole(STREAMS));
  measured.peerCrowd.push(await whole(STREAMS, peer));
}
await peer?.close();
const before = process.memoryUsage.rss();
const sockets = Array.from({ length: IDLE }, () => connect(server.port, "127.0.0.1"));
await Promise.all(sockets.map((socket) => new Promise((resolve) => socket.once("connect", resolve))));
const idle = (process.memoryUsage.rss() - before) / IDLE / 1024;
for (const socket of sockets) socket.destroy();

const firsts = measured.many.flatMap((value) => value.firsts).sort((a, b) => a - b);
const share = (what) => (100 * ratio(measured.bare, measured.one, what)).toFixed(1);
const times = (what) => ratio(measured.one, measured.many, what).toFixed(1);
console.log(`${path}, 1 decoding thread, ${rounds} rounds of ${TOKENS} tokens, medians`);
console.log(`bare llama_decode loop        ${rate(measured.bare)} tokens/s`);
console.log(`one stream through the server ${rate(measured.one)} tokens/s`);
console.log(`${STREAMS} streams, while all run    ${rate(measured.many)} tokens/s together`);
console.log(`one / bare: ${share("clock")} %, processor time ${share("cpu")} % (bar 97 %)`);
console.log(`many / one: ${times("clock")} x, processor time ${times("cpu")} x (bar 6)`);
console.log(
  `first word of ${STREAMS} at once: p50 ${firsts[firsts.length >> 1].toFixed(0)} ms, p99 ${firsts[Math.floor(firsts.length * 0.99)].toFixed(0)} ms`,
);
if ("missing" in found) console.log(`without llama.cpp's own server: ${found.missing}`);
else {
  const { alone, crowd, peer: peerAlone, peerCrowd } = measured;
  const gain = (theirs, ours) =>
    `${ratio(theirs, ours, "clock").toFixed(2)} x, processor time ${ratio(theirs, ours, "cpu").toFixed(2)} x`;
  console.log(
    `whole answers, prompts and all, tokens/s: one ${rate(alone)}, llama.cpp's server ${rate(peerAlone)}; ${STREAMS} at once ${rate(crowd)}, ${rate(peerCrowd)}`,
  );
  console.log(`ours / its: one ${gain(peerAlone, alone)}; ${STREAMS} at once ${gain(peerCrowd, crowd)}`);
}
console.log(
  `a client that leaves frees its turn in ${median(measured.leave).toFixed(0)} ms, at most ${Math.max(...measured.leave).toFixed(0)} (bar 200)`,
);
console.log(`an idle connection of ${IDLE}, both ends in this process: ${idle.toFixed(1)} KiB`);
await server.close(0);
bare.close();
await model.close();
