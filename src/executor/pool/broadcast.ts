import { invalidOption } from "../check.ts";
import { limitCall } from "./limits.ts";
import type { TaskExtras } from "./pending_task.ts";
import type { Signals } from "./signals.ts";
import { readTaskOptions, type TaskSettings } from "./task_options.ts";
import type { RunOptions } from "../types.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** What a broadcast needs of the pool. */
export interface BroadcastPool {
  /** Workers that take tasks. */
  alive(): WorkerSlot[];
  /** Starts one if there is none. */
  warm(): Promise<void>;
  /** Runs the task. */
  submit(extras: TaskExtras & { timeoutMs?: number }): Promise<unknown>;
}

/** Runs a task on every worker; on those that start with the first task when there is none. */
export async function runEverywhere(
  options: RunOptions,
  settings: TaskSettings,
  signals: Signals,
  pool: BroadcastPool,
): Promise<unknown[]> {
  const call = readTaskOptions(options, settings);
  if (call.transfer?.length && settings.maxWorkers > 1) {
    // The first would get it, and the others fail.
    throw invalidOption(
      "transfer",
      "of a broadcast must be empty, as it moves to one worker only",
      call.transfer,
    );
  }
  // As long as there is no worker there are no tasks that could be given up.
  const givenUp = new Promise<never>((_, reject) =>
    limitCall(call, reject, signals, options.signal, call.timeoutMs)
  );
  const orGivenUp = <T>(promise: Promise<T>) =>
    Promise.race([givenUp, promise]);
  try {
    // One that got ready may be gone again.
    while (pool.alive().length === 0) await orGivenUp(pool.warm());
    return await orGivenUp(Promise.all(
      pool.alive().map(({ index }) => {
        const extras = readTaskOptions(options, settings);
        extras.worker = index;
        return pool.submit(extras);
      }),
    ));
  } finally {
    call.release?.();
    call.timer?.stop();
  }
}
