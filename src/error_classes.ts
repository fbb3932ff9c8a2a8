/**
 * Every error class of the module. All of them extend {@link CortexError} and carry a stable `code`.
 *
 * @module
 */

/** The mark of every error of this module. */
export const CORTEX_ERROR = Symbol.for("cortex.error");
/** The mark that Convex's own `ConvexError` carries; ours carries it, too, so either guard accepts either error. */
export const CONVEX_ERROR = Symbol.for("ConvexError");

/** Options for building an error of this module, besides its code and its message. */
export interface CortexErrorOptions {
  /** Further details for programs: plain data that can be cloned. */
  data?: unknown;
  /** The error that led to this one. */
  cause?: unknown;
  /** The server's id of the request. */
  requestId?: string | undefined;
  /** What the function logged before it failed. */
  logLines?: readonly string[] | undefined;
}

/** Codes of troubles that pass: the same call may succeed a moment later. */
const PASSING: readonly string[] = [
  "UNREACHABLE",
  "RATE_LIMITED",
  "OVERLOADED",
  "CIRCUIT_OPEN",
  "TIMEOUT",
  "QUEUE_FULL",
  "WORKER_LOST",
];

/**
 * Root of every error that this module throws on purpose.
 *
 * @example
 * ```ts
 * import { AsyncConvexClient, isCortexError } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const query = () => 12;
 * await using client = new AsyncConvexClient({ query, mutation: query, action: query });
 * async function patiently<Result>(call: () => Promise<Result>): Promise<Result> {
 *   try {
 *     return await call();
 *   } catch (error) {
 *     if (!isCortexError(error) || !error.retryable) throw error;
 *     return await call();
 *   }
 * }
 * assertEquals(await patiently(() => client.query("pens:count")), 12);
 * ```
 */
export class CortexError extends Error {
  /** Name of the class. */
  override name = "CortexError";
  /** Stable upper-case identifier, such as `CLIENT_CLOSED`. */
  readonly code: string;
  /** Further details, as plain data. */
  readonly data?: unknown;
  /** The server's id of the request, if there was one. */
  declare readonly requestId?: string;
  /** What the function logged before it failed, each line as `[LEVEL] text`; absent if it logged nothing. */
  declare readonly logLines?: readonly string[];

  /** Builds an error from its stable code and its message. */
  constructor(code: string, message: string, options: CortexErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : options);
    this.code = code;
    if (options.data !== undefined) this.data = options.data;
    const { requestId, logLines } = options;
    if (requestId !== undefined) this.requestId = requestId;
    if (logLines?.length) this.logLines = logLines;
    Object.defineProperty(this, CORTEX_ERROR, { value: true });
  }

  /**
   * True for a transient failure, where the same call may succeed a moment later. Whether repeating a mutation is
   * harmless is another question: only if it cannot have run, or has an idempotency key.
   */
  get retryable(): boolean {
    const { status } = Object(this.data) as { status: number };
    return PASSING.includes(this.code) ||
      (this.code === "HTTP_ERROR" || this.code === "BAD_RESPONSE") &&
        (status >= 500 || status === 408 || status === 425);
  }
}

/** A value that Convex cannot hold, or that exceeds one of its limits. */
export class ValueError extends CortexError {
  /** Name of the class. */
  override name = "ValueError";
}

/** The executor could not run a task: queue full, closed, worker lost, task not cloneable. */
export class ExecutorError extends CortexError {
  /** Name of the class. */
  override name = "ExecutorError";
}

/** A worker died while running the task. Whether the task was completed is unknown. */
export class WorkerLostError extends ExecutorError {
  /** Name of the class. */
  override name = "WorkerLostError";
}

/** The client could not make a call: closed, unreachable, timed out, or answered by something other than Convex. */
export class ClientError extends CortexError {
  /** Name of the class. */
  override name = "ClientError";
}

/** A Convex function failed: it threw, its arguments were invalid, or it exceeded a limit. */
export class FunctionError extends ClientError {
  /** Name of the class. */
  override name = "FunctionError";
}

/** A call was not answered in time. Whether it ran is unknown. Its code is `TIMEOUT`. */
export class TimeoutError extends ClientError {
  /** Name of the class. */
  override name = "TimeoutError";
}

/** There was no connection, or it broke before the answer arrived. Its code is `UNREACHABLE`. */
export class ConnectionError extends ClientError {
  /** Name of the class. */
  override name = "ConnectionError";
}

/**
 * The deployment cannot take the call now. Its code is `OVERLOADED`; `CIRCUIT_OPEN` if no request was sent;
 * `REQUEST_LIMIT` if the host, or the option `maxRequests`, allows no more requests.
 */
export class OverloadedError extends ClientError {
  /** Name of the class. */
  override name = "OverloadedError";
}

/** The deployment takes no more calls from this client for a while. Its code is `RATE_LIMITED`. */
export class RateLimitedError extends OverloadedError {
  /** Name of the class. */
  override name = "RateLimitedError";
}

/** The answer did not come from a Convex deployment, or is damaged. Its code is `BAD_RESPONSE`. */
export class ProtocolError extends ClientError {
  /** Name of the class. */
  override name = "ProtocolError";
}

/** The client was closed. Its code is `CLIENT_CLOSED`. */
export class ClosedError extends ClientError {
  /** Name of the class. */
  override name = "ClosedError";
}

/** What every call of a facade rejects with once that is closed. */
export function cortexClosed(): ClosedError {
  return new ClosedError("CLIENT_CLOSED", "This Cortex is closed");
}

