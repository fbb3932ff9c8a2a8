import { AuthTokens, isFunctionResponse, unwrapResponse } from "../wire.ts";
import type { HttpSourceOptions } from "../http_options.ts";
import { HttpTransport, type Shared } from "./http_transport.ts";
import type { LiveSession } from "../live/live_session.ts";
import { MutationBatcher } from "./mutation_batcher.ts";
import { PendingCall, sendAlone, together } from "./pending_call.ts";
import {
  isBatchAnswer,
  queryBatchBody,
  QueryBatcher,
} from "./query_batcher.ts";
import { joinOpen } from "./query_sharing.ts";
import { narrowest } from "../retry_policy.ts";
import { SharedSnapshot } from "./shared_snapshot.ts";
import type {
  AuthSource,
  Call,
  Connection,
  ConnectionCallOptions,
  ConnectionHooks,
  ConnectionState,
  ConnectionStats,
  OnAuthChange,
  OrderLine,
  QueryObserver,
} from "../types.ts";

/** Calls of one deployment over its HTTP API. */
export class HttpConnection implements Connection {
  readonly #transport: HttpTransport;
  readonly #queries: QueryBatcher;
  /** Queries on their way whose requests later ones may share, by their call. */
  readonly #open = new Map<string, PendingCall>();
  /** Not the client's: on Cloudflare, one invocation can wait for nothing of another's. */
  readonly orderLines: Map<string, OrderLine> = new Map();
  readonly #mutations: MutationBatcher | undefined;
  readonly #snapshot: SharedSnapshot;
  readonly #address: string;
  readonly #options: HttpSourceOptions;
  readonly #hooks: ConnectionHooks;
  #opening: Promise<LiveSession> | undefined;
  #live: LiveSession | undefined;
  #isRetired = false;
  #isClosed = false;
  #calls = 0;

