/** The only file that writes to the console. */
// deno-lint-ignore-file no-console
import type { Logger } from "./types/config.ts";

/** Writes warnings and errors to the console; keeps `debug` and `info` to itself. */
export const consoleLogger: Logger = {
  debug: () => {},
  info: () => {},
  warn: (...said) => console.warn(...said),
  error: (...said) => console.error(...said),
};
