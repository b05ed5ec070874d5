#!/usr/bin/env node
// The `apollo` command: this process's words, streams and Ctrl-C.
import { createProgress, UserError } from "../core/index.ts";
import { runWords } from "./run-words.ts";

const progress = createProgress();
const controller = new AbortController();
// The second Ctrl-C ends the process.
process.once("SIGINT", () => {
  progress.close();
  controller.abort(
    new UserError("interrupted", "interrupted", { remedy: "Run the same command again to go on." }),
  );
});

// A reader that goes away (`| head`) ends this process as SIGPIPE would; every stage may end at any moment.
const SIGPIPE_CODE = 141;
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(SIGPIPE_CODE);
});

process.exitCode = await runWords(process.argv.slice(2), {
  // Both wait in the stream: the process ends by itself when all is handed to the system.
  out: (line) => console.log(line),
  err: (line) => console.error(line),
  progress,
  signal: controller.signal,
});
