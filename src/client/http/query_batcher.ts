import { MAX_ARGS_BYTES } from "../../at_once.ts";
import { type FunctionResponse, isFunctionResponse } from "../wire.ts";
import { statusOf } from "./http_answer.ts";
import type { HttpTransport } from "./http_transport.ts";
import {
  highest,
  type PendingCall,
  sendAlone,
  sharedSignal,
  together,
  withWaiting,
} from "./pending_call.ts";
import { quietTick } from "./quiet_tick.ts";

/** Queries in one request at most; the server answers when the last of them has run. */
const MAX_QUERIES = 64;
/** Arguments in one request at most, in bytes: a quarter of what Convex takes for one call. */
const MAX_BYTES = MAX_ARGS_BYTES / 4;
/**
 * Characters that the answers of one request may have together, as far as is known: on this thread longer texts hold
 * the event loop. Those that a worker decodes cost it less together, as most of its share of one is the same for many.
 */
const MAX_ANSWER_LENGTH = 256 * 1024;
const MAX_AWAY_LENGTH = 6 * MAX_ANSWER_LENGTH;

/**
 * Sends queries that were started in one tick, or that waited together for a place, as one request; a lone one is sent
 * alone.
 */
export class QueryBatcher {
  readonly #transport: HttpTransport;
  #waiting: PendingCall[] = [];
  /** Whether they have different priorities. */
  #isRanked = false;
  #arrived = 0;
  #isFlushing = false;
  /** Priority with which it waits for room; `Infinity` while it does not wait. */
  #asked = Infinity;
  #batches = true;

  constructor(transport: HttpTransport) {
    this.#transport = transport;
  }

  /** Runs a query; it is sent at the end of the tick, or when there is room for a request. */
  run(call: PendingCall): Promise<unknown> {
    this.#waiting = withWaiting(this.#waiting, call);
    this.#isRanked ||= call.priority !== 0;
    this.#arrived++;
    void this.#flush();
    // It already waits for room, but with a lower priority.
    if (call.priority > this.#asked) void this.#ask(call.priority);
    return call.promise;
  }

  async #flush(): Promise<void> {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    await quietTick(() => this.#arrived);
    while (this.#waiting.length > 0) {
      await this.#ask(this.#isRanked ? highest(this.#waiting) : 0);
    }
    this.#isFlushing = false;
  }

  /** Sends a request when a place is free; queries that arrive until then join it. */
  async #ask(priority: number): Promise<void> {
    const { limit } = this.#transport;
    const before = this.#asked;
    const room = limit.enter(priority);
    if (room !== undefined) this.#asked = priority;
    await room;
    this.#asked = before;
    const calls = this.#take();
    if (calls.length > 0) void this.#send(calls);
    else limit.leave();
  }

  /** The next request's calls, those of highest priority first. */
  #take(): PendingCall[] {
    if (this.#isRanked) this.#waiting.sort((a, b) => b.priority - a.priority);
    const taken: PendingCall[] = [];
    let bytes = 0;
    let answer = 0;
    let mostAnswer = MAX_AWAY_LENGTH;
    let next = 0;
    for (; next < this.#waiting.length && taken.length < MAX_QUERIES; next++) {
      const call = this.#waiting[next]!;
      if (call.abandoned) continue;
      const { safety, auth } = taken[0] ?? call;
      // Retry safety and identity are the same for a whole request.
      if (call.safety !== safety || call.auth !== auth) break;
      bytes += call.bytes;
      answer += this.#transport.sizes.of(call.name);
      if (!this.#transport.isAway(call.name)) mostAnswer = MAX_ANSWER_LENGTH;
      const isTooMuch = bytes > MAX_BYTES || answer > mostAnswer;
      if (taken.length > 0 && isTooMuch) break;
      taken.push(call);
    }
    this.#waiting.splice(0, next);
    this.#isRanked &&= this.#waiting.length > 0;
    return taken;
  }

  /** Sends calls, for which a place was taken. */
  async #send(calls: PendingCall[]): Promise<void> {
    if (calls.length === 1 || !this.#batches) {
      return this.#sendSingly(calls, true);
    }
    const { signal, release } = sharedSignal(calls);
    try {
      const { answer, isDecoded } = await this.#transport.post({
        ...together(calls),
        endpoint: "/api/query_batch",
        body: queryBatchBody(calls),
        expected: isBatchAnswer(calls.length),
        signal,
        hasPlace: true,
      });
      calls.forEach((call, index) =>
        void call.answer(answer.results[index]!, isDecoded, this.#transport)
      );
    } catch (error) {
      const status = statusOf(error);
      // A server without the endpoint is not asked again.
      if (status === 404 || status === 405) this.#batches = false;
      // One query may be to blame for all; a query runs twice without harm.
      if ([400, 404, 405, 413].includes(status as number)) {
        return this.#sendSingly(calls, false);
      }
      for (const call of calls) call.reject(error);
    } finally {
      release();
    }
  }

  #sendSingly(calls: PendingCall[], hasPlace: boolean): void {
    calls.forEach((call, index) =>
      void sendAlone(this.#transport, call, hasPlace && index === 0)
    );
  }
}

/** Body of a request that makes several queries at one point in time. */
export function queryBatchBody(calls: readonly PendingCall[]): string {
  return `{"queries":[${calls.map(({ body }) => body)}]}`;
}

/** Answer to {@link queryBatchBody}. */
export interface BatchAnswer {
  /** One outcome for each query, in order. */
  results: FunctionResponse[];
}

/** Whether this is the answer to that many queries. */
export function isBatchAnswer(
  count: number,
): (answer: unknown) => answer is BatchAnswer {
  return (answer): answer is BatchAnswer => {
    const results = (answer as BatchAnswer | null)?.results;
    return Array.isArray(results) && results.length === count &&
      results.every(isFunctionResponse);
  };
}
