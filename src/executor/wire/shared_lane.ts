/**
 * A path between a pool and one worker through shared memory: one ring of tasks, one of results, and a few counters.
 * What a message costs is mostly the waking of the other side's event loop, which this saves.
 */
import { Ring, RING_BYTES } from "./ring.ts";

const HEADER_BYTES = 1024;

// Places of the counters. Each has a cache line of its own, so that the two sides do not wait for one another.
const TASK_TAIL = 0;
const TASK_HEAD = 16;
const RESULT_TAIL = 32;
const RESULT_HEAD = 48;
const STARTED = 64;
const BUSY = 80;
const POSTED = 96;
const SLEEPS = { worker: 112, pool: 128 };
const SPIN = 144;
const TURN = 160;
const TASK_TEXT_HEAD = 176;
const RESULT_TEXT_HEAD = 192;
const HALTED = 208;

// What a side does: it looks by itself, waits in its event loop, or blocks its thread.
const AWAKE = 0;
const ASLEEP = 1;
const BLOCKS = 2;

/** Who is at an end of the path. */
type Side = "worker" | "pool";

/** One side of the path. Each side writes one ring and reads the other. */
export class SharedLane {
  /** The memory, for the other side. */
  readonly memory: SharedArrayBuffer;
  /** From the pool to the worker. */
  readonly tasks: Ring;
  /** From the worker to the pool. */
  readonly results: Ring;
  readonly #control: Int32Array<SharedArrayBuffer>;
  /** True while this side is to be called back when it is woken. */
  #waits = false;

  /** Takes the memory that the other side made. */
  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.#control = new Int32Array(memory, 0, HEADER_BYTES / 4);
    this.tasks = new Ring(memory, this.#control, {
      tail: TASK_TAIL,
      head: TASK_HEAD,
      textHead: TASK_TEXT_HEAD,
      offset: HEADER_BYTES,
    });
    this.results = new Ring(memory, this.#control, {
      tail: RESULT_TAIL,
      head: RESULT_HEAD,
      textHead: RESULT_TEXT_HEAD,
      offset: HEADER_BYTES + RING_BYTES,
    });
  }

  /** Makes the memory; `undefined` where the host has none to share. */
  static open(): SharedLane | undefined {
    const { crossOriginIsolated } = globalThis as {
      crossOriginIsolated?: boolean;
    };
    if (
      typeof SharedArrayBuffer !== "function" ||
      crossOriginIsolated === false ||
      typeof Atomics.waitAsync !== "function"
    ) return undefined;
    const lane = new SharedLane(
      new SharedArrayBuffer(HEADER_BYTES + 2 * RING_BYTES),
    );
    // Both sides sleep until they say otherwise.
    lane.#set(SLEEPS.worker, ASLEEP);
    lane.#set(SLEEPS.pool, ASLEEP);
    return lane;
  }

  /** Number of the last task that began. */
  get started(): number {
    return Atomics.load(this.#control, STARTED);
  }
  set started(seq: number) {
    Atomics.store(this.#control, STARTED, seq);
  }

  /** Time for which the worker's thread was busy with tasks, in µs; overflows. */
  get busyUs(): number {
    return Atomics.load(this.#control, BUSY);
  }
  set busyUs(us: number) {
    Atomics.store(this.#control, BUSY, us);
  }

  /** True when the worker is to look out for tasks for a while before it sleeps. */
  get spins(): boolean {
    return Atomics.load(this.#control, SPIN) === 1;
  }
  set spins(spins: boolean) {
    this.#set(SPIN, spins ? 1 : 0);
  }

  /**
   * True when the worker is to run no further task. The worker says that a task began and then looks here; the pool sets
   * this and then looks what began: so no task runs that the pool takes for one that did not begin.
   */
  get isHalted(): boolean {
    return Atomics.load(this.#control, HALTED) === 1;
  }

  /** Lets the worker run no further task: it is about to be ended. */
  halt(): void {
    this.#set(HALTED, 1);
  }

  /** Messages that the pool posted; overflows. */
  get posted(): number {
    return Atomics.load(this.#control, POSTED);
  }

  /** The pool posted a message, which a worker that looks out, or blocks, must go and receive. */
  countPosted(): void {
    Atomics.add(this.#control, POSTED, 1);
    if (Atomics.load(this.#control, SLEEPS.worker) === BLOCKS) {
      this.wake("worker");
    }
  }

  /** Says that a side sleeps: from now on the other one wakes it, by a callback in a turn of its own. */
  sleep(side: Side, awake: () => void): void {
    const at = SLEEPS[side];
    this.#set(at, ASLEEP);
    // An earlier sleep that ended without being woken is still to be called back.
    if (this.#waits) return;
    const { async, value } = Atomics.waitAsync(this.#control, at, ASLEEP);
    if (!async) return;
    this.#waits = true;
    value.then(() => {
      this.#waits = false;
      awake();
    });
  }

  /** Blocks this thread until there are tasks or a message was posted, for some milliseconds at most. */
  block(ms: number, received: number): void {
    const at = SLEEPS.worker;
    this.#set(at, BLOCKS);
    if (!this.tasks.hasMore && this.posted === received) {
      Atomics.wait(this.#control, at, BLOCKS, ms);
    }
    this.#set(at, AWAKE);
  }

  /** Says that this side is awake: it looks by itself for what comes. */
  rise(side: Side): void {
    this.#set(SLEEPS[side], AWAKE);
  }

  /** Calls the pool back after a turn of its event loop. Does not keep the process alive. */
  turn(callback: () => void): void {
    const { async, value } = Atomics.waitAsync(this.#control, TURN, 0);
    if (async) value.then(callback);
    Atomics.notify(this.#control, TURN);
  }

  /** Wakes a side if it sleeps. */
  wake(side: Side): void {
    const at = SLEEPS[side];
    // Mostly it is awake, and reading is cheaper.
    if (
      Atomics.load(this.#control, at) !== AWAKE &&
      Atomics.exchange(this.#control, at, AWAKE) !== AWAKE
    ) Atomics.notify(this.#control, at);
  }

  #set(at: number, value: number): void {
    Atomics.store(this.#control, at, value);
  }
}
