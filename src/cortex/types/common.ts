/** Options shared by the methods of every module. */

/**
 * How long a call may take, and how to cancel it. Accepted by every method. What is wrong here, or in the other controls
 * of a call, rejects with `ClientError` `INVALID_ARGUMENT`, whatever the module.
 */
export interface CallControls {
  /** Cancels the call: the promise rejects with the signal's reason. What was already sent may still be applied. */
  signal?: AbortSignal | undefined;
  /**
   * Time limit for the whole call, callbacks included, in ms, above 0; after that it rejects with `TIMEOUT`. Default:
   * no limit, as for more than 2^31 − 1.
   */
  timeoutMs?: number | undefined;
}

/** Additionally accepted by every method that writes. */
export interface WriteControls extends CallControls {
  /**
   * Names the write, in 1 to 200 characters, so that it can be repeated safely when its outcome is unknown: the same
   * call with the same key within 24 hours is done once, and repeats return the first answer. With other arguments or
   * options, for another method, or once something that its answer shows was deleted, it rejects with
   * `IDEMPOTENCY_CONFLICT`. The erasure of a user, an agent or a space takes the keys of what it erases with it: a later
   * repeat writes again. Callbacks, signals and time limits are not compared. Keys of different tenants are separate.
   */
  idempotencyKey?: string | undefined;
}

/** Whether a write also goes to the graph. No effect without a graph adapter. */
export interface GraphSyncOption {
  /** Default: false. */
  syncToGraph?: boolean | undefined;
}

/** Progress of a job that the backend does in steps. */
export interface Progress {
  /** Rows processed so far. */
  processed: number;
  /** Whether the job is finished. */
  done: boolean;
}

/** Reports the progress of a long job. Accepted by every method that works in steps. */
export interface ProgressControls {
  /** Called after each step. If it throws, the job ends; the steps before stay done. */
  onProgress?: ((progress: Progress) => void) | undefined;
}
