import type { Connect } from "../hosts/connection.ts";
import type { Settings } from "./options.ts";
import type { PendingTask } from "./pending_task.ts";
import { Placement } from "../hosts/placement.ts";
import type { SlotEnd, SlotEvents } from "./slot_types.ts";
import { StartFailures } from "./start_failures.ts";
import { startTimer, type Timer } from "../timer.ts";
import type { ExecutorKind } from "../types.ts";
import { WorkerSlot } from "./worker_slot.ts";

/** Callbacks of a set of workers to its pool. */
export interface WorkerSetEvents
  extends Omit<SlotEvents, "started" | "ready" | "ended" | "mayRetire"> {
  /** A worker is ready. */
  ready(slot: WorkerSlot): void;
  /** A worker is gone, with its tasks. */
  ended(
    slot: WorkerSlot,
    end: SlotEnd,
    begun: PendingTask[],
    unbegun: PendingTask[],
  ): void;
  /** The last start failed, and there is no worker. */
  startFailed(error: Error): void;
  /** A kind of worker was refused. */
  refused(error: Error): void;
  /** A kind of worker that starts was found, or all were refused. */
  placed(): void;
  /** True when the worker is no longer needed. */
  isUnwanted(): boolean;
  /** True when tasks should wait in the pool. */
  keepsBack(): boolean;
}

interface Place {
  kind: ExecutorKind;
  connect: Connect;
}

/** The purpose of a new worker. */
interface Role {
  /** It runs tasks on this thread until the first worker is ready. */
  isBridge?: boolean;
  /**
   * Set for the first worker of its kind: called once, when it has started, was refused, or ended before it could
   * start.
   */
  placed?: (refusal?: Error) => void;
}

/** Index of the bridge: no task is pinned to it. */
const BRIDGE_INDEX = -2;

/** The workers of a pool: how many there are, where they run, and what happens when they will not start. */
export class WorkerSet {
  /** Workers that have not ended. */
  readonly slots = new Set<WorkerSlot>();
  /** Number of workers started. */
  started = 0;
  /** How many of them replaced one that died or had run its number of tasks. */
  restarts = 0;
  #vacant = 0;
  /** Spent workers that had a successor before they ended. */
  readonly #succeeded = new WeakSet<WorkerSlot>();
  readonly #settings: Settings;
  readonly #events: WorkerSetEvents;
  readonly #placement: Placement;
  #place: Place | undefined;
  #placing = false;
  /** True when tasks run on this thread while the first worker starts. */
  readonly #bridges: boolean;
  /** Runs tasks on this thread while the first worker starts. */
  #bridge: WorkerSlot | undefined;
  readonly #failures = new StartFailures();
  #later: Timer | undefined;

  /** Starts nothing. */
  constructor(settings: Settings, events: WorkerSetEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#placement = new Placement(settings);
    const { inlineWhileStarting = false, stateful, kinds } = settings;
    this.#bridges = inlineWhileStarting && !stateful &&
      kinds.includes("inline") && kinds[0] !== "inline";
  }

  /** Where tasks run; `undefined` until a worker has started. */
  get kind(): ExecutorKind | undefined {
    return this.#place?.kind;
  }

  /** Why a preferred kind of worker was refused, if one was. */
  get refusal(): Error | undefined {
    return this.#placement.refusal;
  }

  /** Workers that take tasks or soon will, without the bridge. */
  alive(): WorkerSlot[] {
    return [...this.slots].filter((slot) =>
      slot.isAlive && slot !== this.#bridge
    );
  }

  /** True when a worker is ready. */
  get isReady(): boolean {
    return this.alive().some((slot) => slot.isReady);
  }

