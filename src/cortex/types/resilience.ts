/** Options that programs of the family set for resilience and for a graph: so far they have no effect. */

/** How urgent a call is. */
export type Priority = "critical" | "high" | "normal" | "low" | "background";

/** Whether calls are let through, refused, or tried. */
export type CircuitState = "closed" | "open" | "half-open";

/** How many calls may be made in a time. */
export interface RateLimiterConfig {
  /** Calls at once. */
  bucketSize?: number | undefined;
  /** Calls per second. */
  refillRate?: number | undefined;
}

/** How many calls may run at a time. */
export interface ConcurrencyConfig {
  /** Calls that run. */
  maxConcurrent?: number | undefined;
  /** Calls that wait. */
  queueSize?: number | undefined;
  /** Longest wait, in ms. */
  timeout?: number | undefined;
}

/** When calls are refused because others failed. */
export interface CircuitBreakerConfig {
  /** Failures until calls are refused. */
  failureThreshold?: number | undefined;
  /** Successes until all calls are let through again. */
  successThreshold?: number | undefined;
  /** Time until calls are tried again, in ms. */
  timeout?: number | undefined;
  /** Calls that are tried at a time. */
  halfOpenMax?: number | undefined;
}

/** How many calls may wait. */
export interface QueueConfig {
  /** By their priority. */
  maxSize?: Partial<Record<Priority, number>> | undefined;
}

/** How often and when a failed call is repeated. */
export interface RetryConfig {
  /** Repetitions. */
  maxRetries?: number | undefined;
  /** Time before the first, in ms. */
  baseDelayMs?: number | undefined;
  /** Longest time before one, in ms. */
  maxDelayMs?: number | undefined;
  /** What the time grows by. */
  exponentialBase?: number | undefined;
  /** Whether the times vary. */
  jitter?: boolean | undefined;
}

/** What the resilience layer of the family measures. */
export interface ResilienceMetrics {
  /** Calls held back. */
  rateLimiter: {
    tokensAvailable: number;
    requestsThrottled: number;
    avgWaitTimeMs: number;
  };
  /** Calls that run and wait. */
  concurrency: {
    active: number;
    waiting: number;
    maxReached: number;
    timeouts: number;
  };
  /** Failures. */
  circuitBreaker: {
    state: CircuitState;
    failures: number;
    lastFailureAt?: number;
    lastStateChangeAt: number;
    totalOpens: number;
  };
  /** Calls that wait, by their priority. */
  queue: {
    total: number;
    byPriority: Record<Priority, number>;
    processed: number;
    dropped: number;
    oldestRequestAgeMs?: number;
  };
  /** When it was measured, in ms. */
  timestamp: number;
}

/** The option `resilience`. */
export interface ResilienceConfig {
  /** Whether it is on. */
  enabled?: boolean | undefined;
  /** How many calls may be made in a time. */
  rateLimiter?: RateLimiterConfig | undefined;
  /** How many calls may run at a time. */
  concurrency?: ConcurrencyConfig | undefined;
  /** When calls are refused. */
  circuitBreaker?: CircuitBreakerConfig | undefined;
  /** How many calls may wait. */
  queue?: QueueConfig | undefined;
  /** When a call is repeated. */
  retry?: RetryConfig | undefined;
  /** Told when calls begin to be refused. */
  onCircuitOpen?: ((failures: number) => void) | undefined;
  /** Told when all calls are let through again. */
  onCircuitClose?: (() => void) | undefined;
  /** Told when calls are tried. */
  onCircuitHalfOpen?: (() => void) | undefined;
  /** Told when a call is refused since too many wait. */
  onQueueFull?: ((priority: Priority) => void) | undefined;
  /** Told when a call is held back. */
  onThrottle?: ((waitTimeMs: number) => void) | undefined;
  /** Told what is measured. */
  onMetrics?: ((metrics: ResilienceMetrics) => void) | undefined;
  /** Told when a call is repeated. */
  onRetry?:
    | ((attempt: number, error: Error, delayMs: number) => void)
    | undefined;
}

/** How a graph is kept up to date in the background. */
export interface GraphSyncWorkerOptions {
  /** Writes at a time. */
  batchSize?: number | undefined;
  /** Repetitions of a failed one. */
  retryAttempts?: number | undefined;
  /** Whether it logs what it does. */
  verbose?: boolean | undefined;
}

/** The option `graph`. */
export interface GraphConfig {
  /** What speaks to the graph database. */
  adapter: object;
  /** Whether deletions also remove nodes that nothing leads to. */
  orphanCleanup?: boolean | undefined;
  /** Whether every write is queued for the graph. */
  autoSync?: boolean | undefined;
  /** How the queue is worked off. */
  syncWorkerOptions?: GraphSyncWorkerOptions | undefined;
}
