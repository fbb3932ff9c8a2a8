import { tell as callBack } from "../../at_once.ts";
import { copyKnown } from "../../values/copy_known.ts";
import type { Value } from "../../values/types.ts";
import type { LiveQueries } from "./live_queries.ts";
import type { LiveCall, LiveResult, LiveSet } from "./live_types.ts";

/**
 * A query's result as it changes. Iterating gives the latest result, then each later one. While the loop's body runs,
 * only the latest result is kept, so a slow reader never lags behind. Equal results are not repeated.
 *
 * @example
 * ```ts
 * import { openEngine } from "@cortex/memory/embedded";
 * import { assertEquals } from "@std/assert";
 * import { queryGeneric } from "convex/server";
 *
 * const list = queryGeneric((ctx) => ctx.db.query("tasks").collect());
 * await using engine = openEngine({ modules: { "tasks.ts": { list } } });
 * const tasks = engine.watch("tasks:list");
 * const first = Promise.withResolvers<unknown>();
 * const stop = tasks.subscribe(first.resolve, first.reject);
 * assertEquals(await first.promise, []);
 * stop(); // this callback's end
 * tasks.close(); // the watch's end
 * ```
 */
export interface Watch<Result = Value> extends AsyncIterable<Result> {
  /**
   * Calls `onValue` with the latest result, if there is one, and with each later one. `onError` gets what the query
   * threw; it may recover with later data. What a callback throws reaches the host's handler of uncaught errors. Returns
   * a function that stops the calls.
   */
  subscribe(
    onValue: (value: Result) => void,
    onError?: (error: unknown) => void,
  ): () => void;
  /** Ends the watch: loops over it end, and callbacks stop. */
  close(): void;
}

/** Follows one query, which has id 0 in its set. */
export class LiveWatch implements Watch {
  readonly #set: LiveSet;
  readonly #subscribers: Set<(result: LiveResult) => void> = new Set();
  readonly #onClose: Set<() => void> = new Set();
  readonly #signal: AbortSignal | undefined;
  #latest: LiveResult | undefined;
  #isClosed = false;

  readonly close = (): void => {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#signal?.removeEventListener("abort", this.close);
    this.#set.close();
    this.#subscribers.clear();
    for (const end of this.#onClose) end();
  };

  /** Follows at once, until the signal aborts. */
  constructor(
    live: LiveQueries,
    call: LiveCall,
    signal: AbortSignal | undefined,
  ) {
    const tell = (result: LiveResult) => {
      const latest = this.#latest;
      if (latest?.ok && result.ok) {
        // Results with equal values may differ in log lines or in where their page ends.
        if (live.isSameValue(latest.value, result.value)) return;
      }
      this.#latest = result;
      for (const subscriber of [...this.#subscribers]) {
        // One before it may have stopped it.
        if (this.#subscribers.has(subscriber)) callBack(subscriber, result);
      }
    };
    const failed = (error: unknown) =>
      tell({ ok: false, error, logLines: [], journal: null });
    this.#set = live.open({
      onState: (_ts, changes) => {
        const result = changes.get(0);
        if (result?.ok) tell(result);
        else if (result) failed(result.error);
      },
      onError: failed,
      onEnd: this.close,
    });
    this.#set.add(0, call);
    this.#signal = signal;
    if (signal?.aborted) this.close();
    else signal?.addEventListener("abort", this.close, { once: true });
  }

  subscribe(
    onValue: (value: Value) => void,
    onError: (error: unknown) => void = () => {},
  ): () => void {
    const subscriber = (result: LiveResult) => {
      if (result.ok) onValue(copyKnown(result.value));
      else onError(result.error);
    };
    if (this.#isClosed) return () => {};
    this.#subscribers.add(subscriber);
    if (this.#latest) callBack(subscriber, this.#latest);
    return () => this.#subscribers.delete(subscriber);
  }

  [Symbol.asyncIterator](): AsyncIterator<Value> {
    let fresh: LiveResult | undefined;
    let isOver = this.#isClosed;
    // Several calls of `next` may wait: each takes a result of its own.
    const waiting: (() => void)[] = [];
    const wake = () => waiting.splice(0).forEach((resolve) => resolve());
    const receive = (result: LiveResult) => {
      fresh = result;
      wake();
    };
    const end = () => {
      isOver = true;
      this.#subscribers.delete(receive);
      this.#onClose.delete(end);
      wake();
    };
    if (!isOver) {
      this.#subscribers.add(receive);
      this.#onClose.add(end);
      fresh = this.#latest;
    }
    return {
      next: async () => {
        while (!fresh && !isOver) {
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
        if (isOver || !fresh) return { done: true, value: undefined };
        const result = fresh;
        fresh = undefined;
        if (!result.ok) throw result.error;
        return { done: false, value: copyKnown(result.value) };
      },
      return: () => {
        end();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }
}
