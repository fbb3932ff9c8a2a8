/** Times of many tasks, in ms. Percentiles are accurate to within 10%. */
export interface TimeSummary {
  /** Number of tasks. */
  count: number;
  /** Mean. */
  mean: number;
  /** Median: half took no longer. */
  p50: number;
  /** 90 of 100 took no longer. */
  p90: number;
  /** 99 of 100 took no longer. */
  p99: number;
  /** The longest. */
  max: number;
}

/** Counters since the start, and the current state. */
export interface ExecutorStats {
  /** Tasks submitted. */
  submitted: number;
  /** Tasks settled, either way. */
  settled: number;
  /** Messages with tasks sent to workers (each carries one or more), including those through shared memory. */
  messages: number;
  /** Workers started. */
  workersStarted: number;
  /** Workers that died. */
  workersLost: number;
  /** Workers started to replace one that died or had reached its `maxTasksPerWorker`. */
  restarts: number;
  /** Tasks sent again because their worker died. */
  requeued: number;
  /** Tasks waiting now. */
  queued: number;
  /** Tasks that workers hold now, and that have not been given up. */
  inFlight: number;
  /** Workers accepting tasks now. */
  workers: number;
  /** Share of their time during which workers held tasks, 0 to 1. */
  utilisation: number;
  /** Times from submission until a task is sent to a worker. */
  wait: TimeSummary;
  /** Times from then until the result. */
  run: TimeSummary;
}
