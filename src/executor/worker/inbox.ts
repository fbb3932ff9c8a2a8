import { hasTurns } from "../timer.ts";
import { localClone } from "../wire/local_clone.ts";
import { readValues } from "../wire/plain_text.ts";
import type { TaskMark, ToWorker } from "../wire/protocol.ts";
import type { Ring } from "../wire/ring.ts";
import { findSharing } from "../wire/sharing.ts";
import { Backlog } from "./backlog.ts";

type Message<Type extends ToWorker["cortex"]> = Extract<
  ToWorker,
  { cortex: Type }
>;

/** Tasks that a worker was sent and has not begun: those of messages in a backlog, later ones in shared memory. */
export class Inbox {
  /** Where tasks arrive in shared memory, if there is any. */
  ring: Ring | undefined;
  /** True when messages in flight bring more tasks. */
  expectsMore = false;
  /** Number of the last task that came alone in a message. */
  lone: number | undefined;
  /** True when the task that `next` found last came through shared memory. */
  isShared = false;
  readonly #backlog = new Backlog();
  readonly #marks = new Map<number, TaskMark>();
  readonly #dropped = new Set<number>();

  /** Adds the tasks of a message. */
  addAll(message: Message<"run">): void {
    const { first, marks, more = false } = message;
    const tasks = readValues(message.tasks);
    this.expectsMore = more && hasTurns();
    this.#absorbShared();
    marks?.forEach((mark) => this.#marks.set((first + mark.at) | 0, mark));
    // Values that came as text share nothing. The others are separated here, as the sender's thread is busier.
    if (tasks === message.tasks) {
      for (const at of findSharing(tasks)) {
        tasks[at] = localClone({ task: tasks[at] }).task;
      }
    }
    for (let at = 0; at < tasks.length; at++) {
      this.#backlog.push((first + at) | 0, tasks[at]);
    }
  }

  /** Adds the only task of a message. */
  addOne(message: Message<"one"> | Message<"text">): void {
    const { first, more } = message;
    this.expectsMore = more && hasTurns();
    this.#absorbShared();
    if (!more) this.lone = first;
    this.#backlog.push(
      first,
      message.cortex === "one" ? message.task : JSON.parse(message.text),
    );
  }

  /** Finds the next task, which `take` gives, and returns its number; undefined when there is none. */
  next(): number | undefined {
    if (!this.#backlog.isEmpty) {
      this.isShared = false;
      return this.#backlog.seq;
    }
    const { ring } = this;
    if (!ring?.take()) return undefined;
    this.isShared = true;
    this.expectsMore = false;
    return ring.seq;
  }

  /** Takes the task that `next` found. */
  take(): unknown {
    return this.isShared ? this.ring!.value : this.#backlog.take();
  }

  /** Takes what the pool said of a task, if anything. */
  takeMark(seq: number): TaskMark | undefined {
    if (this.#marks.size === 0) return undefined;
    const mark = this.#marks.get(seq);
    if (mark) this.#marks.delete(seq);
    return mark;
  }

  /** Marks a task as given up, unless it is not here. */
  drop(seq: number): void {
    this.#absorbShared();
    if (this.#backlog.has(seq)) this.#dropped.add(seq);
  }

  /** True, once, for a task that was given up. */
  takeDropped(seq: number): boolean {
    return this.#dropped.size > 0 && this.#dropped.delete(seq);
  }

  /** Forgets the tasks of messages. */
  clear(): void {
    this.#backlog.clear();
  }

  /** Moves tasks from shared memory to the backlog, because they came before what follows. */
  #absorbShared(): void {
    const { ring } = this;
    if (!ring?.hasMore) return;
    while (ring.take()) this.#backlog.push(ring.seq, ring.value);
    ring.free();
  }
}
