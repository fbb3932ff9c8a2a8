/** Tasks that share one flush, at most. */
const MAX_GROUP = 256;

interface Task {
  run(): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  isCancelled: boolean;
}

/**
 * Runs transactions one after another. Results are handed out after a flush of everything that was written before:
 * tasks that wait together share one flush, so a hundred mutations started at once cost one `fsync`.
 *
 * A task that awaits something foreign, such as a timer, holds all that follow. Convex forbids that in queries and
 * mutations.
 */
export class SerialQueue {
  readonly #flush: () => void;
  #tasks: Task[] = [];
  #next = 0;
  #isRunning = false;
  #idle: Promise<void> = Promise.resolve();

  /** Takes what makes the writes so far durable; it does nothing when there are none. */
  constructor(flush: () => void) {
    this.#flush = flush;
  }

  /**
   * Runs a task when its turn comes. Rejects with the task's error, with the flush's error, or at once with the
   * signal's reason while the task still waits.
   */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise<T>((resolve, reject) => {
      const entry: Task = {
        run: () => {
          signal?.removeEventListener("abort", cancel);
          return task();
        },
        resolve: resolve as (value: unknown) => void,
        reject,
        isCancelled: false,
      };
      const cancel = () => {
        entry.isCancelled = true;
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", cancel, { once: true });
      this.#tasks.push(entry);
      if (!this.#isRunning) this.#idle = this.#drain();
    });
  }

  /** Resolves when no task waits or runs. */
  async idle(): Promise<void> {
    while (this.#isRunning) await this.#idle;
  }

  async #drain(): Promise<void> {
    this.#isRunning = true;
    // Callers that start together get into the first group together.
    await undefined;
    while (this.#next < this.#tasks.length) await this.#runGroup();
    this.#isRunning = false;
  }

  async #runGroup(): Promise<void> {
    const settled: { task: Task; error?: unknown; value?: unknown }[] = [];
    while (this.#next < this.#tasks.length && settled.length < MAX_GROUP) {
      const task = this.#tasks[this.#next++]!;
      if (task.isCancelled) continue;
      try {
        settled.push({ task, value: await task.run() });
      } catch (error) {
        settled.push({ task, error });
      }
    }
    if (this.#next === this.#tasks.length) {
      this.#tasks = [];
      this.#next = 0;
    }
    try {
      this.#flush();
    } catch (error) {
      for (const { task } of settled) task.reject(error);
      return;
    }
    for (const result of settled) {
      if ("error" in result) result.task.reject(result.error);
      else result.task.resolve(result.value);
    }
  }
}
