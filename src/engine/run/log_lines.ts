import type { PlacesOf } from "../functions/thrown.ts";
import type { EngineLimits } from "../limits/limits.ts";
import { hostTimeMs } from "./clock_methods.ts";
import { inspectValue } from "./inspect_value.ts";

/** Methods of a console and the levels that they write at. */
const levels: { [method: string]: string } = {
  debug: "DEBUG",
  error: "ERROR",
  info: "INFO",
  log: "LOG",
  warn: "WARN",
};

type Method = (...args: unknown[]) => unknown;
type Limits = Pick<EngineLimits, "logLines" | "logLineLength">;

/** Receives the lines that a function writes to its console. */
export interface LogSink {
  /** Its lines. */
  readonly lines: string[];
  /** Limits of their number and length. */
  readonly limits: Limits;
  /** When its timers were started, in ms, by their labels. */
  readonly timers: Map<string, number>;
  /** Finds where in the functions something was called. Default: traces have no positions. */
  readonly placesOf?: PlacesOf | undefined;
  /** Calls the host's console as code outside of functions: it may read clocks that they may not. */
  outside(body: () => unknown): unknown;
}

/** Methods that do more than write their arguments. */
const telling: { [method: string]: (sink: LogSink, args: unknown[]) => void } =
  {
    time(sink, [label]) {
      const name = labelOf(label);
      if (sink.timers.has(name)) {
        addLine(sink, "WARN", `Timer '${name}' already exists`);
      } else {
        sink.timers.set(name, hostTimeMs());
      }
    },
    trace(sink, args) {
      const lines = sink.placesOf?.(String(new Error().stack)) ?? [];
      // Followed by an empty line, as on Convex.
      const places = lines.length > 0 ? [["", ...lines, ""].join("\n")] : [];
      addLine(sink, "LOG", [textOf(args), ...places].join(" "));
    },
    timeLog: (sink, [label, ...args]) => tellTime(sink, labelOf(label), args),
    timeEnd(sink, [label]) {
      tellTime(sink, labelOf(label), []);
      sink.timers.delete(labelOf(label));
    },
  };

/**
 * A console that also records the lines of the function that writes them; for other code it behaves like `outer`.
 *
 * @param sinkHere Returns the sink of the function that the calling code is part of, if any.
 */
export function capturingConsole(
  outer: object,
  sinkHere: () => LogSink | undefined,
): object {
  // Not a proxy of `outer` itself: properties defined on the stand-in must not appear there. Assigned ones must.
  return new Proxy(Object.create(outer) as object, {
    set: (_target, key, value) => Reflect.set(outer, key, value),
    get(target, key) {
      const method = Reflect.get(target, key);
      const write = typeof key === "string" ? writerOf(key) : undefined;
      const sink = write && sinkHere();
      if (!sink || typeof method !== "function") return method;
      return (...args: unknown[]) => {
        write(sink, args);
        return sink.outside(() => (method as Method).apply(outer, args));
      };
    },
  });
}

function writerOf(
  method: string,
): ((sink: LogSink, args: unknown[]) => void) | undefined {
  if (Object.hasOwn(telling, method)) return telling[method];
  if (!Object.hasOwn(levels, method)) return undefined;
  return (sink, args) => addLine(sink, levels[method]!, textOf(args));
}

function tellTime(sink: LogSink, name: string, args: unknown[]): void {
  const started = sink.timers.get(name);
  if (started === undefined) {
    return addLine(sink, "WARN", `Timer '${name}' does not exist`);
  }
  const text = `${name}: ${Math.trunc(hostTimeMs() - started)}ms`;
  addLine(sink, "INFO", [text, ...args.map(inspectValue)].join(" "));
}

function labelOf(label: unknown): string {
  return label === undefined ? "default" : String(label);
}

function textOf(args: readonly unknown[]): string {
  return args.map(inspectValue).join(" ");
}

/** Adds a line. The last one allowed says that the rest is omitted. */
function addLine(
  { lines, limits: { logLines, logLineLength } }: LogSink,
  level: string,
  text: string,
): void {
  if (lines.length < logLines - 1) {
    lines.push(`[${level}] ${cut(text, logLineLength)}`);
  } else if (lines.length === logLines - 1) {
    lines.push(
      `[ERROR] Log overflow (maximum ${logLines}). Remaining log lines omitted.`,
    );
  }
}

/** Cuts a text to `bytes` bytes of UTF-8 and marks it if it was longer. */
function cut(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  const into = new Uint8Array(bytes);
  const { read } = new TextEncoder().encodeInto(text, into);
  return read === text.length
    ? text
    : `${text.slice(0, read)} (truncated due to length)`;
}
