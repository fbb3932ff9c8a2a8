import { startTimer, type Timer } from "../timer.ts";

/** Default of `idleTimeoutMs`, and where an idle worker keeps the process alive. */
const IDLE_MS = 5000;
const HOLDING_IDLE_MS = 200;

/** What idleness does to a worker. */
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
 * Lets a worker with nothing to do go: first of the process, later altogether. Beginning and ending cost next to
 * nothing, since they happen with every lone task: the timer runs on and looks when it goes off.
 */
export class Idleness {
  readonly #options: { kind: string; idleTimeoutMs?: number };
  readonly #actions: IdleActions;
  #since: number | undefined;
  #timer: Timer | undefined;
  #holds = true;
  #isKept = false;

  /** A worker that is busy. */
  constructor(
    options: { kind: string; idleTimeoutMs?: number },
    actions: IdleActions,
  ) {
    this.#options = options;
    this.#actions = actions;
  }

  /** There is nothing to do. */
  begin(): void {
    if (this.#since !== undefined) return;
    this.#since = performance.now();
    this.#hold();
    if (this.#options.kind !== "inline" && !this.#timer) {
      this.#count(this.#limitMs);
    }
  }

  /** There is something to do. */
  end(): void {
    this.#since = undefined;
    this.#hold();
  }

  /**
   * Waiting tasks keep the process alive even if nothing that this worker holds is awaited: it may be what they wait
   * for.
   */
  keep(isKept: boolean): void {
    if (this.#isKept === isKept) return;
    this.#isKept = isKept;
    this.#hold();
  }

  /** The worker ends; it holds the process until then. */
  stop(): void {
    this.end();
    this.#timer?.stop();
  }

  /** It ends, and the process need not wait for that. */
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

  get #limitMs(): number {
    return this.#options.idleTimeoutMs ??
      (this.#actions.alwaysHolds() ? HOLDING_IDLE_MS : IDLE_MS);
  }

  #count(ms: number): void {
    this.#timer = startTimer(
      () => {
        this.#timer = undefined;
        // Something came since: the count begins anew when it is done.
        if (this.#since === undefined) return;
        const restMs = this.#limitMs - (performance.now() - this.#since);
        if (restMs > 1) this.#count(restMs);
        else if (this.#actions.alwaysHolds() || this.#actions.mayRetire()) {
          this.#actions.retire();
        } else this.#count(Math.max(this.#limitMs, 100));
      },
      ms,
      true,
    );
  }
}
