// Requests over several servers, some of them bad, beside each good one alone: `node perf/endpoints.mjs [SECONDS_EACH]`. The servers are local and their
// answers cost time, not work (a place for CAPACITY requests, MILLISECONDS each), so that the figure is the pool's and not the machine's.
import { createServer } from "node:http";
import { loadavg } from "node:os";
import { openEndpoints } from "../dist/engine/index.js";

const SECONDS = Number(process.argv[2] ?? 25);

/** A server with so many places; `refuses` answers 429 when they are taken, else requests queue. */
async function start({ name, capacity, milliseconds, refuses = false, garbage = false }) {
  let active = 0;
  let dead = false;
  const queue = [];
  const next = () => {
    while (active < capacity && queue.length > 0) {
      active++;
      const response = queue.shift();
      setTimeout(() => {
        active--;
        const event = { choices: [{ text: "yes", finish_reason: "stop" }] };
        const usage = { choices: [], usage: { prompt_tokens: 10, completion_tokens: 1 } };
        response.end(`data: ${JSON.stringify(event)}\n\ndata: ${JSON.stringify(usage)}\n\ndata: [DONE]\n\n`);
        next();
      }, milliseconds);
    }
  };
  const server = createServer((request, response) => {
    if (dead) return void request.socket.destroy();
    request.resume();
    if (request.url === "/v1/models") return void response.end(JSON.stringify({ data: [{ id: "m" }] }));
    if (garbage) return void response.end("<html>");
    if (refuses && active >= capacity) {
      response.writeHead(429, { "retry-after-ms": "50" });
      return void response.end("{}");
    }
    queue.push(response);
    next();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    name,
    url: `http://127.0.0.1:${server.address().port}/v1`,
    set dead(value) {
      dead = value;
      if (value) server.closeAllConnections();
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Requests a second over `seconds`, `width` at once; the first fifth is for the limits to rise and is not counted. */
async function rate(model, width, seconds) {
  const began = performance.now();
  const from = began + 200 * seconds;
  const until = began + 1000 * seconds;
  let counted = 0;
  const ask = async () => {
    while (performance.now() < until) {
      for await (const _chunk of model.generate({ input: { prompt: "a" }, maxTokens: 1 }));
      const now = performance.now();
      if (now >= from && now <= until) counted++;
    }
  };
  await Promise.all(Array.from({ length: width }, ask));
  return counted / (0.8 * seconds);
}

const good = [
  await start({ name: "fast", capacity: 8, milliseconds: 500 }),
  await start({ name: "fast too", capacity: 8, milliseconds: 500 }),
  await start({ name: "slow", capacity: 4, milliseconds: 4000 }),
  await start({ name: "refuses more than 4", capacity: 4, milliseconds: 500, refuses: true }),
];
const bad = [
  await start({ name: "garbage", capacity: 8, milliseconds: 10, garbage: true }),
  await start({ name: "dead from the middle on", capacity: 8, milliseconds: 500 }),
];
let sum = 0;
for (const server of good) {
  const model = await openEndpoints({ kind: "urls", urls: [server.url] }, "m");
  const alone = await rate(model, 64, SECONDS);
  await model.close();
  sum += alone;
  console.log(`${server.name.padEnd(24)} ${alone.toFixed(1)} requests/s alone`);
}
for (const servers of [good, [...good, ...bad]]) {
  const model = await openEndpoints({ kind: "urls", urls: servers.map(({ url }) => url) }, "m");
  const dying = setTimeout(() => {
    bad[1].dead = true;
  }, 100 * SECONDS);
  if (servers === good) clearTimeout(dying);
  const together = await rate(model, 64 * servers.length, SECONDS);
  console.log(
    `${servers.length} servers together     ${together.toFixed(1)} requests/s, ${(together / sum).toFixed(2)} of the sum ${sum.toFixed(1)} of the good ones`,
  );
  for (const [i, { requests, failures, busy, outages, concurrency }] of model.endpoints().entries())
    console.log(
      `  ${servers[i].name.padEnd(24)} ${requests} answered, ${failures} failed, ${busy} busy, out ${outages} times, at once ${concurrency}`,
    );
  await model.close();
}
console.log(`load ${loadavg()[0].toFixed(1)}`);
for (const server of [...good, ...bad]) server.stop();
