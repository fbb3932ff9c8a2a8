import { copyArgs, functionName, withDeadline } from "../at_once.ts";
import { isRecord } from "../values/kinds.ts";
import { ClosedError, TimeoutError } from "../errors.ts";
import { awaitedBy } from "./awaited_by.ts";
import {
  aFunction,
  checkOptions,
  lacking,
  mustBe,
  type OptionChecks,
} from "./check.ts";
import { checkAuth } from "./check_auth.ts";
import { checkCallOptions } from "./call_options.ts";
import { type CallReport, type ClientHooks, tell } from "./client_hooks.ts";
import { checkTimeout } from "./deadline.ts";
import { inOrder } from "./ordered_calls.ts";
import type {
  AuthSource,
  BatchedQuery,
  Call,
  CallOptions,
  CallTrace,
  ClientSource,
  Connection,
  ConnectionCallOptions,
  ConnectionState,
  FunctionKind,
  OnAuthChange,
  OrderLine,
} from "./types.ts";

/** Options of `AsyncConvexClient`. */
export interface AsyncConvexClientOptions {
  /** Time limit for each call, in ms, within the bounds of a call's own, which wins. Default: no limit. */
  timeoutMs?: number | undefined;
  /** Callbacks for calls, retries and the state of the connection. */
  hooks?: ClientHooks | undefined;
}

const HOOK_CHECKS: OptionChecks<ClientHooks> = {
  onCallStart: aFunction,
  onCall: aFunction,
  onRetry: aFunction,
  onStateChange: aFunction,
};

/** The checks of the client's options. */
export const CLIENT_CHECKS: OptionChecks<AsyncConvexClientOptions> = {
  timeoutMs: checkTimeout,
  hooks: (hooks) => checkOptions("hooks", hooks, HOOK_CHECKS, "hooks."),
};

/** How a call is delivered once the connection is open. */
export type Deliver<T> = (
  connection: Connection,
  call: Call,
  options: ConnectionCallOptions,
) => Promise<T>;

const plainly: Deliver<unknown> = (connection, call, options) =>
  connection.call(call, options);

/** Delivers a query to run at the timestamp shared by consistent queries. */
export const consistently: Deliver<unknown> = (connection, call, options) => {
  if (connection.consistentQuery) {
    return connection.consistentQuery(call, options);
  }
  throw lacking("consistentQuery");
};

/** An identity, and why the connection refused it. */
interface AuthState {
  source: AuthSource | undefined;
  onChange?: OnAuthChange | undefined;
  refusal?: Error;
}

/** Opens a source on the first call, and applies checks, time limit and hooks to each call. */
export class CallRunner {
  readonly #source: ClientSource;
  readonly #timeoutMs: number | undefined;
  readonly #hooks: ClientHooks;
  readonly #lines = new Map<string, OrderLine>();
  readonly #inFlight = new Set<{ kind: FunctionKind; startedAt: number }>();
  #opening: Promise<Connection> | undefined;
  /** The connection as soon as it is open. */
  #opened: Connection | undefined;
  /** The same, once the calls that waited for it have been sent. */
  #connection: Connection | undefined;
  /** The identity, once it was set. */
  #auth: AuthState | undefined;
  #calls = 0;
  #idle: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  #onClose = new Set<() => void>();

  constructor(source: ClientSource, options: AsyncConvexClientOptions) {
    this.#source = source;
    this.#timeoutMs = options.timeoutMs;
    this.#hooks = options.hooks ?? {};
  }

