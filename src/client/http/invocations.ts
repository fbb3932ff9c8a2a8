import type { AuthTokens } from "../wire.ts";
import type { HttpConnection } from "./http_connection.ts";
import type {
  AuthSource,
  Call,
  Connection,
  ConnectionCallOptions,
  ConnectionState,
  ConnectionStats,
  OnAuthChange,
  OrderLine,
  QueryObserver,
} from "../types.ts";

/**
 * Most invocations that are kept. Checking one takes some 30 us. Once an invocation is forgotten, its later calls get a
 * new connection.
 */
const MAX_INVOCATIONS = 16;

/** One invocation of the program by Cloudflare's runtime, and its connection. */
interface Invocation {
  readonly connection: HttpConnection;
  /** Whether the program runs for it now. */
  isCurrent(): boolean;
}

/** What the connections of all invocations share. */
interface Ways {
  /** Makes the connection of one invocation, with the current token. */
  open(): HttpConnection;
  /** Changes the identity of later calls. */
  become(auth: AuthSource | undefined, onChange?: OnAuthChange): AuthTokens;
  /** The error for a call outside of any invocation, where the host allows no request. */
  outside(error: unknown): Error;
}

/**
 * The connections of a client that several invocations share on Cloudflare's runtime, one for each: an invocation can
 * wait only for its own requests, which end with it. The limits of requests at once and in all count per invocation, too.
 */
export class InvocationConnections implements Connection {
  readonly #ways: Ways;
  /** In the order of their last call. */
  readonly #invocations: Invocation[] = [];
  /** Counters of those that were forgotten. */
  readonly #past: ConnectionStats = { calls: 0, requests: 0 };
  #isRetired = false;

  /** Opens nothing yet. */
  constructor(ways: Ways) {
    this.#ways = ways;
  }

  async call(call: Call, options: ConnectionCallOptions): Promise<unknown> {
    return await this.#here().call(call, options);
  }

  async batch(
    calls: Call[],
    options: ConnectionCallOptions,
  ): Promise<unknown[]> {
    return await this.#here().batch(calls, options);
  }

  async consistentQuery(
    call: Call,
    options: ConnectionCallOptions,
  ): Promise<unknown> {
    return await this.#here().consistentQuery(call, options);
  }

  subscribe(call: Call, observer: QueryObserver): () => void {
    return this.#here().subscribe(call, observer);
  }

  get keepsBatchOrder(): boolean {
    return this.#here().keepsBatchOrder;
  }

  get orderLines(): Map<string, OrderLine> {
    return this.#here().orderLines;
  }

  caller(): unknown {
    return this.#here().caller();
  }

  /** Changes the identity of later calls in every invocation, and of live queries in this one. */
  setAuth(auth: AuthSource | undefined, onChange?: OnAuthChange): void {
    const tokens = this.#ways.become(auth, onChange);
    // The observer must hear the verdict even if no call is ever made.
    const here = tokens.isAwaited
      ? this.#hereIfAny()
      : this.#found()?.connection;
    for (const one of this.#invocations.splice(0)) {
      if (one.connection === here) this.#invocations.push(one);
      else this.#count(one);
    }
    here?.become(tokens.fork());
  }

  state(): Partial<ConnectionState> {
    const here = this.#found() ?? this.#invocations.at(-1);
    return here?.connection.state() ?? {};
  }

  stats(): ConnectionStats {
    const sum = { ...this.#past };
    for (const { connection } of this.#invocations) {
      const { calls, requests } = connection.stats();
      sum.calls += calls;
      sum.requests += requests;
    }
    return sum;
  }

  retire(): void {
    this.#isRetired = true;
    for (const { connection } of this.#invocations) connection.retire();
  }

  async close(): Promise<void> {
    // The connection of another invocation cannot be closed from here; it ends with its invocation.
    await Promise.allSettled(
      this.#invocations.map(({ connection }) => connection.close()),
    );
  }

  /** The connection of the invocation for which the program runs now. */
  #here(): HttpConnection {
    const found = this.#found();
    if (found !== undefined) return found.connection;
    const isCurrent = this.#mark();
    const connection = this.#ways.open();
    if (this.#isRetired) connection.retire();
    this.#invocations.push({ connection, isCurrent });
    if (this.#invocations.length > MAX_INVOCATIONS) {
      this.#count(this.#invocations.shift()!);
    }
    return connection;
  }

  /** The same, or `undefined` outside of any invocation. */
  #hereIfAny(): HttpConnection | undefined {
    try {
      return this.#here();
    } catch {
      return undefined;
    }
  }

  #found(): Invocation | undefined {
    const at = this.#invocations.findLastIndex((one) => one.isCurrent());
    if (at < 0) return undefined;
    const [found] = this.#invocations.splice(at, 1);
    this.#invocations.push(found!);
    return found;
  }

  /**
   * Marks this invocation, and returns a check for it: the host refuses access to its socket from any other
   * invocation.
   */
  #mark(): () => boolean {
    const { WebSocketPair } = globalThis as unknown as {
      WebSocketPair: new () => { readonly [end: number]: WebSocket };
    };
    let socket: WebSocket;
    try {
      socket = new WebSocketPair()[0]!;
    } catch (error) {
      throw this.#ways.outside(error);
    }
    return () => {
      try {
        return socket.readyState >= 0;
      } catch {
        return false;
      }
    };
  }

  #count({ connection }: Invocation): void {
    const { calls, requests } = connection.stats();
    this.#past.calls += calls;
    this.#past.requests += requests;
  }
}
