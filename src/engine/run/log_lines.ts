import type { EngineLimits } from "../limits/limits.ts";

/** Methods of a console and the levels that they write at. */
const levels: { [method: string]: string } = {
  debug: "DEBUG",
  error: "ERROR",
  info: "INFO",
  log: "LOG",
  trace: "LOG",
  warn: "WARN",
};
/** Levels of nesting that are written out. */
const MAX_DEPTH = 5;

type Method = (...args: unknown[]) => unknown;
type Limits = Pick<EngineLimits, "logLines" | "logLineLength">;

/**
 * A console whose lines are also given to the function that writes them; to everybody else it is `outer` itself.
 *
 * @param linesHere The lines of the function that the calling code is part of, and how many there may be.
 */
export function capturingConsole(
  outer: object,
  linesHere: () => { lines: string[]; limits: Limits } | undefined,
): object {
  // Not over `outer` itself: what is defined on the stand-in must not be seen there. What is assigned must.
  return new Proxy(Object.create(outer) as object, {
    set: (_target, key, value) => Reflect.set(outer, key, value),
    get(target, key) {
      const method = Reflect.get(target, key);
      const level = typeof key === "string" && Object.hasOwn(levels, key)
        ? levels[key]
        : undefined;
      const here = level === undefined ? undefined : linesHere();
      if (!here || typeof method !== "function") return method;
      return (...args: unknown[]) => {
        addLine(here.lines, here.limits, level!, args);
        return (method as Method).apply(outer, args);
      };
    },
  });
}

function addLine(
  lines: string[],
  { logLines, logLineLength }: Limits,
  level: string,
  args: unknown[],
): void {
  if (lines.length > logLines) return;
  if (lines.length === logLines) {
    lines.push(
      `[ERROR] 'Log overflow (maximum ${logLines}). Remaining log lines omitted.'`,
    );
    return;
  }
  const text = args.map((arg) => inspect(arg)).join(" ");
  const cut = text.length > logLineLength
    ? `${text.slice(0, logLineLength)} (truncated due to length)`
    : text;
  lines.push(`[${level}] ${cut}`);
}

/** A value as Convex writes it to a log: strings in single quotes, the rest much as its source would be. */
function inspect(value: unknown, seen: readonly object[] = []): string {
  switch (typeof value) {
    case "string":
      return quoted(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return `[Function${value.name ? `: ${value.name}` : " (anonymous)"}]`;
    case "object":
      return value === null ? "null" : inspectObject(value, seen);
    default:
      return String(value);
  }
}

function inspectObject(value: object, around: readonly object[]): string {
  if (around.includes(value)) return "[Circular]";
  if (around.length > MAX_DEPTH) {
    return Array.isArray(value) ? "[Array]" : "[Object]";
  }
  const seen = [...around, value];
  const list = (items: Iterable<unknown>) =>
    Array.from(items, (item) => inspect(item, seen)).join(", ");
  try {
    if (value instanceof Error) return value.stack ?? `[${value}]`;
    if (value instanceof Date) return String(value);
    if (value instanceof RegExp) return String(value);
    if (value instanceof Map) {
      const pairs = Array.from(
        value,
        ([key, item]) => `${inspect(key, seen)} => ${inspect(item, seen)}`,
      );
      return `Map (${value.size}) {${pairs.join(", ")}}`;
    }
    if (value instanceof Set) return `Set (${value.size}) {${list(value)}}`;
    if (Array.isArray(value)) {
      return value.length === 0 ? "[]" : `[ ${list(value)} ]`;
    }
    const members = Object.entries(value).map(([name, member]) =>
      `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name)}: ${
        inspect(member, seen)
      }`
    );
    const className = value.constructor?.name;
    const prefix = className && className !== "Object" ? `${className} ` : "";
    return members.length === 0
      ? `${prefix}{}`
      : `${prefix}{ ${members.join(", ")} }`;
  } catch {
    // A getter or a proxy that throws must not fail the function that logs it.
    return "[Object]";
  }
}

function quoted(text: string): string {
  const escaped = text.replace(/['\\]/g, "\\$&").replace(
    // deno-lint-ignore no-control-regex -- these are what it is about
    /[\x00-\x1f]/g,
    (unit) =>
      ({ "\n": "\\n", "\r": "\\r", "\t": "\\t" })[unit] ??
        `\\x${unit.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `'${escaped}'`;
}
