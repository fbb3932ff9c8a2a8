import type { WatchOutcome } from "../client/sources/embedded_watch.ts";
import type { Engine, FunctionArgs } from "../engine/engine.ts";
import { type CortexError, isCortexError } from "../errors.ts";
import { errorToData } from "../executor/wire/error_data.ts";
import type { SyncStore } from "../store/types.ts";

/** How long a live query waits before it tries again to open the file, in ms. */
const REOPEN_MS = 1000;

/** An engine, and the store that it owns. */
interface Opened {
  engine: Engine;
  store: SyncStore;
}

/**
 * An engine that is reopened when its store has stopped, as when a commit fails because the disk is full. Otherwise
 * every later call would fail until the process is restarted, even with room on the disk again.
 */
export class ReopenedEngine {
  readonly #open: () => Opened;
  /** The latest one; it may have stopped. */
  #latest: Opened;
  /** Settles when a stopped engine has released the file; undefined while the engine works. */
  #released: Promise<void> | undefined;
  #isClosed = false;

  /** Opens the first one. Throws what `open` throws. */
  constructor(open: () => Opened) {
    this.#open = open;
    this.#latest = open();
  }

  /**
   * Calls the engine, once it is open. If the store stops during the call, it is repeated if `mayRepeat`; otherwise it
   * rejects, as it is unknown which part of a failed commit is on the disk.
   */
  run<Result>(
    call: (engine: Engine) => Promise<Result>,
    mayRepeat: boolean,
  ): Promise<Result> {
    if (!this.#released) return this.#runOn(this.#latest, call, mayRepeat);
    return this.#reopened().then((it) => this.#runOn(it, call, mayRepeat));
  }

  /**
   * The outcomes of a query as it changes, errors as data, since a failed query may recover. If the reader is slow,
   * only the latest outcome is kept.
   */
  async *watch(
    name: string,
    args: FunctionArgs,
    signal: AbortSignal,
  ): AsyncGenerator<WatchOutcome> {
    let opened: Opened | undefined;
    do {
      try {
        opened = await this.#reopened();
      } catch (error) {
        yield { error: errorToData(error) };
        await pause(signal);
        continue;
      }
      yield* outcomes(opened.engine, name, args, signal);
    } while (this.#isReplaced(opened) && !signal.aborted);
  }

  /** Rejects new calls, waits for those in progress, then closes the store. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#released;
    await this.#latest.engine.close();
  }

  #isReplaced(opened: Opened | undefined): boolean {
    if (this.#isClosed) return false;
    return this.#released !== undefined || this.#latest !== opened;
  }

  /** Closes an engine whose store has stopped; called by the first call that notices. */
  #release(opened: Opened): void {
    if (this.#isReplaced(opened)) return;
    this.#released = opened.engine.close().catch(() => {});
  }

  #runOn<Result>(
    opened: Opened,
    call: (engine: Engine) => Promise<Result>,
    mayRepeat: boolean,
  ): Promise<Result> {
    return call(opened.engine).catch((error) => {
      if (!hasStopped(opened.store)) throw error;
      this.#release(opened);
      if (mayRepeat) return this.run(call, false);
      throw errorForCallers(error);
    });
  }

  /** The engine, opened if it has to be. Rejects with what `open` throws; the next call then tries again. */
  async #reopened(): Promise<Opened> {
    await this.#released;
    // If closed, the old engine rejects calls by itself.
    if (this.#released && !this.#isClosed) {
      this.#latest = this.#open();
      this.#released = undefined;
    }
    return this.#latest;
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, REOPEN_MS);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

function hasStopped(store: SyncStore): boolean {
  try {
    store.get("");
    return false;
  } catch (error) {
    return isStoreFailed(error);
  }
}

function isStoreFailed(error: unknown): error is CortexError {
  return isCortexError(error) && error.code === "STORE_FAILED";
}

/** The error for callers: not `STORE_FAILED`, which asks to reopen the file, but what stopped the store. */
function errorForCallers(error: unknown): unknown {
  return isStoreFailed(error) ? error.cause ?? error : error;
}

async function* outcomes(
  engine: Engine,
  name: string,
  args: FunctionArgs,
  signal: AbortSignal,
): AsyncGenerator<WatchOutcome> {
  const watch = engine.watch(name, args, { signal });
  const results = watch[Symbol.asyncIterator]();
  try {
    while (true) {
      try {
        const { done, value } = await results.next();
        if (done) return;
        yield { value };
      } catch (error) {
        yield { error: errorToData(error) };
      }
    }
  } finally {
    watch.close();
  }
}
