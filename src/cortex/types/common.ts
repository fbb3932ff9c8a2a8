/** What the options and inputs of every module share. */

/** How long a call may take and who may give it up. Accepted by every method. */
export interface CallControls {
  /** Gives the call up: the promise rejects with the signal's reason. What was already sent may still be applied. */
  signal?: AbortSignal;
  /** Time for the whole call, callbacks included, in ms; then it rejects with `TIMEOUT`. Default: no limit. */
  timeoutMs?: number;
}

/** What every method that writes takes besides. */
export interface WriteControls extends CallControls {
  /**
   * Names the write, 1 to 200 characters, so that it can be repeated when its outcome is unknown: the same call with
   * the same key within 24 hours is done once and gets the first answer. With other arguments, for another method, or
   * once something that it wrote was deleted, it rejects with `IDEMPOTENCY_CONFLICT`. Callbacks are not compared. Keys of two tenants never meet.
   */
  idempotencyKey?: string;
}

/** Whether a write also goes to the graph. Without a graph adapter it has no effect. */
export interface GraphSyncOption {
  /** Default: false. */
  syncToGraph?: boolean;
}

/** How far a job has come that the backend does in steps. */
export interface Progress {
  /** Rows done so far. */
  processed: number;
  /** Whether that is all. */
  done: boolean;
}

/** Who is told how far a long job has come. Accepted by every method that works in steps. */
export interface ProgressControls {
  /** Called after each step. What it throws ends the job; the steps before it stay done. */
  onProgress?: (progress: Progress) => void;
}