  /** Starts workers until there are `wanted` of them, and those with the given indexes. */
  provide(wanted: number, indexes: readonly number[]): void {
    if (this.#placing) return;
    const most = this.kind === "inline" ? 1 : this.#settings.maxWorkers;
    // The usual case, and this runs for each task.
    if (indexes.length === 0 && this.#count() >= Math.min(most, wanted)) return;
    const alive = this.alive();
    const taken = new Set(alive.map((slot) => slot.index));
    const missing = indexes.filter((index) =>
      index < most && !taken.has(index)
    );
    const lacking = Math.max(
      Math.min(most, wanted) - alive.length,
      missing.length,
    );
    if (lacking <= 0) return;
    if (!this.#mayStart) {
      if (alive.length === 0) this.#events.startFailed(this.#failures.last!);
      else if (missing.length > 0) this.#tryLater();
    } else if (!this.#place) this.#choosePlace();
    else {
      for (let count = 0; count < lacking && this.#mayStart; count++) {
        const index = missing[count] ?? freeIndex(taken);
        taken.add(index);
        this.#startSlot(this.#place, index);
      }
    }
  }

  /** Number of tasks that workers hold and callers await. */
  get inFlight(): number {
    return this.#sum((slot) => slot.waitedFor);
  }

  /** Number of tasks that workers can take now. */
  get room(): number {
    return this.#sum((slot) => slot.room);
  }

  /** True when a task holds the thread of a worker. */
  get isHeld(): boolean {
    return [...this.slots].some((slot) => slot.isHeld);
  }

  /** Number of tasks held by workers that still take tasks. */
  get load(): number {
    return this.#sum((slot) => slot.isAlive ? slot.load : 0);
  }

  /** Closes all workers. Rejects with the errors that closing their handlers caused. */
  async close(): Promise<void> {
    this.#later?.stop();
    const errors = (await Promise.all(
      [...this.slots].map((slot) => slot.close()),
    )).filter((error) => error !== undefined);
    if (errors.length > 1) {
      throw new AggregateError(errors, "closing workers failed");
    }
    if (errors.length === 1) throw errors[0];
  }

  #count(): number {
    let count = 0;
    for (const slot of this.slots) {
      if (slot.isAlive && slot !== this.#bridge) count++;
    }
    return count;
  }

  #sum(count: (slot: WorkerSlot) => number): number {
    let sum = 0;
    for (const slot of this.slots) sum += count(slot);
    return sum;
  }

  /** False for a while after several starts in a row failed. */
  get #mayStart(): boolean {
    return this.#failures.pauseMs <= 0;
  }

  /** Retries after the pause: only the missing worker can run its pinned tasks, and nothing else would try again. */
  #tryLater(): void {
    this.#later ??= startTimer(() => {
      this.#later = undefined;
      this.#events.placed();
    }, this.#failures.pauseMs + 1);
  }

  /** Finds the first kind of worker that starts on this host. */
  async #choosePlace(): Promise<void> {
    this.#placing = true;
    if (this.#bridges) this.#bridgeOver();
    try {
      for (const kind of this.#placement.kinds) {
        const connect = await this.#placement.connect(kind);
        if (this.#events.isUnwanted()) {
          return await this.#placement.discard(connect);
        }
        const refusal = typeof connect !== "function"
          ? connect
          : await new Promise<Error | undefined>((placed) => {
            this.#startSlot({ kind, connect }, 0, { placed });
          });
        // No refusal: it started, or it was closed before it could.
        if (!refusal) return;
        this.#placement.refused(refusal);
        this.#events.refused(refusal);
      }
      this.#failed(this.#placement.failure());
    } catch (error) {
      this.#failed(error as Error);
    } finally {
      this.#placing = false;
      this.#events.placed();
    }
  }

  /** Runs tasks on this thread until a worker is ready. */
  async #bridgeOver(): Promise<void> {
    if (this.#bridge) return;
    try {
      const connect = await this.#placement.connectHere();
      if (this.#place || this.#events.isUnwanted()) return;
      const place: Place = { kind: "inline", connect };
      this.#startSlot(place, BRIDGE_INDEX, { isBridge: true });
    } catch {
      // The tasks wait for the worker, which reports its own error.
    }
  }

  #startSlot(
    place: Place,
    index: number,
    { isBridge = false, placed }: Role = {},
  ): void {
    const slot: WorkerSlot = new WorkerSlot({
      ...this.#settings,
      ...place,
      index,
      keepsBack: this.#events.keepsBack,
    }, {
      ...this.#events,
      started: () => {
        if (!isBridge) this.#place ??= place;
        placed?.();
      },
      ready: () => {
        if (!isBridge) {
          this.#failures.forget();
          this.#bridge?.leave();
          this.#bridge = undefined;
        }
        this.#events.ready(slot);
      },
      mayRetire: () => this.alive().length > this.#settings.minWorkers,
      ended: (end, begun, unbegun) => {
        const isVacant = end.why === "lost" || slot.isSpent;
        if (isVacant && !isBridge && !this.#succeeded.has(slot)) this.#vacant++;
        this.#events.ended(slot, end, begun, unbegun);
        if (isBridge) this.#bridge = undefined;
        else this.#ended(end, slot.hasBegun, placed);
      },
    });
    if (isBridge) this.#bridge = slot;
    else this.#countRestart();
    this.slots.add(slot);
    slot.gone.then(() => this.slots.delete(slot));
    if (place.kind !== "inline") this.started++;
    slot.start();
  }

  /** Counts a worker that is about to start, if it replaces one that has ended or takes no more tasks. */
  #countRestart(): void {
    if (this.#vacant > 0) this.#vacant--;
    else {
      const spent = [...this.slots].find((slot) =>
        slot.index !== BRIDGE_INDEX && slot.isSpent &&
        !this.#succeeded.has(slot)
      );
      if (!spent) return;
      this.#succeeded.add(spent);
    }
    this.restarts++;
  }

  #ended(end: SlotEnd, hasBegun: boolean, placed: Role["placed"]): void {
    if (end.why === "refused" && placed) return placed(end.error);
    if (end.why === "failed" || end.why === "refused") this.#failed(end.error);
    // It was ready and died before its first task. Once may be chance, but it must not repeat for ever.
    if (end.why === "lost" && !hasBegun) this.#failed(end.error, true);
    placed?.();
  }

  #failed(error: Error, mayBeChance = false): void {
    this.#failures.add(error);
    if (mayBeChance && !this.#failures.areMany) return;
    if (this.alive().length === 0) this.#events.startFailed(error);
  }
}

function freeIndex(taken: Set<number>): number {
  let index = 0;
  while (taken.has(index)) index++;
  return index;
}
