import type { StoreOp, SyncStore } from "../store/types.ts";
import type { Commits } from "./commits.ts";
import type { SerialQueue } from "./queue.ts";

/**
 * Has the store clear its file of deleted documents. What they were deleted by is acknowledged after the first slice of
 * that work, which is all of it up to some megabytes; the rest goes on between the transactions that follow.
 */
export class Scrubber {
  readonly #store: SyncStore;
  readonly #queue: SerialQueue;
  readonly #log: (message: string) => void;
  /** Something was deleted since the present run began. */
  #isWanted = false;
  #isRunning = false;

  /** Follows the commits. */
  constructor(
    store: SyncStore,
    queue: SerialQueue,
    commits: Commits,
    log: (message: string) => void,
  ) {
    this.#store = store;
    this.#queue = queue;
    this.#log = log;
    if (store.scrub) commits.onCommit((ops) => this.#look(ops));
  }

  #look(ops: readonly StoreOp[]): void {
    if (this.#isWanted) return;
    this.#isWanted = ops.some(({ key, value }) =>
      value === undefined && key[0] === "d"
    );
    if (this.#isWanted && !this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#isWanted) {
        this.#isWanted = false;
        // deno-lint-ignore require-await -- the queue takes what may take time
        while (!await this.#queue.run(async () => this.#store.scrub!()));
      }
    } catch (error) {
      this.#log(
        `deleted documents may be left in the file until it is closed: ${
          (error as Error).message
        }`,
      );
    }
    this.#isRunning = false;
  }
}
