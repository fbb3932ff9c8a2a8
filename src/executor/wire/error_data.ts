import { ExecutorError } from "../../errors.ts";
import { canClone } from "./cloneable.ts";
import { baseOf, isBuiltIn, isErrorLike, makeError } from "./error_classes.ts";
import type { Reason } from "./protocol.ts";
import type { ErrorData } from "../types.ts";

/** How many characters of a thrown value a message shows. */
const MAX_SHOWN = 80;
/** Causes deeper than this are cut off. */
const MAX_DEPTH = 16;

/** Members that have their own field in `ErrorData`. */
const NAMED: ReadonlySet<string> = new Set([
  "name",
  "message",
  "stack",
  "code",
  "data",
  "field",
  "cause",
]);

/**
 * Turns a thrown value into plain data that can be cloned: class, message, stack, `code`, `data`, `field`, own members,
 * the chain of causes and the members of an `AggregateError`. Leaves out parts that cannot be cloned.
 */
export function errorToData(error: unknown): ErrorData {
  return toData(error, 0, new Map());
}

/** Rebuilds an error whose class the executor does not know. */
export type Revive = (data: ErrorData) => Error | undefined;

/**
 * Rebuilds an error from its data. Classes of `errors.ts`, built-in classes and `DOMException` keep their class. Others
 * are made by `revive`, or become the nearest built-in class with their own name. A thrown value that was not an error
 * becomes the `cause` of an `ExecutorError` with the code `THROWN_VALUE`.
 */
export function dataToError(data: ErrorData, revive?: Revive): Error {
  return fromData(data, revive, new Map());
}

/** Encodes an abort's reason or a cause: an error as data, any other value as it is. */
export function valueToReason(value: unknown): Reason {
  return toReason(value, 0, new Map());
}

/** The reverse of {@link valueToReason}. */
export function reasonToValue(reason: Reason): unknown {
  return fromReason(reason, undefined, new Map());
}

/** Adds the stack of the side that asked for the task to an error that came back from the side that ran it. */
export function addCallerStack(error: Error, origin: Error): void {
  // `Error.prepareStackTrace` of others may throw, or give no text.
  const frames = text(read(origin, "stack"), "").split("\n")
    .filter((line) => /^\s+at |@/.test(line)).slice(1);
  if (frames.length === 0) return;
  const own = read(error, "stack") ?? `${error.name}: ${error.message}`;
  define(
    error,
    "stack",
    `${own}\n    -- task started --\n${frames.join("\n")}`,
  );
}

/** The data of errors already visited; `undefined` while one is still being read. */
type Met = Map<object, ErrorData | undefined>;

/** An error that occurs twice is a single one again on the other side. */
function toData(error: unknown, depth: number, met: Met): ErrorData {
  if (!isError(error)) return thrownToData(error);
  const known = met.get(error);
  if (known) return known;
  // A cycle ends here.
  if (met.has(error)) return readError(error, MAX_DEPTH, met);
  met.set(error, undefined);
  const data = readError(error, depth, met);
  met.set(error, data);
  return data;
}

function readError(error: object, depth: number, met: Met): ErrorData {
  const name = text(read(error, "name"), "Error");
  const base = attempt(() => baseOf(error, name)) ?? "Error";
  const data: ErrorData = {
    name,
    message: withoutCode(
      text(read(error, "message"), ""),
      // Shorter URLs are the caller's own code.
      /data:text\/javascript[^\s:]{1000,}/g,
    ),
    base,
  };
  data.stack = withoutCode(
    text(read(error, "stack"), `${name}: ${data.message}`),
    /data:text\/javascript[^\s:]*/g,
  );
  const className = text(attempt(() => error.constructor?.name), name);
  if (isBuiltIn(base) && className !== name && className !== base) {
    data.className = className;
  }
  for (const key of ["code", "data", "field"] as const) {
    if (base === "DOMException") break;
    const value = read(error, key);
    if (value !== undefined && canClone(value)) data[key] = value;
  }
  if (depth < MAX_DEPTH) addRelated(data, error, depth + 1, met);
  addMembers(data, error, depth + 1, met);
  return data;
}

function addRelated(
  data: ErrorData,
  error: object,
  depth: number,
  met: Met,
): void {
  const cause = read(error, "cause");
  if (cause !== undefined) {
    const reason = toReason(cause, depth, met);
    if ("error" in reason || reason.value !== undefined) data.cause = reason;
  }
  const errors = read(error, "errors");
  if (attempt(() => Array.isArray(errors))) {
    data.errors = (errors as unknown[])
      .map((member) => toData(member, depth, met));
  }
}

function addMembers(
  data: ErrorData,
  error: object,
  depth: number,
  met: Met,
): void {
  const hidden = data.base === "SuppressedError" ? ["error", "suppressed"] : [];
  for (const key of [...attempt(() => Object.keys(error)) ?? [], ...hidden]) {
    // `errors` that are no list are a member like any other.
    if (NAMED.has(key) || (key === "errors" && data.errors)) continue;
    const value = read(error, key);
    if (value === undefined) continue;
    if (isError(value)) {
      if (depth > MAX_DEPTH) continue;
      keep(data.related ??= {}, key, toData(value, depth, met));
    } else if (canClone(value)) keep(data.members ??= {}, key, value);
  }
}