/** The store could not be opened, read or written. */
export class StoreError extends CortexError {
  /** Name of the class. */
  override name = "StoreError";
}

/** The embedded engine rejected a call: unknown function, wrong arguments, limit exceeded, engine lost. */
export class EngineError extends CortexError {
  /** Name of the class. */
  override name = "EngineError";
}

/**
 * An error that a Convex function threw on purpose, with its data.
 *
 * `data` is what the function passed to `new ConvexError(data)`. `message` is `data` itself if that is a string,
 * otherwise its JSON. `code` is the leading upper-case token of a string (`"MEMORY_NOT_FOUND: mem-1"` has the code
 * `MEMORY_NOT_FOUND`), or `data.code`, otherwise `CONVEX_ERROR`.
 *
 * The class of that name in `convex/values` is another one: `isConvexError` knows errors of both, `instanceof` those of
 * one.
 *
 * @example
 * ```ts
 * import { ConvexError } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new ConvexError({ code: "OUT_OF_STOCK", left: 2 });
 * assertEquals(error.code, "OUT_OF_STOCK");
 * assertEquals(error.message, '{"code":"OUT_OF_STOCK","left":2}');
 * assertEquals(new ConvexError("NO_PENS: order some").code, "NO_PENS");
 * ```
 */
export class ConvexError extends CortexError {
  /** Name of the class. */
  override name = "ConvexError";
  /** What the function passed to `new ConvexError(data)`. */
  declare readonly data: unknown;

  /** Builds the error from the function's data. */
  constructor(
    data: unknown,
    options: { message?: string } & CortexErrorOptions = {},
  ) {
    const text = typeof data === "string"
      ? data
      : JSON.stringify(data, jsonSafe);
    super(leadingCode(data), options.message ?? text ?? "ConvexError", {
      ...options,
      data,
    });
    Object.defineProperty(this, CONVEX_ERROR, { value: true });
  }
}

/**
 * An argument of a facade method is missing, malformed or out of bounds. Nothing was sent.
 *
 * @example
 * ```ts
 * import { Cortex, ValidationError } from "@cortex/memory";
 * import { assertEquals } from "@std/assert";
 *
 * await using cortex = new Cortex();
 * try {
 *   await cortex.mutable.get("", "pens");
 * } catch (error) {
 *   if (!(error instanceof ValidationError)) throw error;
 *   assertEquals([error.field, error.code], ["namespace", "MISSING_NAMESPACE"]);
 * }
 * ```
 */
export class ValidationError extends CortexError {
  /** Name of the class. */
  override name = "ValidationError";
  /** Name of the argument, as a path such as `metadata.importance`. */
  readonly field: string | undefined;

  /** Builds an error from its message, its stable code and the argument's name. */
  constructor(message: string, code: string, field?: string) {
    super(code, message);
    this.field = field;
  }
}

/** An argument of a `cortex.memory` method is wrong. */
export class MemoryValidationError extends ValidationError {
  /** Name of the class. */
  override name = "MemoryValidationError";
}

/** An argument of a `cortex.facts` method is wrong. */
export class FactsValidationError extends ValidationError {
  /** Name of the class. */
  override name = "FactsValidationError";
}

/** An argument of a `cortex.vector` method is wrong. */
export class VectorValidationError extends ValidationError {
  /** Name of the class. */
  override name = "VectorValidationError";
}

/** An argument of a `cortex.conversations` method is wrong. */
export class ConversationValidationError extends ValidationError {
  /** Name of the class. */
  override name = "ConversationValidationError";
}

/** A member of an `AuthContext` is wrong. */
export class AuthValidationError extends ValidationError {
  /** Name of the class. */
  override name = "AuthValidationError";
}

/** An argument of a `cortex.immutable` method is wrong. */
export class ImmutableValidationError extends ValidationError {
  /** Name of the class. */
  override name = "ImmutableValidationError";
}

/** An argument of a `cortex.mutable` method is wrong. */
export class MutableValidationError extends ValidationError {
  /** Name of the class. */
  override name = "MutableValidationError";
}

/** An argument of a `cortex.memorySpaces` method is wrong. */
export class MemorySpaceValidationError extends ValidationError {
  /** Name of the class. */
  override name = "MemorySpaceValidationError";
}

/** An argument of a `cortex.users` method is wrong. */
export class UserValidationError extends ValidationError {
  /** Name of the class. */
  override name = "UserValidationError";
}

/** An argument of a `cortex.agents` method is wrong. */
export class AgentValidationError extends ValidationError {
  /** Name of the class. */
  override name = "AgentValidationError";
}

/** The erasure of a user failed. What was erased stays erased, and repeating the call does the rest. */
export class CascadeDeletionError extends CortexError {
  /** Name of the class. */
  override name = "CascadeDeletionError";

  /** Builds the error from its message and its cause. */
  constructor(message: string, cause?: unknown) {
    super("CASCADE_DELETION_FAILED", message, { cause });
  }
}

/** The erasure of an agent failed. What was erased stays erased, and repeating the call does the rest. */
export class AgentCascadeDeletionError extends CascadeDeletionError {
  /** Name of the class. */
  override name = "AgentCascadeDeletionError";
}

/** An option given to `new Cortex()` is wrong. */
export class ConfigError extends ValidationError {
  /** Name of the class. */
  override name = "ConfigError";
}

function leadingCode(data: unknown): string {
  if (typeof data === "string") {
    return /^[A-Z][A-Z0-9_]+/.exec(data)?.[0] ?? "CONVEX_ERROR";
  }
  const code = (data as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "CONVEX_ERROR";
}

function jsonSafe(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}
