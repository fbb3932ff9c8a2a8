import {
  AgentCascadeDeletionError,
  AgentValidationError,
  AuthValidationError,
  CascadeDeletionError,
  ClientError,
  ClosedError,
  ConfigError,
  ConnectionError,
  ConversationValidationError,
  ConvexError,
  CortexError,
  EngineError,
  ExecutorError,
  FactsValidationError,
  FunctionError,
  ImmutableValidationError,
  isConvexError,
  isCortexError,
  isValidationError,
  MemorySpaceValidationError,
  MemoryValidationError,
  MutableValidationError,
  OverloadedError,
  ProtocolError,
  RateLimitedError,
  StoreError,
  TimeoutError,
  UserValidationError,
  ValidationError,
  ValueError,
  VectorValidationError,
  WorkerLostError,
} from "../errors.ts";
import { canClone } from "./cloneable.ts";
import type { Reason } from "./protocol.ts";
import type { ErrorData } from "./types.ts";

/** Causes deeper than this are cut off; also what ends a chain that bites its own tail. */
const MAX_DEPTH = 16;

/** Every class of `errors.ts`: by name, as a namespace would keep all of that module in every bundle. */
const OURS: { readonly [name: string]: unknown } = {
  AgentCascadeDeletionError,
  AgentValidationError,
  AuthValidationError,
  CascadeDeletionError,
  ClientError,
  ClosedError,
  ConfigError,
  ConnectionError,
  ConversationValidationError,
  ConvexError,
  CortexError,
  EngineError,
  ExecutorError,
  FactsValidationError,
  FunctionError,
  ImmutableValidationError,
  MemorySpaceValidationError,
  MemoryValidationError,
  MutableValidationError,
  OverloadedError,
  ProtocolError,
  RateLimitedError,
  StoreError,
  TimeoutError,
  UserValidationError,
  ValidationError,
  ValueError,
  VectorValidationError,
  WorkerLostError,
};

const BUILT_IN: { readonly [name: string]: ErrorConstructor } = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};
/** Members that `ErrorData` carries under a name of its own. */
const NAMED: ReadonlySet<string> = new Set([
  "name",
  "message",
  "stack",
  "code",
  "data",
  "field",
  "cause",
  "errors",
]);

/**
 * Turns whatever was thrown into plain data that can be cloned: class, message, stack, `code`, `data`, `field`, own
 * members, the chain of causes and the members of an `AggregateError`. Parts that cannot be cloned are left out.
 */
export function errorToData(error: unknown): ErrorData {
  return toData(error, 0);
}

/**
 * Rebuilds an error from its data: classes of this module, built-in classes and `DOMException` as themselves; any
 * other by `revive`, or else as its nearest built-in class under its own name. A thrown value that was no error
 * becomes an `ExecutorError` with the code `THROWN_VALUE` that holds it as its `cause`.
 */
export function dataToError(
  data: ErrorData,
  revive?: (data: ErrorData) => Error | undefined,
): Error {
  if ("thrown" in data) return thrownValue(data);
  const error = build(data, revive);
  define(error, "message", data.message);
  if (error.name !== data.name) define(error, "name", data.name);
  if (data.stack !== undefined) define(error, "stack", data.stack);
  if (data.cause !== undefined && !("cause" in error && error.cause)) {
    define(error, "cause", reasonToValue(data.cause, revive));
  }
  for (const key of ["code", "data", "field"] as const) {
    if (data[key] !== undefined) assign(error, key, data[key]);
  }
  for (const [key, value] of Object.entries(data.members ?? {})) {
    assign(error, key, value);
  }
  return error;
}

/** An error as data, any other value as it is: what an abort's reason or a cause crosses as. */
export function valueToReason(value: unknown): Reason {
  return toReason(value, 0);
}

/** The reverse of {@link valueToReason}. */
export function reasonToValue(
  reason: Reason,
  revive?: (data: ErrorData) => Error | undefined,
): unknown {
  return "error" in reason ? dataToError(reason.error, revive) : reason.value;
}

/** Adds the stack of the side that asked for the task to an error that came back from the side that ran it. */
export function addCallerStack(error: Error, origin: Error): void {
  const frames = (origin.stack ?? "").split("\n")
    .filter((line) => /^\s+at |@/.test(line)).slice(1);
  if (frames.length === 0) return;
  const own = error.stack ?? `${error.name}: ${error.message}`;
  define(
    error,
    "stack",
    `${own}\n    -- task started --\n${frames.join("\n")}`,
  );
}

function toData(error: unknown, depth: number): ErrorData {
  if (!isErrorLike(error)) return thrownToData(error);
  const name = text(read(error, "name"), "Error");
  const base = baseOf(error, name);
  const data: ErrorData = {
    name,
    message: withoutCode(text(read(error, "message"), "")),
    base,
  };
  data.stack = withoutCode(
    text(read(error, "stack"), `${name}: ${data.message}`),
  );
  const className = text(error.constructor?.name, name);
  if (base in BUILT_IN && className !== name && className !== base) {
    data.className = className;
  }
  for (const key of ["code", "data", "field"] as const) {
    if (base === "DOMException") break;
    const value = read(error, key);
    if (value !== undefined && canClone(value)) data[key] = value;
  }
  if (depth < MAX_DEPTH) addRelated(data, error, depth);
  addMembers(data, error);
  return data;
}

