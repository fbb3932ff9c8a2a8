import type { StoreOp, SyncStore } from "../store/types.ts";
import { isDocumentKey } from "./keys.ts";
import type { Commits } from "./transaction/commits.ts";
import type { SerialQueue } from "./transaction/queue.ts";

/** Pause after a slice, as a multiple of the slice's duration, so that scrubbing takes a tenth of the time. */
const PAUSE_FACTOR = 9;
/** Longest pause, in ms: the clock may have been set while the slice ran. */
const MAX_PAUSE_MS = 60_000;
/** Key of a row that is there until a pass is done, so that one follows if the process ends before. */
const PENDING_KEY = "e";

/**
 * Has the store erase deleted documents from its file. A deletion is acknowledged after the first slice of that work,
 * which covers a file of some megabytes. The rest follows after later commits, or at the latest when the store is
 * closed.
 */
export class Scrubber {
  readonly #store: SyncStore;
  readonly #queue: SerialQueue;
  readonly #now: () => number;
  readonly #log: (message: string) => void;
  /** Whether something was deleted since the current pass over the file began. */
  #isWanted: boolean;
  /** Whether a pass has begun and is not done. */
  #isUnderWay = false;
  /** Whether the store says that something is left to do. */
  #isNoted: boolean;
  #isQueued = false;
  #restFromMs = 0;
  #restUntilMs = 0;

  /** Follows the commits. */
  constructor(
    store: SyncStore,
    queue: SerialQueue,
    commits: Commits,
    now: () => number,
    log: (message: string) => void,
  ) {
    this.#store = store;
    this.#queue = queue;
    this.#now = now;
    this.#log = log;
    this.#isWanted = this.#isNoted = store.get(PENDING_KEY) !== undefined;
    if (store.scrub) commits.onCommit((ops) => this.#look(ops));
  }

  #look(ops: readonly StoreOp[]): void {
    this.#isWanted ||= ops.some(({ key, value }) =>
      value === undefined && isDocumentKey(key)
    );
    if (this.#isQueued) return;
    const isDue = this.#isUnderWay ? !this.#isResting() : this.#isWanted;
    if (!isDue) return;
    this.#isQueued = true;
    // deno-lint-ignore require-await -- the queue takes what may take time
    this.#queue.run(async () => this.#slice()).catch((error: Error) => {
      this.#isUnderWay = false;
      this.#log(
        `deleted documents may be left in the file until it is closed: ${error.message}`,
      );
    });
  }

  #isResting(): boolean {
    const nowMs = this.#now();
    return nowMs >= this.#restFromMs && nowMs < this.#restUntilMs;
  }

  #slice(): void {
    this.#isQueued = false;
    if (!this.#isUnderWay) this.#isWanted = false;
    const start = this.#now();
    this.#isUnderWay = true;
    this.#isUnderWay = !this.#store.scrub!();
    try {
      this.#note(this.#isUnderWay || this.#isWanted);
    } catch {
      // The disk may be full. The pass goes on all the same, and so does the attempt.
    }
    const end = this.#now();
    this.#restFromMs = end;
    this.#restUntilMs = end +
      Math.min(PAUSE_FACTOR * (end - start), MAX_PAUSE_MS);
  }

  #note(isPending: boolean): void {
    if (isPending === this.#isNoted) return;
    const key = PENDING_KEY;
    this.#store.write([isPending ? { key, value: "" } : { key }]);
    this.#store.flush();
    this.#isNoted = isPending;
  }
}
