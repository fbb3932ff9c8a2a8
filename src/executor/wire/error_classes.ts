/** The classes of errors that keep their class between threads. */
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
} from "../../errors.ts";
import type { ErrorData } from "../types.ts";

/** Every class of `errors.ts`, listed by name: a namespace import would keep that whole module in every bundle. */
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

/** Name of the nearest class that the other side can construct. May throw what a proxy's trap throws. */
export function baseOf(error: object, name: string): string {
  if (isConvexError(error)) return "ConvexError";
  if (isCortexError(error)) {
    if (ownClass(name)) return name;
    return isValidationError(error) ? "ValidationError" : "CortexError";
  }
  if (isDomException(error)) return "DOMException";
  if (error instanceof AggregateError) return "AggregateError";
  const Suppressed = suppressedError();
  if (Suppressed && error instanceof Suppressed) return "SuppressedError";
  for (const [base, Class] of Object.entries(BUILT_IN)) {
    if (base !== "Error" && error instanceof Class) return base;
  }
  // An error of another realm is not an instance of our classes, but has the name.
  return own(BUILT_IN, name) || name === "AggregateError" ? name : "Error";
}

/** True for the name of one of JavaScript's own error classes, except AggregateError. */
export function isBuiltIn(name: string): boolean {
  return Object.hasOwn(BUILT_IN, name);
}

/** Makes an error of the class that the data name; `members` are those of an AggregateError. */
export function makeError(data: ErrorData, members: unknown[] = []): Error {
  const { base = "Error", message } = data;
  if (base === "DOMException") return new DOMException(message, data.name);
  if (base === "ConvexError") return new ConvexError(data.data, { message });
  const Class = ownClass(base);
  if (Class) return new Class(...argumentsFor(Class, data));
  if (base === "AggregateError") return new AggregateError(members, message);
  const Suppressed = suppressedError();
  if (Suppressed && base === "SuppressedError") {
    return new Suppressed(undefined, undefined, message);
  }
  return new (own(BUILT_IN, base) ?? Error)(message);
}

/** The class that `using` throws when both the block and the disposal throw. Not every host has it. */
function suppressedError(): SuppressedErrorConstructor | undefined {
  const { SuppressedError } = globalThis as {
    SuppressedError?: SuppressedErrorConstructor;
  };
  return SuppressedError;
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

/** True for an error of any realm. May throw what a proxy's trap throws. */
export function isErrorLike(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  return value instanceof Error || tagOf(value) === "Error" ||
    tagOf(value) === "DOMException";
}

/** edge-runtime's DOMException is an ordinary class without a tag. */
function isDomException(error: object): boolean {
  return tagOf(error) === "DOMException" ||
    typeof DOMException === "function" && error instanceof DOMException;
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function own<T>(table: { readonly [name: string]: T }, name: string) {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
