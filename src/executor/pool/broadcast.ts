import { invalidOption } from "../check.ts";
import { limitCall } from "./limits.ts";
import type { TaskExtras } from "./pending_task.ts";
import type { Signals } from "./signals.ts";
import { readTaskOptions, type TaskSettings } from "./task_options.ts";
import type { RunOptions } from "../types.ts";
import type { WorkerSlot } from "./worker_slot.ts";

/** The part of the pool that a broadcast uses. */
export interface BroadcastPool {
  /** Workers that take tasks. */
  alive(): WorkerSlot[];
  /** Starts one if there is none. */
  warm(): Promise<void>;
  /** Runs the task. */
  submit(extras: TaskExtras): Promise<unknown>;
}

/** Runs a task on every worker. When there is none, starts those that the first task would start. */
export async function runEverywhere(
  options: RunOptions,
  settings: TaskSettings,
  signals: Signals,
  pool: BroadcastPool,
): Promise<unknown[]> {
  const call = readTaskOptions(options, settings);
  if (call.transfer?.length && settings.maxWorkers > 1) {
    // The first worker would get the objects, and the others would fail.
    throw invalidOption(
      "transfer",
      "of a broadcast must be empty, as it moves to one worker only",
      call.transfer,
    );
  }
  // While there is no worker there are no tasks to give up, so the wait for one is given up here.
  const givenUp = new Promise<never>((_, reject) =>
    limitCall(call, reject, signals, new Error())
  );
  const orGivenUp = <T>(promise: Promise<T>) =>
    Promise.race([givenUp, promise]);
  try {
    // A worker that became ready may be gone again.
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
