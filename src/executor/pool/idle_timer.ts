import { startTimer, type Timer } from "../timer.ts";

/** Default of `idleTimeoutMs`, and where an idle worker keeps the process alive. */
const IDLE_MS = 5000;
const HOLDING_IDLE_MS = 200;

/** The timer's view of its worker. */
export interface IdleActions {
  /** Lets the worker hold the process, or not. */
  hold(hold: boolean): void;
  /** True when an idle worker keeps the process alive whatever is done. */
  alwaysHolds(): boolean;
  /** True when it may end. */
  mayRetire(): boolean;
  /** Ends it. */
  retire(): void;
}

/**
 * Retires a worker that has nothing to do. An idle worker stops keeping the process alive at once, and ends after the
 * idle timeout. `begin` and `end` are called for every lone task, so they do not touch the timer: when it goes off, it
 * checks whether the worker has been idle long enough.
 */
export class IdleTimer {
  readonly #options: { kind: string; idleTimeoutMs?: number };
  readonly #actions: IdleActions;
  #since: number | undefined;
  #timer: Timer | undefined;
  #holds = true;
  #isKept = false;

  /** The worker starts busy. */
  constructor(
    options: { kind: string; idleTimeoutMs?: number },
    actions: IdleActions,
  ) {
    this.#options = options;
    this.#actions = actions;
  }

  /** The worker has nothing to do. */
  begin(): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    this.#hold();
    if (this.#options.kind !== "inline" && !this.#timer) {
      this.#count(this.limitMs);
    }
  }

  /** The worker has something to do. */
  end(): void {
    this.#since = undefined;
    this.#hold();
  }

  /**
   * Lets the worker keep the process alive while tasks wait in the pool, even if none of its own are awaited: the waiting
   * tasks may depend on it.
   */
  keep(isKept: boolean): void {
    if (this.#isKept === isKept) return;
    this.#isKept = isKept;
    this.#hold();
  }

  /** The worker is closing, and keeps the process alive until it has ended. */
  stop(): void {
    this.end();
    this.#timer?.stop();
  }

  /** The worker is closing, and the process need not wait for it. */
  release(): void {
    this.#since = performance.now();
    this.#hold();
  }

  #hold(): void {
    const holds = this.#since === undefined || this.#isKept;
    if (this.#holds === holds) return;
    this.#holds = holds;
    this.#actions.hold(holds);
  }

  /** How long the worker may be idle, in ms. */
  get limitMs(): number {
    return this.#options.idleTimeoutMs ??
      (this.#actions.alwaysHolds() ? HOLDING_IDLE_MS : IDLE_MS);
  }

  #count(ms: number): void {
    this.#timer = startTimer(
      () => {
        this.#timer = undefined;
        // A task came since: `begin` starts the timer again.
        if (this.#since === undefined) return;
        const restMs = this.limitMs - (performance.now() - this.#since);
        if (restMs > 1) this.#count(restMs);
        else if (this.#actions.alwaysHolds() || this.#actions.mayRetire()) {
          this.#actions.retire();
        } else this.#count(Math.max(this.limitMs, 100));
      },
      ms,
      true,
    );
  }
}
