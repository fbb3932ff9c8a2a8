/** Most tasks that share one flush. */
const MAX_GROUP = 256;

/** Options of a task. */
export interface TaskOptions {
  /** Cancels it while it waits. */
  signal?: AbortSignal | undefined;
  /** Called with the reason when the task is given up while it runs. Without it, the task is never given up. */
  giveUp?(error: unknown): void;
  /**
   * Replaces the reference to the promise that the task waits for by a weak one, and returns that; undefined if it has
   * none.
   */
  letGo?(): WeakRef<object> | undefined;
}

interface Task {
  run(): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
  options: TaskOptions;
  isCancelled: boolean;
}

/** A finished task and its outcome. */
interface Settled {
  task: Task;
  error?: unknown;
  value?: unknown;
}

/**
 * Runs transactions one after another. Each promise settles only after everything written before is flushed. Tasks that
 * wait together share one flush, so a hundred mutations started at once cost one `fsync`.
 *
 * A task that awaits something outside the engine, such as a timer, blocks all that follow until it is given up.
 */
export class SerialQueue {
  readonly #flush: () => void;
  readonly #turn: (() => Promise<void> | undefined) | undefined;
  #tasks: Task[] = [];
  #next = 0;
  #isRunning = false;
  #onIdle: (() => void)[] = [];
  #settled: Settled[] = [];
  #current: Task | undefined;
  /** Incremented when a task is given up, so that the loop which waits for that task ends. */
  #round = 0;
  #started = 0;

  /** Called when a task is added. */
  onTask: (() => void) | undefined;

  /**
   * Begins without tasks.
   *
   * @param flush Makes the writes so far durable; does nothing when there are none.
   * @param turn Called between two tasks: returns a promise when it is time to yield to the event loop.
   */
  constructor(flush: () => void, turn?: () => Promise<void> | undefined) {
    this.#flush = flush;
    this.#turn = turn;
  }

  /**
   * Runs a task when its turn comes. Rejects with the task's error, with the flush's error, or at once with the
   * signal's reason while the task still waits. A task with `giveUp` may be given up while it runs.
   */
  run<T>(
    task: () => Promise<T>,
    options: TaskOptions = {},
  ): Promise<T> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.onTask?.();
    return new Promise<T>((resolve, reject) => {
      const entry: Task = {
        run: () => {
          signal?.removeEventListener("abort", cancel);
          return task();
        },
        resolve: resolve as (value: unknown) => void,
        reject,
        options,
        isCancelled: false,
      };
      const cancel = () => {
        entry.isCancelled = true;
        reject(signal!.reason);
      };
      signal?.addEventListener("abort", cancel, { once: true });
      this.#tasks.push(entry);
      if (!this.#isRunning) this.#drain();
    });
  }

  /** Resolves when no task waits or runs. */
  async idle(): Promise<void> {
    while (this.#isRunning) {
      await new Promise<void>((resolve) => this.#onIdle.push(resolve));
    }
  }

  /** Whether a task that may be given up is running. */
  get isBusy(): boolean {
    return this.#current?.options.giveUp !== undefined;
  }

  /** The promise that the running task waits for, if known. The queue no longer keeps it alive. */
  letGo(): WeakRef<object> | undefined {
    return this.#current?.options.letGo?.();
  }

  /** Number of tasks, and parts of them, begun so far: while it stays the same, the same one is running. */
  get started(): number {
    return this.#started;
  }

  /** Called by the running task when its next part begins: each part gets the time limit of a task. */
  step(): void {
    this.#started++;
  }

  /** Gives up the running task and continues with the next; its outcome is ignored. */
  giveUp(error: unknown): void {
    const task = this.#current;
    if (!task?.options.giveUp) return;
    task.options.giveUp(error);
    this.#round++;
    this.#settled.push({ task, error });
    this.#flushAndSettle();
    this.#drain();
  }

  async #drain(): Promise<void> {
    this.#isRunning = true;
    const round = this.#round;
    // One microtask, so that calls started together are in the first group together.
    await undefined;
    while (this.#next < this.#tasks.length) {
      await this.#runGroup(round);
      if (round !== this.#round) return;
    }
    this.#isRunning = false;
    if (this.#onIdle.length === 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  async #runGroup(round: number): Promise<void> {
    while (
      this.#next < this.#tasks.length && this.#settled.length < MAX_GROUP
    ) {
      const task = this.#tasks[this.#next++]!;
      if (task.isCancelled) continue;
      this.#current = task;
      this.#started++;
      let settled: Settled;
      try {
        settled = { task, value: await task.run() };
      } catch (error) {
        settled = { task, error };
      }
      if (round !== this.#round) return;
      this.#current = undefined;
      this.#settled.push(settled);
      if (this.#next === this.#tasks.length) continue;
      const turn = this.#turn?.();
      if (turn) await turn;
    }
    this.#flushAndSettle();
  }

  /** Makes writes durable, then settles the finished tasks. */
  #flushAndSettle(): void {
    const settled = this.#settled;
    this.#settled = [];
    this.#current = undefined;
    // Half of them at least, so that under a load for which the queue is never empty each task is moved about once.
    if (2 * this.#next >= this.#tasks.length) {
      this.#tasks.splice(0, this.#next);
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
