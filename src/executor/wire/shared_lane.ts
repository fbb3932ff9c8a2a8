/**
 * A channel between a pool and one worker through shared memory: a ring of tasks, a ring of results, and a few counters.
 * It saves most of the cost of a message, which is waking the other side's event loop.
 */
import { Ring, RING_BYTES } from "./ring.ts";

const HEADER_BYTES = 1024;

// Indexes of the counters. Each has its own cache line, to avoid false sharing between the two threads.
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

// States of a side: it polls, waits in its event loop, or blocks its thread.
const AWAKE = 0;
const ASLEEP = 1;
const BLOCKS = 2;

/** The two ends of the channel. */
type Side = "worker" | "pool";

/** One side of the channel. Each side writes one ring and reads the other. */
export class SharedLane {
  /** The memory, to be sent to the other side. */
  readonly memory: SharedArrayBuffer;
  /** From the pool to the worker. */
  readonly tasks: Ring;
  /** From the worker to the pool. */
  readonly results: Ring;
  readonly #control: Int32Array<SharedArrayBuffer>;
  /** True while a callback waits for this side to be woken. */
  #waits = false;

  /** Opens memory that the other side made. */
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

  /** Makes the memory; `undefined` on hosts without shared memory. */
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
    // Both sides begin asleep.
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

  /** True when the worker should spin for tasks for a while before it sleeps. */
  get spins(): boolean {
    return Atomics.load(this.#control, SPIN) === 1;
  }
  set spins(spins: boolean) {
    this.#set(SPIN, spins ? 1 : 0);
  }

  /** True while the worker runs tasks, or was woken to run some. */
  get isWorkerAwake(): boolean {
    return Atomics.load(this.#control, SLEEPS.worker) === AWAKE;
  }

  /**
   * True when the worker must begin no further task. The worker announces a task and then reads this; the pool sets this
   * and then reads what was announced. So the worker runs no task that the pool believes has not begun.
   */
  get isHalted(): boolean {
    return Atomics.load(this.#control, HALTED) === 1;
  }

  /** Stops the worker from beginning further tasks, because it is about to be ended. */
  halt(): void {
    this.#set(HALTED, 1);
  }

  /** Number of messages that the pool posted; overflows. */
  get posted(): number {
    return Atomics.load(this.#control, POSTED);
  }

  /** Called when the pool has posted a message: a worker that spins or blocks must return to its event loop. */
  countPosted(): void {
    Atomics.add(this.#control, POSTED, 1);
    if (Atomics.load(this.#control, SLEEPS.worker) === BLOCKS) {
      this.wake("worker");
    }
  }

  /** Marks this side as asleep: the other side wakes it, and `awake` is called in a turn of its own. */
  sleep(side: Side, awake: () => void): void {
    const at = SLEEPS[side];
    this.#set(at, ASLEEP);
    // The callback of an earlier sleep that ended by itself is still waiting.
    if (this.#waits) return;
    const { async, value } = Atomics.waitAsync(this.#control, at, ASLEEP);
    if (!async) return;
    this.#waits = true;
    value.then(() => {
      this.#waits = false;
      awake();
    });
  }

  /** Blocks this thread until there are tasks, a message is posted, or the time is over. */
  block(ms: number, received: number): void {
    const at = SLEEPS.worker;
    this.#set(at, BLOCKS);
    if (!this.tasks.hasMore && this.posted === received) {
      Atomics.wait(this.#control, at, BLOCKS, ms);
    }
    this.#set(at, AWAKE);
  }

  /** Marks this side as awake: it polls. */
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
    // It usually is awake, and reading is cheaper.
    if (
      Atomics.load(this.#control, at) !== AWAKE &&
      Atomics.exchange(this.#control, at, AWAKE) !== AWAKE
    ) Atomics.notify(this.#control, at);
  }

  #set(at: number, value: number): void {
    Atomics.store(this.#control, at, value);
  }
}
