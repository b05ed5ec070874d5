// The built rooms, for tests across them: these are compiled beside `dist`, not into it.

/** A module of `dist`; its types are those of the source: `load<typeof import("../src/core/index.ts")>("core/index.js")`. */
export function load<T>(path: string): Promise<T> {
  return import(new URL(`../dist/${path}`, import.meta.url).href) as Promise<T>;
}
