// What the server counts, in Prometheus's text format; names follow vLLM's with another prefix, so that its dashboards fit.
// Numbers and names of models only: nothing of any prompt.
// Format: https://prometheus.io/docs/instrumenting/exposition_formats/

const PREFIX = "apollo:";
/** Upper bounds in seconds, vLLM's. */
const FIRST_TOKEN_BUCKETS = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640,
];
const TOKEN_BUCKETS = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
];
const REQUEST_BUCKETS = [
  0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680,
];

type Labels = Readonly<Record<string, string>>;

/** Follows one request on a model. */
export interface RequestRecord {
  /** Its turn has come. */
  started(): void;
  /** A piece of an answer came. */
  token(): void;
  answered(reason: string): void;
  counted(promptTokens: number, completionTokens: number): void;
  /** It is over, however it ended; later calls do nothing. */
  ended(): void;
}

/** What a model says of itself when it is asked. */
export interface ModelGauges {
  readonly model: string;
  readonly running: number;
  readonly waiting: number;
  readonly loaded: boolean;
  /** Prompt tokens so far, and those of them that a cache held. */
  readonly prefix: { readonly queries: number; readonly hits: number } | undefined;
}

/** Counters of one server. */
export interface Metrics {
  begin(model: string): RequestRecord;
  /** An HTTP request was answered; `handler` is a route, never a path that a client made up. */
  http(handler: string, method: string, status: number, seconds: number): void;
  render(models: readonly ModelGauges[]): string;
}

interface Histogram {
  readonly labels: Labels;
  readonly counts: number[];
  sum: number;
}

/** Makes counters that stand at zero. */
export function createMetrics(): Metrics {
  const counters = new Map<string, Map<string, { labels: Labels; value: number }>>();
  const histograms = new Map<string, { buckets: readonly number[]; series: Map<string, Histogram> }>();

  function add(name: string, labels: Labels, amount: number): void {
    const series = getOrMake(counters, name, () => new Map<string, { labels: Labels; value: number }>());
    getOrMake(series, labelText(labels), () => ({ labels, value: 0 })).value += amount;
  }

  function observe(name: string, buckets: readonly number[], labels: Labels, seconds: number): void {
    const { series } = getOrMake(histograms, name, () => ({ buckets, series: new Map<string, Histogram>() }));
    const histogram = getOrMake(series, labelText(labels), () => ({
      labels,
      counts: new Array<number>(buckets.length + 1).fill(0),
      sum: 0,
    }));
    const place = buckets.findIndex((bound) => seconds <= bound);
    histogram.counts[place < 0 ? buckets.length : place]! += 1;
    histogram.sum += seconds;
  }

  return {
    begin(model) {
      const labels = { model_name: model };
      const begun = performance.now();
      const since = (from: number): number => (performance.now() - from) / 1000;
      let last: number | undefined;
      let over = false;
      return {
        started: () => observe("request_queue_time_seconds", REQUEST_BUCKETS, labels, since(begun)),
        token() {
          const name = last === undefined ? "time_to_first_token_seconds" : "inter_token_latency_seconds";
          const buckets = last === undefined ? FIRST_TOKEN_BUCKETS : TOKEN_BUCKETS;
          observe(name, buckets, labels, since(last ?? begun));
          last = performance.now();
        },
        answered: (reason) => add("request_success_total", { ...labels, finished_reason: reason }, 1),
        counted(promptTokens, completionTokens) {
          add("prompt_tokens_total", labels, promptTokens);
          add("generation_tokens_total", labels, completionTokens);
        },
        ended() {
          if (over) return;
          over = true;
          observe("e2e_request_latency_seconds", REQUEST_BUCKETS, labels, since(begun));
        },
      };
    },
    http(handler, method, status, seconds) {
      const labels = { handler, method };
      add("http_requests_total", { ...labels, status: String(status) }, 1);
      observe("http_request_duration_seconds", REQUEST_BUCKETS, labels, seconds);
    },
    render(models) {
      const lines: string[] = [];
      const head = (name: string, type: string): string => {
        const full = name.startsWith("http_") ? name : `${PREFIX}${name}`;
        lines.push(`# HELP ${full} ${HELP[name] ?? name}`, `# TYPE ${full} ${type}`);
        return full;
      };
      const gauge = (name: string, type: string, value: (model: ModelGauges) => number | undefined): void => {
        const full = head(name, type);
        for (const model of models) {
          const found = value(model);
          if (found !== undefined) lines.push(`${full}${labelText({ model_name: model.model })} ${found}`);
        }
      };
      gauge("num_requests_running", "gauge", ({ running }) => running);
      gauge("num_requests_waiting", "gauge", ({ waiting }) => waiting);
      gauge("model_loaded", "gauge", ({ loaded }) => Number(loaded));
      gauge("prefix_cache_queries_total", "counter", ({ prefix }) => prefix?.queries);
      gauge("prefix_cache_hits_total", "counter", ({ prefix }) => prefix?.hits);
      for (const [name, series] of counters) {
        const full = head(name, "counter");
        for (const { labels, value } of series.values()) lines.push(`${full}${labelText(labels)} ${value}`);
      }
      for (const [name, { buckets, series }] of histograms) {
        const full = head(name, "histogram");
        for (const { labels, counts, sum } of series.values()) {
          let total = 0;
          counts.forEach((count, i) => {
            total += count;
            lines.push(
              `${full}_bucket${labelText({ ...labels, le: String(buckets[i] ?? "+Inf") })} ${total}`,
            );
          });
          lines.push(`${full}_sum${labelText(labels)} ${sum}`, `${full}_count${labelText(labels)} ${total}`);
        }
      }
      return `${lines.join("\n")}\n`;
    },
  };
}

const HELP: Readonly<Record<string, string>> = {
  num_requests_running: "Requests that a model works on.",
  num_requests_waiting: "Requests that wait for their turn.",
  model_loaded: "1 while the model is in memory.",
  prefix_cache_queries_total: "Prompt tokens since the model was loaded.",
  prefix_cache_hits_total: "Prompt tokens that the cache of an earlier prompt held.",
  prompt_tokens_total: "Prompt tokens of answered requests.",
  generation_tokens_total: "Tokens generated for answered requests.",
  request_success_total: "Finished answers by the reason they ended.",
  time_to_first_token_seconds: "From a request's arrival to the first piece of its answer.",
  inter_token_latency_seconds: "Between two pieces of a request's answers.",
  e2e_request_latency_seconds: "From a request's arrival to its end.",
  request_queue_time_seconds: "From a request's arrival to its turn.",
  http_requests_total: "HTTP requests by route, method and status.",
  http_request_duration_seconds: "Until the answer's headers were ready.",
};

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function labelText(labels: Labels): string {
  const escaped = (value: string): string =>
    value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(",")}}`;
}
