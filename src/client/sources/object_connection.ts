import {
  ClientError,
  ConvexError,
  isConvexError,
  isCortexError,
} from "../../errors.ts";
import { argsSize, isBytes, isPlainObject, lacking } from "../../at_once.ts";
import { functionError, requestIdIn } from "../wire.ts";
import { noAuth } from "./no_auth.ts";
import type {
  AuthSource,
  AuthTokenProvider,
  Call,
  CallContext,
  Connection,
  ConnectionCallOptions,
  ConnectionState,
  ConnectionStats,
  OnAuthChange,
  QueryObserver,
  SyncConvexClient,
} from "../types.ts";

/** Methods that Convex's own clients have besides the three. No client has all of them. */
interface OfficialClient {
  setAuth?(auth: unknown, onChange?: OnAuthChange): void;
  clearAuth?(): void;
  client?: { clearAuth?(): void };
  consistentQuery?(name: string, args: unknown): Promise<unknown>;
  connectionState?(): ConnectionState;
  onUpdate?(
    name: string,
    args: unknown,
    onValue: (value: unknown) => void,
    onError: (error: Error) => void,
  ): () => void;
  /** The React client has this instead of `onUpdate`. */
  watchQuery?(name: string, args: unknown): {
    onUpdate(callback: () => void): () => void;
    localQueryResult(): unknown;
  };
}

/** Beginning of the message of a function's error in Convex's own clients. */
const FAILED = /^\[(CONVEX [QMA]\(|Request ID: )/;

/** Calls of a client object on this thread. */
export class ObjectConnection implements Connection {
  readonly #client: SyncConvexClient;
  readonly consistentQuery?: Connection["consistentQuery"];
  readonly subscribe?: Connection["subscribe"];
  readonly setAuth: NonNullable<Connection["setAuth"]>;
  #calls = 0;

  constructor(client: SyncConvexClient) {
    this.#client = client;
    const official = client as OfficialClient;
    if (typeof official.consistentQuery === "function") {
      this.consistentQuery = ({ name, args }) =>
        this.#guarded(() => official.consistentQuery!(name, args));
    }
    if (hasLiveQueries(official)) {
      this.subscribe = (call, observer) => follow(official, call, observer);
    }
    this.setAuth = typeof official.setAuth === "function"
      ? authChanger(official)
      : noAuth("give the token to the client that is wrapped");
  }

  call(call: Call, { signal }: ConnectionCallOptions): Promise<unknown> {
    return this.#guarded(async () => {
      argsSize(call);
      const value = await runCall(this.#client, call, signal);
      return this.subscribe && call.kind === "query" ? ownCopy(value) : value;
    });
  }

  state(): Partial<ConnectionState> {
    let state: ConnectionState | undefined;
    try {
      state = (this.#client as OfficialClient).connectionState?.();
    } catch {
      // The React client has none once it is closed.
    }
    if (state === undefined) return {};
    // The rest of the state is about calls, which the caller counts itself.
    const { isWebSocketConnected, hasEverConnected } = state;
    const { connectionCount, connectionRetries } = state;
    return {
      isWebSocketConnected,
      hasEverConnected,
      connectionCount,
      connectionRetries,
    };
  }

  stats(): ConnectionStats {
    return { calls: this.#calls, requests: 0 };
  }

  async close(): Promise<void> {
    await this.#client.close?.();
  }

  async #guarded(run: () => unknown): Promise<unknown> {
    this.#calls++;
    try {
      return await run();
    } catch (error) {
      throw ownError(error);
    }
  }
}

/** Runs one call on a client object. Returns a value or a promise, or throws, as the object does. */
export function runCall(
  client: SyncConvexClient,
  { kind, name, args }: Call,
  signal?: AbortSignal,
): unknown {
  const context: CallContext = signal === undefined ? {} : { signal };
  switch (kind) {
    case "query":
      return client.query(name, args, context);
    case "mutation":
      return client.mutation(name, args, { ...context, skipQueue: true });
    case "action":
      return client.action(name, args, context);
  }
}

function hasLiveQueries({ onUpdate, watchQuery }: OfficialClient): boolean {
  return typeof (onUpdate ?? watchQuery) === "function";
}

function follow(
  client: OfficialClient,
  { name, args }: Call,
  observer: QueryObserver,
): () => void {
  const onValue = (value: unknown) => observer.onValue(ownCopy(value));
  const onError = (error: unknown) =>
    observer.onError(ownError(error) as Error);
  if (client.onUpdate) return client.onUpdate(name, args, onValue, onError);
  const watch = client.watchQuery!(name, args);
  let isOver = false;
  const look = () => {
    if (isOver) return;
    let value: unknown;
    try {
      value = watch.localQueryResult();
    } catch (error) {
      return onError(error);
    }
    if (value !== undefined) onValue(value);
  };
  const stop = watch.onUpdate(look);
  // If the result is known already, no callback reports it.
  queueMicrotask(look);
  return () => {
    isOver = true;
    stop();
  };
}

/** A copy, as these clients keep a result and give it to everybody: one who changes it would change that of the others. */
function ownCopy(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(ownCopy);
  if (isBytes(value)) return value.slice(0);
  if (!isPlainObject(value)) return value;
  // Unlike entries of it, a spread is fast.
  const copy = { ...value };
  for (const name in copy) copy[name] = ownCopy(copy[name]);
  return copy;
}

/**
 * Convex's HTTP client takes a token; its other clients take a function that returns one, and go on calling it after
 * `clearAuth`: it gives none any more, or they would be authenticated again.
 */
function authChanger(
  client: OfficialClient,
): NonNullable<Connection["setAuth"]> {
  let current: AuthSource | undefined;
  return (auth, onChange) => {
    current = auth;
    if (auth === undefined) {
      const holder = client.clearAuth ? client : client.client;
      if (!holder?.clearAuth) throw lacking("clearAuth");
      holder.clearAuth();
    } else if (hasLiveQueries(client)) {
      client.setAuth!(
        async (options: Parameters<AuthTokenProvider>[0]) => {
          if (current !== auth) return null;
          const token =
            await (typeof auth === "function" ? auth(options) : auth);
          return current === auth ? token : null;
        },
        (isTaken) => {
          if (current === auth) onChange?.(isTaken);
        },
      );
    } else if (typeof auth === "string" && onChange === undefined) {
      client.setAuth!(auth);
    } else {
      throw new ClientError(
        "UNSUPPORTED",
        "This client's setAuth takes a token only: no function that returns one, and no onChange",
      );
    }
  };
}

/**
 * Turns the errors by which Convex's own clients report that a function failed into ours, so that all sources reject in
 * the same way. Returns other errors as they are.
 */
export function ownError(error: unknown): unknown {
  if (isCortexError(error)) return error;
  if (isConvexError(error)) {
    return new ConvexError(error.data, { cause: error });
  }
  const { message } = Object(error) as { message?: unknown };
  if (typeof message !== "string" || !FAILED.test(message)) return error;
  const requestId = requestIdIn(message);
  return functionError(message, { requestId, cause: error });
}