  /** Makes a call from arguments and options. The caller states the type of the result. */
  run(
    kind: FunctionKind,
    ref: unknown,
    rest: readonly unknown[],
    deliver?: Deliver<unknown>,
  ): Promise<never> {
    const [args, options] = rest as [unknown?, CallOptions?];
    try {
      return this.start(
        this.prepare(kind, ref, args),
        options,
        deliver,
      ) as Promise<never>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Starts a prepared call. Throws `INVALID_ARGUMENT`. */
  start(
    call: Call,
    options: CallOptions = {},
    deliver: Deliver<unknown> = plainly,
  ): Promise<unknown> {
    checkCallOptions(options);
    const { idempotencyKey, orderKey, batch } = options;
    const isMutation = call.kind === "mutation";
    if (isMutation && idempotencyKey) {
      call.args.idempotencyKey = idempotencyKey;
    }
    if (isMutation && batch) {
      options = {
        ...options,
        batch: { ...batch, orderKey: batch.orderKey ?? orderKey },
      };
    }
    return this.#watched(call, options, deliver);
  }

  /**
   * Checks and copies a call. Throws `INVALID_ARGUMENT`, `CLIENT_CLOSED`, `UNSUPPORTED` or a `ValueError`, which say
   * where the call stands among others.
   */
  prepare(
    kind: FunctionKind,
    ref: unknown,
    args: unknown = {},
    place = "",
  ): Call {
    const name = functionName(ref, place + "ref");
    if (this.#closing) {
      throw new ClosedError(
        "CLIENT_CLOSED",
        `Cannot call ${name} as the client is closed`,
      );
    }
    if (this.#auth?.refusal) throw this.#auth.refusal;
    const what = `${place}args of ${name}`;
    if (!isRecord(args)) {
      throw mustBe(what, "an object of named arguments", args);
    }
    return { kind, name, args: copyArgs(args, what) };
  }

  /** Prepares the queries of a batch. Throws as {@link prepare} does. */
  prepareAll(queries: unknown): Call[] {
    if (!Array.isArray(queries) || queries.length > 1000) {
      throw mustBe("queries", "an array of at most 1000", queries);
    }
    // The error shows a value without `ref`.
    return queries.map((query: Partial<BatchedQuery> | null, index) =>
      this.prepare(
        "query",
        query?.ref ?? query,
        query?.args,
        `queries[${index}].`,
      )
    );
  }

  /** The connection, opened if need be. */
  open(): Promise<Connection> {
    return this.#opening ??= this.#open().catch((error) => {
      this.#opening = undefined;
      throw error;
    });
  }

  /** Changes the identity of later calls. */
  setAuth(auth?: AuthSource, onChange?: OnAuthChange): void {
    checkAuth(auth);
    if (onChange !== undefined) aFunction(onChange, "onChange");
    const state: AuthState = { source: auth, onChange };
    this.#auth = state;
    if (this.#connection) return tellAuth(this.#connection, state);
    // In turn, as waiting calls keep the identity with which they were made. If the connection cannot be opened, they get
    // the error.
    this.#opening?.then((opened) => tellAuth(opened, state), () => {});
    // The observer must hear the verdict even if no call is ever made.
    if (onChange && !this.#closing) {
      this.open().catch(() => {});
    }
  }

  /** Calls `end` when the client is closed, or soon if it already is, unless the returned function is called first. */
  onClose(end: () => void): () => void {
    if (this.#closing) queueMicrotask(end);
    this.#onClose.add(end);
    return () => this.#onClose.delete(end);
  }

  state(): ConnectionState {
    const calls = [...this.#inFlight];
    const count = (wanted: FunctionKind) =>
      calls.filter(({ kind }) => kind === wanted).length;
    return {
      hasInflightRequests: calls.length > 0,
      isWebSocketConnected: false,
      timeOfOldestInflightRequest: calls[0]
        ? new Date(calls[0].startedAt)
        : null,
      hasEverConnected: false,
      connectionCount: 0,
      connectionRetries: 0,
      inflightMutations: count("mutation"),
      inflightActions: count("action"),
      circuit: "closed",
      maxInFlight: Infinity,
      ...this.#opened?.state?.(),
    };
  }

  stats(): { calls: number; requests: number; inFlight: number } {
    return {
      calls: this.#calls,
      requests: this.#opened?.stats().requests ?? 0,
      inFlight: this.#inFlight.size,
    };
  }

  /** The error for a call that was not answered in time. */
  late(name: string, timeoutMs: number, cause?: unknown): TimeoutError {
    return new TimeoutError(
      "TIMEOUT",
      `${name} was not answered within timeoutMs = ${timeoutMs} ms`,
      { data: { timeoutMs }, cause },
    );
  }

  /** Waits for calls in flight, then releases the source. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #watched(
    call: Call,
    options: CallOptions,
    deliver: Deliver<unknown>,
  ): Promise<unknown> {
    const { kind, name } = call;
    const { signal, timeoutMs = this.#timeoutMs } = options;
    const trace: CallTrace = { name, attempts: 0 };
    // Hooks see in it what has happened so far, such as `lastError`.
    const report = {
      __proto__: trace,
      kind,
      name,
      startedAt: Date.now(),
    } as unknown as CallReport;
    const startMs = performance.now();
    this.#calls++;
    this.#inFlight.add(report);
    tell(this.#hooks.onCallStart, report);
    try {
      return await withDeadline(
        { signal, timeoutMs },
        (signal) =>
          this.#delivered(call, { ...options, signal, trace }, deliver),
        (timeoutMs) => this.late(name, timeoutMs, trace.lastError),
      );
    } catch (error) {
      report.error = error;
      throw awaitedBy(error);
    } finally {
      this.#inFlight.delete(report);
      report.elapsedMs = performance.now() - startMs;
      tell(this.#hooks.onCall, Object.assign(report, trace));
      if (this.#inFlight.size === 0) this.#idle?.();
    }
  }

  #delivered(
    call: Call,
    options: ConnectionCallOptions,
    deliver: Deliver<unknown>,
  ): Promise<unknown> {
    // Not awaited when it is open: calls of one tick must reach the connection in that tick, in order.
    if (this.#connection) {
      return this.#inOrder(this.#connection, call, options, deliver);
    }
    const auth = this.#auth;
    return this.open().then((connection) => {
      // Not set before: a call made meanwhile would overtake those that wait here.
      this.#connection = connection;
      if (auth?.refusal) throw auth.refusal;
      options.signal?.throwIfAborted();
      return this.#inOrder(connection, call, options, deliver);
    });
  }

  /**
   * Delivers a call after those with its order key. It keeps the identity of this moment, whatever `setAuth` changes
   * meanwhile.
   */
  #inOrder(
    connection: Connection,
    call: Call,
    options: ConnectionCallOptions,
    deliver: Deliver<unknown>,
  ): Promise<unknown> {
    const { batch, transport, signal } = options;
    const isBatched = call.kind === "mutation" && batch !== undefined;
    const orderKey = isBatched ? batch.orderKey : options.orderKey;
    if (call.kind === "query" || orderKey === undefined) {
      return deliver(connection, call, options);
    }
    const isJoint = isBatched && transport !== "websocket" &&
      connection.keepsBatchOrder;
    const caller = connection.caller?.();
    return inOrder(
      connection.orderLines ?? this.#lines,
      orderKey,
      signal,
      () => deliver(connection, call, { ...options, caller }),
      isJoint,
    );
  }

  async #open(): Promise<Connection> {
    const { onRetry, onStateChange } = this.#hooks;
    const auth = this.#auth;
    const connection = await this.#source.open({
      onRetry: (event) => tell(onRetry, event),
      onStateChange: () => {
        if (onStateChange) tell(onStateChange, this.state());
      },
    });
    if (auth) {
      tellAuth(connection, auth);
      if (auth.refusal) {
        await connection.close();
        throw auth.refusal;
      }
    }
    this.onClose(() => connection.retire?.());
    this.#opened = connection;
    return connection;
  }

  async #close(): Promise<void> {
    for (const end of this.#onClose) end();
    if (this.#inFlight.size > 0) {
      await new Promise<void>((resolve) => this.#idle = resolve);
    }
    // A call that was given up while the source opened leaves the opening behind.
    const connection = await this.#opening?.catch(() => undefined);
    await connection?.close();
  }
}

/** Tells the connection who is calling; what it throws makes later calls fail. */
function tellAuth(connection: Connection, state: AuthState): void {
  const { source, onChange } = state;
  try {
    if (connection.setAuth) connection.setAuth(source, onChange);
    // Without a way to authenticate, all calls are anonymous.
    else if (source !== undefined) throw lacking("setAuth");
  } catch (error) {
    state.refusal = error as Error;
  }
}
