// Progress on standard error: a bar with rate and time left on a terminal, plain lines elsewhere, nothing for short work.
import cliProgress from "cli-progress";

/** Progress of one stage. */
export interface Progress {
  /** Sets how much is done, with an optional word beside it (a loss, a file name). */
  update(done: number, note?: string): void;
  /** Ends the bar. */
  finish(note?: string): void;
}

/** How a room asks for progress; handed in by whoever runs the room. */
export type ProgressFactory = (
  label: string,
  total: number,
  unit: string,
  /** What was done before: the rate and the time left are those of the rest. Default 0. */
  from?: number,
) => Progress;

/** Shows nothing. */
export const silentProgress: ProgressFactory = () => ({ update() {}, finish() {} });

/** Work shorter than this shows no bar. */
const QUIET_MILLISECONDS = 2000;
/** Plain lines come at most this often. */
const LINE_MILLISECONDS = 10_000;

/** What shows progress to a person. */
export interface ProgressDisplay {
  readonly start: ProgressFactory;
  /**
   * Ends whatever is shown, as it stands, and shows nothing from now on. To be called in any case: an open bar hides the
   * cursor and keeps the process alive.
   */
  close(): void;
}

/** Progress for a person: a bar when `stream` is a terminal, else a line every ten seconds. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): ProgressDisplay {
  const open = new Set<() => void>();
  let closed = false;
  const start = stream.isTTY ? barProgress(stream, open) : lineProgress(stream);
  return {
    start: (label, total, unit, from) => {
      const bar = start(label, total, unit, from);
      return {
        update: (done, note) => closed || bar.update(done, note),
        finish: (note) => closed || bar.finish(note),
      };
    },
    close() {
      closed = true;
      for (const stop of open) stop();
      open.clear();
    },
  };
}

function barProgress(stream: NodeJS.WriteStream, open: Set<() => void>): ProgressFactory {
  return (label, total, unit, from = 0) => {
    const started = performance.now();
    let bar: cliProgress.SingleBar | undefined;
    const stop = (): void => bar?.stop();
    const show = (done: number, note: string): void => {
      const seconds = (performance.now() - started) / 1000;
      const rate = seconds > 0 ? formatRate((done - from) / seconds) : "";
      const left = formatTime((seconds * (total - done)) / Math.max(done - from, 1e-9));
      if (bar === undefined) {
        if (seconds * 1000 < QUIET_MILLISECONDS) return;
        bar = new cliProgress.SingleBar({
          format: "{label} {bar} {percentage}% | {value}/{total} {unit} | {rate}/s | {left} left {note}",
          barsize: 24,
          hideCursor: true,
          stream,
        });
        bar.start(total, done, { label, unit, rate, left, note });
        open.add(stop);
      } else {
        bar.update(done, { rate, left, note });
      }
    };
    return {
      update: (done, note = "") => show(done, note),
      finish(note = "") {
        bar?.update(total, { note });
        stop();
        open.delete(stop);
      },
    };
  };
}

function lineProgress(stream: NodeJS.WriteStream): ProgressFactory {
  return (label, total, unit, from = 0) => {
    const started = performance.now();
    let last = started;
    let shown = false;
    let lastDone = -1;
    const line = (done: number, note: string, now: number): void => {
      const seconds = (now - started) / 1000;
      const left = done > from ? Math.max(0, (seconds * (total - done)) / (done - from)) : 0;
      stream.write(
        `${label}: ${done}/${total} ${unit} (${formatRate((done - from) / seconds)}/s, ${left.toFixed(0)} s left)${note === "" ? "" : ` ${note}`}\n`,
      );
      last = now;
      lastDone = done;
      shown = true;
    };
    return {
      update(done, note = "") {
        const now = performance.now();
        if (now - last >= (shown ? LINE_MILLISECONDS : QUIET_MILLISECONDS)) line(done, note, now);
      },
      finish(note = "") {
        if (shown && lastDone !== total) line(total, note, performance.now());
      },
    };
  };
}

/** As much as helps: seconds below a minute, then minutes, then hours. */
function formatTime(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function formatRate(rate: number): string {
  if (!Number.isFinite(rate)) return "0";
  return rate >= 1000 ? `${(rate / 1000).toFixed(1)}k` : rate >= 10 ? rate.toFixed(0) : rate.toFixed(1);
}
