import { type HttpSourceOptions, HttpTransport } from "./http_transport.ts";
import { deploymentUrl } from "./http_url.ts";
import { MutationBatcher } from "./mutation_batcher.ts";
import { PendingCall, sendAlone } from "./pending_call.ts";
import { QueryBatcher } from "./query_batcher.ts";
import type {
  Call,
  CallOptions,
  ClientSource,
  Connection,
  ConnectionStats,
} from "./types.ts";

export type { HttpSourceOptions } from "./http_transport.ts";

/**
 * A source over a Convex deployment's HTTP API, by `fetch` alone. Mutations are not queued; queries that were started
 * in one tick share a request.
 *
 * Calls reject with `ConvexError`, or with a `ClientError`: `FUNCTION_ERROR`, `FUNCTION_NOT_FOUND`,
 * `ARGUMENT_VALIDATION`, `RETURN_VALIDATION`, `LIMIT_EXCEEDED` (the function, as far as the deployment tells),
 * `HTTP_ERROR` (the deployment itself, with `data: { status, code }`), `BAD_RESPONSE` (not Convex) or `UNREACHABLE`.
 *
 * Throws `ClientError` `INVALID_ARGUMENT` when the URL or an option is malformed.
 */
export function httpSource(
  url: string,
  options: HttpSourceOptions = {},
): ClientSource {
  const address = deploymentUrl(url);
  // Made here to refuse wrong options now; the one that sends is made by `open`.
  new HttpTransport(address, options);
  return { open: () => new HttpConnection(address, options) };
}

class HttpConnection implements Connection {
  readonly #transport: HttpTransport;
  readonly #queries: QueryBatcher;
  readonly #mutations: MutationBatcher | undefined;
  #calls = 0;

  constructor(address: string, options: HttpSourceOptions) {
    this.#transport = new HttpTransport(address, options);
    this.#queries = new QueryBatcher(this.#transport);
    this.#mutations = options.batchFunction === undefined
      ? undefined
      : new MutationBatcher(this.#transport, options.batchFunction);
  }

  call(call: Call, options: CallOptions): Promise<unknown> {
    this.#calls++;
    const pending = new PendingCall(call, options);
    if (call.kind === "query") return this.#queries.run(pending);
    if (
      call.kind === "mutation" && options.batch !== undefined &&
      this.#mutations !== undefined
    ) {
      return this.#mutations.run(pending);
    }
    void sendAlone(this.#transport, call.kind, pending);
    return pending.promise;
  }

  stats(): ConnectionStats {
    return { calls: this.#calls, requests: this.#transport.requests };
  }

  // deno-lint-ignore require-await -- the port's method is asynchronous
  async close(): Promise<void> {
    this.#transport.close();
  }
}
