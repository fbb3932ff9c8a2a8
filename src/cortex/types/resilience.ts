/** Options for resilience and for a graph that existing Cortex programs set. So far they have no effect. */

/** Urgency of a call. */
export type Priority = "critical" | "high" | "normal" | "low" | "background";

/** State of a circuit breaker: calls pass, are refused, or are tried. */
export type CircuitState = "closed" | "open" | "half-open";

/** A token bucket that limits the rate of calls. No effect yet. */
export interface RateLimiterConfig {
  /** Most calls at once (burst). */
  bucketSize?: number | undefined;
  /** Calls per second. */
  refillRate?: number | undefined;
}

/** Limits how many calls run at a time. No effect yet. */
export interface ConcurrencyConfig {
  /** Most running calls. */
  maxConcurrent?: number | undefined;
  /** Most waiting calls. */
  queueSize?: number | undefined;
  /** Longest wait, in ms. */
  timeout?: number | undefined;
}

/** A circuit breaker: refuses calls while others fail. No effect yet. */
export interface CircuitBreakerConfig {
  /** Failures until calls are refused (open). */
  failureThreshold?: number | undefined;
  /** Successes until all calls pass again (closed). */
  successThreshold?: number | undefined;
  /** Time until calls are tried again (half-open), in ms. */
  timeout?: number | undefined;
  /** Most calls tried at a time. */
  halfOpenMax?: number | undefined;
}

/** Limits how many calls wait. No effect yet. */
export interface QueueConfig {
  /** Most waiting calls, by priority. */
  maxSize?: Partial<Record<Priority, number>> | undefined;
}

/** How often and when failed calls are retried. No effect yet. */
export interface RetryConfig {
  /** Most retries. */
  maxRetries?: number | undefined;
  /** Delay before the first retry, in ms. */
  baseDelayMs?: number | undefined;
  /** Longest delay, in ms. */
  maxDelayMs?: number | undefined;
  /** Factor by which the delay grows. */
  exponentialBase?: number | undefined;
  /** Whether delays are randomised. */
  jitter?: boolean | undefined;
}

/** Metrics of the resilience layer. None are reported yet. */
export interface ResilienceMetrics {
  /** Of the rate limiter. */
  rateLimiter: {
    tokensAvailable: number;
    requestsThrottled: number;
    avgWaitTimeMs: number;
  };
  /** Of the concurrency limit. */
  concurrency: {
    active: number;
    waiting: number;
    maxReached: number;
    timeouts: number;
  };
  /** Of the circuit breaker. */
  circuitBreaker: {
    state: CircuitState;
    failures: number;
    lastFailureAt?: number;
    lastStateChangeAt: number;
    totalOpens: number;
  };
  /** Of the queue. */
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

/** The option `resilience`. No effect yet: the client has its own retries and limits, which need no options. */
export interface ResilienceConfig {
  /** Whether resilience is on. */
  enabled?: boolean | undefined;
  /** Rate limiter. */
  rateLimiter?: RateLimiterConfig | undefined;
  /** Concurrency limit. */
  concurrency?: ConcurrencyConfig | undefined;
  /** Circuit breaker. */
  circuitBreaker?: CircuitBreakerConfig | undefined;
  /** Queue. */
  queue?: QueueConfig | undefined;
  /** Retries. */
  retry?: RetryConfig | undefined;
  /** Called when the circuit breaker opens. */
  onCircuitOpen?: ((failures: number) => void) | undefined;
  /** Called when the circuit breaker closes. */
  onCircuitClose?: (() => void) | undefined;
  /** Called when the circuit breaker half-opens. */
  onCircuitHalfOpen?: (() => void) | undefined;
  /** Called when a call is refused because the queue is full. */
  onQueueFull?: ((priority: Priority) => void) | undefined;
  /** Called when the rate limiter delays a call. */
  onThrottle?: ((waitTimeMs: number) => void) | undefined;
  /** Called with metrics. */
  onMetrics?: ((metrics: ResilienceMetrics) => void) | undefined;
  /** Called when a call is retried. */
  onRetry?:
    | ((attempt: number, error: Error, delayMs: number) => void)
    | undefined;
}

/** How a graph is kept up to date in the background. No effect yet. */
export interface GraphSyncWorkerOptions {
  /** Writes per batch. */
  batchSize?: number | undefined;
  /** Retries of a failed write. */
  retryAttempts?: number | undefined;
  /** Whether the worker logs its work. */
  verbose?: boolean | undefined;
}

/** The option `graph`. No effect yet. */
export interface GraphConfig {
  /** Adapter to the graph database. */
  adapter: object;
  /** Whether deletions also remove nodes without remaining edges. */
  orphanCleanup?: boolean | undefined;
  /** Whether every write is queued for the graph. */
  autoSync?: boolean | undefined;
  /** Options of the worker that processes the queue. */
  syncWorkerOptions?: GraphSyncWorkerOptions | undefined;
}
