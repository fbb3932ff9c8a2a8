import { wholeNumber } from "../check.ts";
import type { Signals } from "./signals.ts";
import type { TaskExtras } from "./pending_task.ts";
import {
  readTaskOptions,
  STREAM_NAMES,
  type TaskSettings,
} from "./task_options.ts";
import { LoopTurn } from "../loop_turn.ts";
import type { StreamOptions } from "../types.ts";

/** The part of the pool that a stream uses. */
export interface StreamPool {
  /** Runs the task; the returned `pull` makes room for more items. */
  begin(
    extras: TaskExtras,
  ): { result: Promise<unknown>; pull(count: number): void };
}

/**
 * Makes a stream, whose task begins with its first `next()`.
 *
 * @throws {ExecutorError} `INVALID_OPTION`.
 */
export function openStream(
  options: StreamOptions,
  settings: TaskSettings,
  signals: Signals,
  pool: StreamPool,
): AsyncIterableIterator<unknown> {
  const extras = readTaskOptions(options, settings, STREAM_NAMES);
  const { buffer: most = 64 } = options;
  const buffer = wholeNumber("buffer", most, 1, 1_000_000);
  const given = extras.signal;
  return new ResultStream(
    (onItems, signal) => {
      extras.signal = signal;
      extras.buffer = buffer;
      extras.onItems = (values) => {
        extras.hasItems = true;
        onItems(values);
      };
      return pool.begin(extras);
    },
    buffer,
    given,
    signals,
  );
}

type Begin = (
  onItems: (values: unknown[]) => void,
  signal: AbortSignal,
) => ReturnType<StreamPool["begin"]>;

/** The reader's side of a stream: items wait here until they are asked for. */
class ResultStream implements AsyncIterableIterator<unknown> {
  readonly #start: Begin;
  readonly #buffer: number;
  readonly #signal: AbortSignal | undefined;
  readonly #signals: Signals;
  readonly #own = new AbortController();
  #begun: { pull(count: number): void } | undefined;
  #items: unknown[] = [];
  #at = 0;
  #taken = 0;
  readonly #turn = new LoopTurn();
  /** True while items wait for the event loop's turn. */
  #isLate = false;
  #end: { error?: unknown; isError: boolean } | undefined;
  #readers: {
    resolve: (result: IteratorResult<unknown>) => void;
    reject: (error: unknown) => void;
  }[] = [];

  /** Begins with the first `next()`. */
  constructor(
    start: Begin,
    buffer: number,
    signal: AbortSignal | undefined,
    signals: Signals,
  ) {
    this.#start = start;
    this.#buffer = buffer;
    this.#signal = signal;
    this.#signals = signals;
  }

  /** The stream, which is its own iterator. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next item. */
  next(): Promise<IteratorResult<unknown>> {
    this.#begin();
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.#serve();
    });
  }

  /** Ends the stream and throws the error, like a generator that does not catch it. */
  async throw(error?: unknown): Promise<IteratorResult<unknown>> {
    await this.return();
    throw error;
  }

  /** Ends the stream and aborts the handler's task. */
  return(value?: unknown): Promise<IteratorResult<unknown>> {
    // An error after the reader has left is not reported.
    this.#end = { isError: false };
    this.#items = [];
    this.#at = 0;
    this.#own.abort();
    this.#serve();
    return Promise.resolve({ done: true, value });
  }

  #begin(): void {
    if (this.#begun || this.#end) return;
    const given = this.#signal;
    // Not `AbortSignal.any`, which edge-runtime lacks.
    const leave = () => this.#own.abort(given!.reason);
    const release = this.#signals.whenAborted(given, leave);
    const { result, pull } = this.#start((values) => {
      if (this.#end) return;
      for (const value of values) this.#items.push(value);
      this.#serve();
    }, this.#own.signal);
    this.#begun = { pull };
    result.finally(release).then(
      () => this.#finish({ isError: false }),
      (error) => this.#finish({ isError: true, error }),
    );
  }

  #finish(end: { error?: unknown; isError: boolean }): void {
    this.#end ??= end;
    this.#serve();
  }

  #serve(): void {
    while (this.#readers.length > 0) {
      if (this.#at < this.#items.length) {
        if (this.#isLate || this.#mustWait()) return;
        const value = this.#items[this.#at++];
        if (this.#at === this.#items.length) {
          this.#items = [];
          this.#at = 0;
        }
        this.#readers.shift()!.resolve({ done: false, value });
        this.#makeRoom();
        continue;
      }
      const end = this.#end;
      if (!end) return;
      const { resolve, reject } = this.#readers.shift()!;
      if (end.isError) {
        // Reported once; then the stream has ended.
        this.#end = { isError: false };
        reject(end.error);
      } else resolve({ done: true, value: undefined });
    }
  }

  /** Yields to the event loop now and then, which a reader of many available items would block otherwise. */
  #mustWait(): boolean {
    const turn = this.#turn.due();
    if (!turn) return false;
    this.#isLate = true;
    turn.then(() => {
      this.#isLate = false;
      this.#serve();
    });
    return true;
  }

  /** Tells the handler of room for half a buffer at a time, not of each item. */
  #makeRoom(): void {
    if (++this.#taken * 2 < this.#buffer || this.#end) return;
    this.#begun!.pull(this.#taken);
    this.#taken = 0;
  }
}
