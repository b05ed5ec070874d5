export { type App, type AppOptions, createApp, type LogEntry } from "./app.ts";
export { type ExamResults, type ExamScore, readExamResults } from "./exam.ts";
export { isLoopback } from "./guards.ts";
export type { LazyModel } from "./loader.ts";
export { type RunningServer, type ServerOptions, startServer } from "./server.ts";
