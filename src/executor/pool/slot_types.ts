import type { Connect } from "../hosts/connection.ts";
import type { Settings } from "./options.ts";
import type { PendingTask } from "./pending_task.ts";
import type { ExecutorKind } from "../types.ts";

/** Why a worker is no longer there. */
export type SlotEnd =
  /** The host would not start it. */
  | { why: "refused"; error: Error }
  /** Its handler could not be built. */
  | { why: "failed"; error: Error }
  /** It died. */
  | { why: "lost"; error: Error }
  /** It was asked to go. `error` is what closing its handler threw. */
  | { why: "closed"; error?: Error };

/** Events that a slot reports to the pool. */
export interface SlotEvents {
  /** The worker's code runs. */
  started(): void;
  /** The handler is built: tasks may be sent. */
  ready(): void;
  /** A task is done. */
  settled(task: PendingTask, value: unknown): void;
  /** A task failed, or could not be sent. */
  failed(task: PendingTask, error: Error): void;
  /**
   * The worker has finished a task, awaited or not; or one that cannot be sent, or has gone on for too long since it was
   * given up, makes room.
   */
  over(task: PendingTask): void;
  /** A task whose time is limited began. */
  began(task: PendingTask): void;
  /** True when this worker may end because it is idle. */
  mayRetire(): boolean;
  /** Results arrived: there is room for more tasks. */
  room(): void;
  /** A message with tasks was posted. */
  posted(): void;
  /** The worker is gone, and with it the tasks that it held: those that may have begun, and others. Called once. */
  ended(end: SlotEnd, begun: PendingTask[], unbegun: PendingTask[]): void;
}

/** Options of a slot. */
export interface SlotOptions extends
  Pick<
    Settings,
    | "concurrencyPerWorker"
    | "maxTasksPerWorker"
    | "sharedMemory"
    | "name"
    | "init"
    | "readyTimeoutMs"
    | "idleTimeoutMs"
    | "stateful"
    | "reviveError"
    | "explain"
  > {
  /** Where the worker runs. */
  kind: ExecutorKind;
  /** Starts it. */
  connect: Connect;
  /** Number of the worker in its pool. */
  index: number;
  /** True when tasks should stay in the pool until their turn. */
  keepsBack: () => boolean;
}