function addRelated(data: ErrorData, error: object, depth: number): void {
  const cause = read(error, "cause");
  if (cause !== undefined) {
    const reason = toReason(cause, depth + 1);
    if ("error" in reason || reason.value !== undefined) data.cause = reason;
  }
  const errors = read(error, "errors");
  if (Array.isArray(errors)) {
    data.errors = errors.map((member) => toData(member, depth + 1));
  }
}

function addMembers(data: ErrorData, error: object): void {
  if (data.base === "DOMException") return;
  for (const key of Object.keys(error)) {
    if (NAMED.has(key)) continue;
    const value = read(error, key);
    if (value === undefined || !canClone(value)) continue;
    // `__proto__` as a name must stay a name.
    Object.defineProperty(data.members ??= {}, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
}

function toReason(value: unknown, depth: number): Reason {
  if (isErrorLike(value)) return { error: toData(value, depth) };
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
    `the handler threw a value that is no error: ${data.message}`,
    { data: data.thrown, cause: data.thrown },
  );
}

function build(
  data: ErrorData,
  revive?: (data: ErrorData) => Error | undefined,
): Error {
  const { base = "Error", message } = data;
  const members = data.errors?.map((member) => dataToError(member, revive));
  if (
    revive && (data.className !== undefined || data.name !== base)
  ) {
    const revived = revive(data);
    if (revived) return revived;
  }
  if (base === "DOMException") return new DOMException(message, data.name);
  if (base === "ConvexError") return new ConvexError(data.data, { message });
  const Class = ownClass(base);
  if (Class) return new Class(...argumentsFor(Class, data));
  if (members) return new AggregateError(members, message);
  return new (own(BUILT_IN, base) ?? Error)(message);
}

function baseOf(error: object, name: string): string {
  if (isConvexError(error)) return "ConvexError";
  if (isCortexError(error)) {
    if (ownClass(name)) return name;
    return isValidationError(error) ? "ValidationError" : "CortexError";
  }
  if (isDomException(error)) return "DOMException";
  if (error instanceof AggregateError) return "AggregateError";
  for (const [base, Class] of Object.entries(BUILT_IN)) {
    if (base !== "Error" && error instanceof Class) return base;
  }
  // An error of another realm is no instance of our classes, but has the name.
  return own(BUILT_IN, name) ? name : "Error";
}

type OwnClass = new (...args: unknown[]) => InstanceType<typeof CortexError>;

/** The class of this module with that name. */
function ownClass(name: string): OwnClass | undefined {
  return own(OURS, name) as OwnClass | undefined;
}

function argumentsFor(Class: OwnClass, data: ErrorData): unknown[] {
  const { message, field } = data;
  const code = String(data.code);
  const is = (Parent: unknown) =>
    Class === Parent || Class.prototype instanceof (Parent as OwnClass);
  if (is(ValidationError)) return [message, code, field];
  if (is(CascadeDeletionError)) return [message];
  return [code, message, { data: data.data }];
}

function isErrorLike(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Error || tagOf(value) === "Error" ||
    tagOf(value) === "DOMException";
}

/** edge-runtime's DOMException is a class like any other, with no tag. */
function isDomException(error: object): boolean {
  return tagOf(error) === "DOMException" ||
    typeof DOMException === "function" && error instanceof DOMException;
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/**
 * A worker started from a `data:` URL has its whole code in every frame, and on Node in what is said of a module that
 * it cannot import. A short URL is nobody's code but the caller's.
 */
function withoutCode(text: string): string {
  return text.replace(/data:text\/javascript[^\s:]{1000,}/g, "worker");
}

function describe(value: unknown): string {
  if (typeof value === "function") return `a function ${value.name}`.trim();
  try {
    const shown = typeof value === "string"
      ? JSON.stringify(value)
      : typeof value === "object" && value !== null
      ? JSON.stringify(value)
      : String(value);
    return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
  } catch {
    return `a value of type ${typeof value}`;
  }
}

/** Reads a member of somebody else's error, whose getter may throw. */
function read(error: object, key: string): unknown {
  try {
    return (error as { [key: string]: unknown })[key];
  } catch {
    return undefined;
  }
}

function text(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

function own<T>(table: { readonly [name: string]: T }, name: string) {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function define(error: Error, key: string, value: unknown): void {
  if (read(error, key) === value) return;
  Object.defineProperty(error, key, {
    value,
    configurable: true,
    writable: true,
  });
}

function assign(error: Error, key: string, value: unknown): void {
  if (read(error, key) === value) return;
  Object.defineProperty(error, key, {
    value,
    configurable: true,
    enumerable: true,
    writable: true,
  });
}
