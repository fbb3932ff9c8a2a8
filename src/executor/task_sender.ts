import { checkTransfer, notCloneable } from "./cloneable.ts";
import type { HeldTasks } from "./held_tasks.ts";
import { marksOf } from "./marks.ts";
import { PlainText } from "./plain_text.ts";
import type { Connection, ToWorker } from "./protocol.ts";
import { isSmall, type SharedLane } from "./shared_lane.ts";
import type { PendingTask } from "./task_queue.ts";

/** What a sender tells. */
export interface SenderEvents {
  /** Tasks left together. */
  posted(): void;
  /** A task left whose start is to be watched. */
  timed(task: PendingTask): void;
  /** A task cannot be sent. */
  unsendable(task: PendingTask, error: Error): void;
}

/** Hands tasks over to one worker, as many at once as can be: through shared memory, or in one message. */
export class TaskSender {
  readonly #connection: Connection;
  readonly #lane: SharedLane | undefined;
  readonly #held: HeldTasks;
  readonly #events: SenderEvents;
  readonly #text = new PlainText();
  /** Number of the last task that was sent by message. */
  #posted = 0;

  /** What is sent is added to `held`. */
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

  /** Sends tasks together; those that move objects travel alone. True when they went through shared memory. */
  send(tasks: PendingTask[]): boolean {
    if (this.#sendSmall(tasks)) return true;
    let batch: PendingTask[] = [];
    for (const task of tasks) {
      if (!task.extras?.transfer?.length) {
        batch.push(task);
        continue;
      }
      this.#sendMessage(batch);
      batch = [];
      this.#sendMessage([task], task.extras.transfer);
    }
    this.#sendMessage(batch);
    return false;
  }

  /** Posts a message, and tells a worker that looks out for shared memory only. */
  post(message: ToWorker, transfer?: readonly ArrayBufferLike[]): void {
    this.#connection.post(message, transfer);
    this.#lane?.countPosted();
  }

  /** Sends tasks through shared memory, if all of them fit there and none would overtake a message. */
  #sendSmall(tasks: PendingTask[]): boolean {
    const lane = this.#lane;
    if (!lane || ((this.#posted - lane.started) | 0) > 0) return false;
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

  #sendMessage(
    tasks: PendingTask[],
    transfer?: readonly ArrayBufferLike[],
  ): void {
    if (tasks.length === 0) return;
    const first = (this.#held.last + 1) | 0;
    const payloads = tasks.map((task) => task.payload);
    const marks = marksOf(tasks);
    try {
      if (transfer) checkTransfer(transfer);
      const more = this.#held.size > 0;
      if (marks) {
        this.post(
          { type: "run", first, tasks: payloads, marks, more },
          transfer,
        );
      } else if (tasks.length > 1) {
        const text = this.#text.ofAll(payloads);
        this.post({ type: "run", first, tasks: text ?? payloads, more });
      } else {
        const [task] = payloads;
        const text = transfer ? undefined : this.#text.ofOne(task);
        if (text === undefined) {
          this.post({ type: "one", first, task, more }, transfer);
        } else this.post({ type: "text", first, text, more });
      }
    } catch (cause) {
      if (tasks.length > 1) {
        for (const task of tasks) this.#sendMessage([task]);
      } else {
        const [task] = tasks as [PendingTask];
        const error = notCloneable("task", task.payload, cause);
        this.#events.unsendable(task, error);
      }
      return;
    }
    for (const task of tasks) {
      this.#admit(task);
      if (task.extras?.runTimeoutMs) this.#events.timed(task);
    }
    this.#posted = this.#held.last;
    this.#events.posted();
  }

  #admit(task: PendingTask): void {
    task.state = "running";
    if (task.extras) task.extras.attempts++;
    this.#held.add(task);
  }
}
