import { checkTransfer, notCloneable } from "../wire/cloneable.ts";
import type { Connection } from "../hosts/connection.ts";
import { executorClosed } from "../failures.ts";
import type { HeldTasks } from "./held_tasks.ts";
import { isLarge, ownCopy } from "../wire/own_copy.ts";
import { mayBeEnded, type PendingTask } from "./pending_task.ts";
import { PlainText } from "../wire/plain_text.ts";
import type { TaskMark, ToWorker } from "../wire/protocol.ts";
import { isSmall } from "../wire/ring.ts";
import type { SharedLane } from "../wire/shared_lane.ts";

/** Callbacks of a sender. */
export interface SenderEvents {
  /** A message with tasks was posted. */
  posted(): void;
  /** True when both sides poll for a lone task of this kind; otherwise a message wakes the other side sooner. */
  polls(kind: Kind): boolean;
  /** A task with options was sent by message. */
  left(task: PendingTask): void;
  /** A task cannot be sent. */
  unsendable(task: PendingTask, error: Error): void;
}

/** Kinds of tasks: sent through shared memory as small values or as text, and others. */
export type Kind = "small" | "text" | "other";

/** Sends tasks to one worker, as many at once as possible: through shared memory, or in one message. */
export class TaskSender {
  readonly #connection: Connection;
  readonly #lane: SharedLane | undefined;
  readonly #held: HeldTasks;
  readonly #events: SenderEvents;
  readonly #text = new PlainText();
  /** Number of the last task that was sent by message. */
  #posted = 0;

  /** Sent tasks are added to `held`. */
  constructor(
    connection: Connection,
    lane: SharedLane | undefined,
    held: HeldTasks,
    events: SenderEvents,
  ) {
    this.#connection = connection;
    this.#lane = lane;
    this.#held = held;
    this.#events = events;
  }

  /**
   * Sends tasks together; those that transfer objects, or are large, go in their own message. Returns their kind.
   *
   * @param lone Whether this is a single task and the worker has no other.
   */
  send(tasks: PendingTask[], lone: boolean): Kind {
    // On other hosts, waking a blocked worker through shared memory takes half the time of a message.
    if (lone && "Bun" in globalThis) {
      const [task] = tasks as [PendingTask];
      if (isSmall(task.payload) && !this.#events.polls("small")) {
        this.#sendMessage([task], task.extras?.transfer);
        return "small";
      }
    }
    if (this.#sendSmall(tasks)) return "small";
    let kind: Kind = "other";
    let batch: PendingTask[] = [];
    for (const task of tasks) {
      const { payload, extras } = task;
      if (!extras?.transfer?.length && !isLarge(payload)) {
        batch.push(task);
        continue;
      }
      this.#sendBatch(batch, false);
      batch = [];
      this.#sendMessage([task], extras?.transfer);
    }
    if (batch.length > 0) kind = this.#sendBatch(batch, lone);
    return kind;
  }

  /** Posts a message, and wakes a worker that only watches the shared memory. */
  post(message: ToWorker, transfer?: readonly object[]): void {
    this.#connection.post(message, transfer);
    this.#lane?.countPosted();
  }

  /** Sends tasks through shared memory, if all of them fit and none would overtake a message. */
  #sendSmall(tasks: PendingTask[]): boolean {
    const lane = this.#lane;
    if (!lane || !this.#mayShare(lane)) return false;
    for (const { payload, extras } of tasks) {
      if (!isSmall(payload)) return false;
      if (extras && (extras.transfer || extras.onItems)) return false;
      if (extras?.runTimeoutMs) return false;
    }
    if (lane.tasks.room() < tasks.length) return false;
    for (const task of tasks) {
      this.#admit(task);
      lane.tasks.push(task.seq, task.payload);
    }
    lane.tasks.publish();
    lane.wake("worker");
    this.#events.posted();
    return true;
  }

  /** Sends plain values as text: through shared memory if they fit and no message precedes them. */
  #sendBatch(tasks: PendingTask[], lone: boolean): Kind {
    if (tasks.length === 0) return "other";
    const first = (this.#held.last + 1) | 0;
    const text = tasks.length === 1
      ? this.#text.ofOne(tasks[0]!.payload)
      : this.#text.ofAll(tasks.map((task) => task.payload));
    const marks = marksOf(tasks);
    const lane = this.#lane;
    if (
      text === undefined || marks || !lane || !this.#mayShare(lane) ||
      (lone && !this.#events.polls("text")) ||
      !lane.tasks.pushText(first, text, tasks.length > 1)
    ) {
      this.#sendMessage(tasks, undefined, text, marks);
      return text === undefined ? "other" : "text";
    }
    for (const task of tasks) this.#admit(task);
    lane.tasks.publish();
    lane.wake("worker");
    this.#events.posted();
    return "text";
  }

  #sendMessage(
    tasks: PendingTask[],
    transfer?: readonly object[],
    text?: string,
    marks: TaskMark[] | undefined = marksOf(tasks),
  ): void {
    const first = (this.#held.last + 1) | 0;
    const more = this.#held.size > 0;
    try {
      if (transfer) checkTransfer(transfer);
      if (tasks.length > 1 || marks) {
        const payloads = tasks.map((task) => task.payload);
        const isText = text !== undefined && tasks.length > 1;
        this.post({
          cortex: "run",
          first,
          tasks: isText ? text : payloads,
          ...marks ? { marks } : {},
          more,
        }, transfer);
      } else if (text !== undefined) {
        this.post({ cortex: "text", first, text, more });
      } else this.#postValue(first, tasks[0]!.payload, more, transfer);
    } catch (cause) {
      if (tasks.length > 1) {
        for (const task of tasks) this.#sendMessage([task]);
      } else {
        const [task] = tasks as [PendingTask];
        const error = notCloneable("task", task.payload, cause, transfer);
        this.#events.unsendable(task, error);
      }
      return;
    }
    for (const task of tasks) {
      this.#admit(task);
      if (task.extras) this.#events.left(task);
    }
    this.#posted = this.#held.last;
    this.#events.posted();
  }

  #postValue(
    first: number,
    task: unknown,
    more: boolean,
    transfer: readonly object[] | undefined,
  ): void {
    const own = transfer ? undefined : ownCopy(task);
    this.post(
      { cortex: "one", first, task: own ? own.copy : task, more },
      own?.transfer ?? transfer,
    );
  }

  /** True when a task sent through shared memory now would not overtake a message. */
  #mayShare(lane: SharedLane): boolean {
    return ((this.#posted - lane.started) | 0) <= 0;
  }

  #admit(task: PendingTask): void {
    if (this.#held.isClosed) {
      return this.#events.unsendable(task, executorClosed());
    }
    if (task.state === "sending") task.state = "running";
    if (task.extras) task.extras.attempts++;
    this.#held.add(task);
  }
}

/** The options of tasks that the worker must know; usually none. */
function marksOf(tasks: PendingTask[]): TaskMark[] | undefined {
  let marks: TaskMark[] | undefined;
  for (let at = 0; at < tasks.length; at++) {
    const { extras } = tasks[at]!;
    const hard = extras !== undefined && mayBeEnded(extras);
    const timed = hard || extras?.runTimeoutMs !== undefined;
    if (!timed && !extras?.buffer) continue;
    (marks ??= []).push({ at, timed, hard, buffer: extras?.buffer });
  }
  return marks;
}
