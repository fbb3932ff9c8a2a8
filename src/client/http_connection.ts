import { isFunctionResponse, unwrapResponse } from "./function_response.ts";
import type { HttpSourceOptions } from "./http_options.ts";
import { HttpTransport } from "./http_transport.ts";
import { MutationBatcher } from "./mutation_batcher.ts";
import { PendingCall, sendAlone } from "./pending_call.ts";
import {
  isBatchAnswer,
  queryBatchBody,
  QueryBatcher,
} from "./query_batcher.ts";
import { QuerySharing } from "./query_sharing.ts";
import { narrowest } from "./retry_policy.ts";
import { SharedSnapshot } from "./shared_snapshot.ts";
import type {
  AuthSource,
  Call,
  Connection,
  ConnectionCallOptions,
  ConnectionHooks,
  ConnectionState,
  ConnectionStats,
} from "./types.ts";

/** Calls of one deployment over its HTTP API. */
export class HttpConnection implements Connection {
  readonly #transport: HttpTransport;
  readonly #queries: QueryBatcher;
  readonly #sharing = new QuerySharing();
  readonly #mutations: MutationBatcher | undefined;
  readonly #snapshot: SharedSnapshot;
  #calls = 0;

  /** Takes options that were checked. */
  constructor(
    address: string,
    options: HttpSourceOptions,
    hooks: ConnectionHooks,
  ) {
    this.#transport = new HttpTransport(address, options, hooks);
    this.#queries = new QueryBatcher(this.#transport);
    this.#snapshot = new SharedSnapshot(this.#transport);
    this.#mutations = options.batchFunction === undefined
      ? undefined
      : new MutationBatcher(this.#transport, options.batchFunction);
  }

  call(call: Call, options: ConnectionCallOptions): Promise<unknown> {
    this.#calls++;
    const pending = new PendingCall(call, options);
    if (call.kind === "query") {
      return this.#sharing.join(pending)
        ? pending.promise
        : this.#queries.run(pending);
    }
    // A query that begins after this call has settled must see what it wrote.
    pending.onDone = () => this.#sharing.end();
    if (
      call.kind === "mutation" && options.batch !== undefined &&
      this.#mutations !== undefined
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
    const pending = calls.map((call) => new PendingCall(call, options));
    const { results } = await this.#transport.post({
      endpoint: "/api/query_batch",
      body: queryBatchBody(pending),
      expected: isBatchAnswer(calls.length),
      safety: narrowest(pending),
      signal: options.signal,
      priority: options.priority,
      traces: [options.trace],
    });
    return results.map((response) =>
      unwrapResponse(response, options.trace?.requestId)
    );
  }

  async consistentQuery(
    call: Call,
    options: ConnectionCallOptions,
  ): Promise<unknown> {
    this.#calls++;
    const { body, safety } = new PendingCall(call, {});
    const ts = await this.#snapshot.timestamp(options.signal);
    const answer = await this.#transport.post({
      endpoint: "/api/query_at_ts",
      body: `${body.slice(0, -1)},"ts":${JSON.stringify(ts)}}`,
      expected: isFunctionResponse,
      safety,
      signal: options.signal,
      priority: options.priority,
      traces: [options.trace],
    });
    return unwrapResponse(answer, options.trace?.requestId);
  }

  setAuth(auth: AuthSource | undefined): void {
    this.#transport.auth.set(auth);
    // What another may see is another answer.
    this.#sharing.end();
  }

  state(): Partial<ConnectionState> {
    const { breaker, limit, hasAnswered } = this.#transport;
    return {
      hasEverConnected: hasAnswered,
      circuit: breaker?.state ?? "closed",
      maxInFlight: limit.limit,
    };
  }

  stats(): ConnectionStats {
    return { calls: this.#calls, requests: this.#transport.requests };
  }

  // deno-lint-ignore require-await -- the port's method is asynchronous
  async close(): Promise<void> {
    this.#transport.close();
  }
}