/** Sets a member, even one named `__proto__`. */
function keep(members: object, key: string, value: unknown): void {
  Object.defineProperty(members, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function toReason(value: unknown, depth: number, met: Met): Reason {
  if (isError(value)) return { error: toData(value, depth, met) };
  return { value: canClone(value) ? value : undefined };
}

function thrownToData(value: unknown): ErrorData {
  const name = value === null ? "null" : typeof value;
  const data: ErrorData = { name, message: describe(value) };
  data.thrown = canClone(value) ? value : undefined;
  return data;
}

function thrownValue(data: ErrorData): Error {
  return new ExecutorError(
    "THROWN_VALUE",
    `the handler threw a value that is not an error: ${data.message}`,
    { data: data.thrown, cause: data.thrown },
  );
}

/** The errors rebuilt so far. */
type Rebuilt = Map<ErrorData, Error>;

function fromData(
  data: ErrorData,
  revive: Revive | undefined,
  rebuilt: Rebuilt,
): Error {
  if ("thrown" in data) return thrownValue(data);
  const known = rebuilt.get(data);
  if (known) return known;
  const members = data.errors
    ?.map((member) => fromMember(member, revive, rebuilt));
  const error = build(data, revive, members);
  rebuilt.set(data, error);
  define(error, "message", data.message);
  define(error, "name", data.name);
  if (data.stack !== undefined) define(error, "stack", data.stack);
  if (data.cause !== undefined && !read(error, "cause")) {
    define(error, "cause", fromReason(data.cause, revive, rebuilt));
  }
  // Not only an AggregateError may have them.
  if (members && !read(error, "errors")) assign(error, "errors", members);
  for (const key of ["code", "data", "field"] as const) {
    if (data[key] !== undefined) assign(error, key, data[key]);
  }
  for (const [key, value] of Object.entries(data.members ?? {})) {
    assign(error, key, value);
  }
  for (const [key, inner] of Object.entries(data.related ?? {})) {
    assign(error, key, fromData(inner, revive, rebuilt));
  }
  return error;
}

function fromReason(
  reason: Reason,
  revive: Revive | undefined,
  rebuilt: Rebuilt,
): unknown {
  return "error" in reason
    ? fromData(reason.error, revive, rebuilt)
    : reason.value;
}

/** Restores a value that was not an error, unless it could not be cloned. */
function fromMember(
  data: ErrorData,
  revive: Revive | undefined,
  rebuilt: Rebuilt,
): unknown {
  const { thrown, name } = data;
  const isValue = thrown !== undefined || name === "undefined";
  return isValue ? thrown : fromData(data, revive, rebuilt);
}

function build(
  data: ErrorData,
  revive: Revive | undefined,
  members: unknown[] | undefined,
): Error {
  const { base = "Error" } = data;
  if (revive && (data.className !== undefined || data.name !== base)) {
    // An error thrown by `revive` must not hide the original one.
    const revived = attempt(() => revive(data));
    if (isError(revived)) return revived as Error;
  }
  return makeError(data, members);
}

/**
 * Removes a worker's code from a text. A worker started from a `data:` URL has its whole code in every stack frame, and
 * on Node in the message about a module that it cannot import.
 */
function withoutCode(text: string, url: RegExp): string {
  return text.replace(url, "worker");
}

function describe(value: unknown): string {
  try {
    if (typeof value === "function") return `a function ${value.name}`.trim();
    const isJson = typeof value === "string" ||
      typeof value === "object" && value !== null;
    const shown = isJson ? startOfJson(value) : String(value);
    return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
  } catch {
    return `a value of type ${typeof value}`;
  }
}

/** The beginning of a value as JSON: a thrown value may hold megabytes. */
function startOfJson(value: unknown): string {
  let parts = 0;
  return JSON.stringify(value, (_, part: unknown) => {
    // Each item takes at least one character.
    if (++parts > MAX_SHOWN) return 0;
    if (typeof part === "string") return part.slice(0, MAX_SHOWN);
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.slice(0, MAX_SHOWN);
    const members: { [name: string]: unknown } = {};
    let count = 0;
    for (const name in part) {
      if (!Object.hasOwn(part, name)) continue;
      if (++count > MAX_SHOWN) break;
      keep(members, name, (part as typeof members)[name]);
    }
    return members;
  });
}

/** Reads a member of an error of unknown origin. */
function read(error: object, key: string): unknown {
  return attempt(() => (error as { [key: string]: unknown })[key]);
}

function isError(value: unknown): value is object {
  return attempt(() => isErrorLike(value)) === true;
}

/** Reads an object of unknown origin, whose getters and traps may throw. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function text(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function define(error: Error, key: string, value: unknown): void {
  set(error, key, value, false);
}

function assign(error: Error, key: string, value: unknown): void {
  set(error, key, value, true);
}

/** Sets a member if the error allows it: an error without the member is better than none. */
function set(
  error: Error,
  key: string,
  value: unknown,
  enumerable: boolean,
): void {
  // Reading a stack formats it first, which takes 0.1 ms on Deno.
  if (key !== "stack" && read(error, key) === value) return;
  attempt(() =>
    Reflect.defineProperty(error, key, {
      value,
      configurable: true,
      enumerable,
      writable: true,
    })
  );
}