  /** Takes options that were checked. */
  constructor(
    address: string,
    options: HttpSourceOptions,
    hooks: ConnectionHooks,
    shared: Shared,
  ) {
    this.#address = address;
    this.#options = options;
    this.#hooks = hooks;
    this.#transport = new HttpTransport(address, options, hooks, shared);
    this.#queries = new QueryBatcher(this.#transport);
    this.#snapshot = new SharedSnapshot(this.#transport);
    this.#mutations = options.batchFunction === undefined
      ? undefined
      : new MutationBatcher(this.#transport, options.batchFunction);
  }

  call(call: Call, options: ConnectionCallOptions): Promise<unknown> {
    this.#calls++;
    if (options.transport === "websocket" && call.kind !== "query") {
      return this.#overSocket(call, options);
    }
    return this.#overHttp(call, options);
  }

  #overHttp(call: Call, options: ConnectionCallOptions): Promise<unknown> {
    const pending = this.#pending(call, options);
    if (call.kind === "query") {
      return joinOpen(this.#open, pending)
        ? pending.promise
        : this.#queries.run(pending);
    }
    pending.onDone = this.#wrote;
    if (
      call.kind === "mutation" && options.batch && this.#mutations
    ) {
      return this.#mutations.run(pending);
    }
    void sendAlone(this.#transport, pending);
    return pending.promise;
  }

  async batch(
    calls: Call[],
    options: ConnectionCallOptions,
  ): Promise<unknown[]> {
    this.#calls += calls.length;
    const { retry, trace, signal, priority } = options;
    // Their own promises are not awaited: they end with the request that they are a part of.
    const pending = calls.map((call) => this.#pending(call, { retry, trace }));
    const { answer, isDecoded } = await this.#transport.post({
      endpoint: "/api/query_batch",
      body: queryBatchBody(pending),
      expected: isBatchAnswer(calls.length),
      safety: narrowest(pending),
      signal,
      priority,
      // What is learnt about one of the functions must not count as the first one's.
      traces: [
        trace,
        ...calls.slice(1).map(({ name }) => ({ name, attempts: 0 })),
      ],
    });
    this.#open.clear();
    trace.logLines = answer.results.flatMap(({ logLines = [] }) => logLines);
    return answer.results.map((response) =>
      unwrapResponse(response, isDecoded, trace.requestId)
    );
  }

  async consistentQuery(
    call: Call,
    options: ConnectionCallOptions,
  ): Promise<unknown> {
    this.#calls++;
    const { retry, trace, signal, priority } = options;
    const pending = this.#pending(call, { retry, trace, priority });
    const { ts, forget } = await this.#snapshot.timestamp(signal, trace);
    const { answer, isDecoded } = await this.#transport.post({
      endpoint: "/api/query_at_ts",
      body: `${pending.body.slice(0, -1)},"ts":${JSON.stringify(ts)}}`,
      expected: isFunctionResponse,
      ...together([pending]),
      signal,
    }).catch((error) => {
      if (error?.data?.code === "OutOfRetention") forget();
      throw error;
    });
    this.#open.clear();
    trace.logLines = answer.logLines;
    return unwrapResponse(answer, isDecoded, trace.requestId);
  }

  subscribe(call: Call, observer: QueryObserver): () => void {
    let stop: (() => void) | undefined;
    let isOver = false;
    this.#session().then((session) => {
      if (isOver) return;
      stop = session.subscribe(call, observer);
      // An error that was told at once may have ended it.
      if (isOver) stop();
    }).catch((error) => {
      if (!isOver) observer.onError(error);
    });
    return () => {
      isOver = true;
      stop?.();
    };
  }

  get keepsBatchOrder(): boolean {
    return !!this.#mutations;
  }

  caller(): AuthTokens {
    return this.#transport.auth;
  }

  setAuth(auth: AuthSource | undefined, onChange?: OnAuthChange): void {
    this.#transport.auth.mute();
    this.become(new AuthTokens(auth, onChange));
  }

  /** Changes the identity of later calls. */
  become(auth: AuthTokens): void {
    // Calls that wait, or are made again, are still those of who made them.
    this.#transport.auth = auth;
    if (this.#live) void this.#live.authenticate();
    else if (auth.isAwaited) {
      // Where that cannot be, the first call tells.
      this.#session().then((session) => session.authenticate(), () => {});
    }
    // What another may see is another answer.
    this.#wrote();
  }

  state(): Partial<ConnectionState> {
    const { breakers, limit, hasAnswered } = this.#transport;
    return {
      hasEverConnected: hasAnswered || !!this.#live?.hasAnswered,
      circuit: breakers.find(({ state }) => state !== "closed")?.state ??
        "closed",
      maxInFlight: limit.limit,
      ...this.#live?.state(),
    };
  }

  stats(): ConnectionStats {
    return { calls: this.#calls, requests: this.#transport.requests };
  }

  retire(): void {
    this.#isRetired = true;
    this.#live?.retire();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#transport.auth.mute();
    this.#live?.close();
    await this.#transport.close();
  }

  #pending(call: Call, options: ConnectionCallOptions): PendingCall {
    const { caller = this.#transport.auth } = options;
    return new PendingCall(call, options, caller as AuthTokens);
  }

  async #overSocket(
    call: Call,
    options: ConnectionCallOptions,
  ): Promise<unknown> {
    // As whom, is decided before the first wait.
    const { caller = this.#transport.auth } = options;
    options = { ...options, caller };
    const elsewhere = () => this.#overHttp(call, options);
    const session = await this.#session();
    try {
      return await session.run(call, { ...options, elsewhere });
    } finally {
      // A mutation is answered once live queries show what it wrote.
      if (call.kind === "mutation") this.#open.clear();
      else this.#wrote();
    }
  }

  /** A query that begins after a call has settled must see what that wrote: it shares nothing that began before. */
  #wrote = (): void => {
    this.#open.clear();
    this.#live?.shared.clear();
  };

  /** The WebSocket's side, whose code is loaded by the first who needs it. */
  #session(): Promise<LiveSession> {
    return this.#opening ??= (async () => {
      const { LiveSession } = await import("../live/live.ts");
      const { long, maxAnswerBytes } = this.#transport;
      const session = new LiveSession({
        address: this.#address,
        WebSocket:
          this.#options.workers === "always" && (await long()).sockets() ||
          this.#options.WebSocket || globalThis.WebSocket,
        maxAnswerBytes,
        auth: () => this.#transport.auth,
        long,
        ...this.#hooks,
        // A query must not show less than live queries have.
        onNews: () => this.#open.clear(),
      });
      if (this.#isRetired) session.retire();
      if (this.#isClosed) session.close();
      return this.#live = session;
    })();
  }
}
