import { isCortexError } from "../errors.ts";
import { MAX_ARGS_BYTES } from "../values/limits.ts";
import {
  type FunctionResponse,
  isFunctionResponse,
  unwrapResponse,
} from "./function_response.ts";
import type { HttpTransport } from "./http_transport.ts";
import { type PendingCall, sendAlone, sharedSignal } from "./pending_call.ts";
import { quietTick } from "./quiet_tick.ts";

/** Queries in one request at most; the server answers when the last of them has run. */
const MAX_QUERIES = 64;
/** Arguments in one request at most, in bytes: a quarter of what Convex takes for one call. */
const MAX_BYTES = MAX_ARGS_BYTES / 4;

/** Sends queries that were started in one tick by one request; a lone one goes by itself. */
export class QueryBatcher {
  readonly #transport: HttpTransport;
  #waiting: PendingCall[] = [];
  #batches = true;

  constructor(transport: HttpTransport) {
    this.#transport = transport;
  }

  /** Runs a query; it is sent at the end of the tick. */
  run(call: PendingCall): Promise<unknown> {
    this.#waiting.push(call);
    if (this.#waiting.length === 1) void this.#flush();
    return call.promise;
  }

  async #flush(): Promise<void> {
    await quietTick(() => this.#waiting.length);
    const calls = this.#waiting.filter(({ abandoned }) => !abandoned);
    this.#waiting = [];
    for (const group of groups(calls)) void this.#send(group);
  }

  async #send(calls: PendingCall[]): Promise<void> {
    if (calls.length === 1 || !this.#batches) return this.#sendSingly(calls);
    const { signal, release } = sharedSignal(calls);
    try {
      const { results } = await this.#transport.post(
        "/api/query_batch",
        `{"queries":[${calls.map(({ body }) => body).join(",")}]}`,
        (answer): answer is BatchAnswer => isBatchAnswer(answer, calls.length),
        signal,
      );
      calls.forEach((call, index) => settle(call, results[index]!));
    } catch (error) {
      const status = httpStatus(error);
      // A server without the endpoint is not asked again.
      if (status === 404 || status === 405) this.#batches = false;
      // One query may be to blame for all; a query runs twice without harm.
      if (status !== undefined && [400, 404, 405, 413].includes(status)) {
        return this.#sendSingly(calls);
      }
      for (const call of calls) call.reject(error);
    } finally {
      release();
    }
  }

  #sendSingly(calls: PendingCall[]): void {
    for (const call of calls) void sendAlone(this.#transport, "query", call);
  }
}

interface BatchAnswer {
  results: FunctionResponse[];
}

function isBatchAnswer(answer: unknown, count: number): answer is BatchAnswer {
  const results = (answer as BatchAnswer | null)?.results;
  return Array.isArray(results) && results.length === count &&
    results.every(isFunctionResponse);
}

function settle(call: PendingCall, response: FunctionResponse): void {
  try {
    call.resolve(unwrapResponse(response));
  } catch (error) {
    call.reject(error);
  }
}

/** Status of the answer that made this error, if there was one. */
function httpStatus(error: unknown): number | undefined {
  if (!isCortexError(error)) return undefined;
  const { status } = (error.data ?? {}) as { status?: unknown };
  return typeof status === "number" ? status : undefined;
}

function groups(calls: readonly PendingCall[]): PendingCall[][] {
  const groups: PendingCall[][] = [];
  let bytes = 0;
  for (const call of calls) {
    const group = groups.at(-1);
    if (
      group === undefined || group.length === MAX_QUERIES ||
      bytes + call.bytes > MAX_BYTES
    ) {
      groups.push([call]);
      bytes = call.bytes;
    } else {
      group.push(call);
      bytes += call.bytes;
    }
  }
  return groups;
}
