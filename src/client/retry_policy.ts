import { type CortexError, isCortexError } from "../errors.ts";
import type { CallOptions, FunctionKind } from "./types.ts";

/** Options of retries. */
export interface RetryOptions {
  /** Most attempts per call, including the first, 1 to 100. Default 4. */
  maxAttempts?: number | undefined;
  /** Longest wait before the second attempt, in ms, 0 to 3 600 000; doubles for each further one. Default 100. */
  minDelayMs?: number | undefined;
  /** Longest wait before any attempt, in ms, 0 to 3 600 000; a longer `Retry-After` ends the call. Default 10 000. */
  maxDelayMs?: number | undefined;
  /**
   * Average number of retries per call, 0 to 100, so that retries never dominate the load. Up to 100 that calls before
   * did not need may be made in addition, and so many from the start. Default 0.2.
   */
  budget?: number | undefined;
}

/** When a call may be repeated: always, only if it cannot have run, or never. */
export type Safety = "always" | "unrun" | "never";

/** Retries that are allowed in a row before the budget counts. */
const BUCKET = 100;

/** Codes that Convex sends with status 503 for calls that it refused before they had any effect. */
const UNRUN: readonly string[] = [
  "RejectedBeforeExecution",
  "OptimisticConcurrencyControlFailure",
  "OCC",
  "TooManyConcurrentRequests",
  "ExpiredInQueue",
  "ExecuteFullError",
  "CommitterFullError",
];

/** When a call may be repeated. */
export function safetyOf(
  kind: FunctionKind,
  { retry = "safe", idempotencyKey }: Pick<
    CallOptions,
    "retry" | "idempotencyKey"
  >,
): Safety {
  if (retry !== "safe") return retry;
  if (kind === "query") return "always";
  if (kind === "action") return "never";
  return idempotencyKey ? "always" : "unrun";
}

/** The narrowest of several safeties. */
export function narrowest(
  calls: readonly { readonly safety: Safety }[],
): Safety {
  return (["never", "unrun"] as const).find((narrow) =>
    calls.some(({ safety }) => safety === narrow)
  ) ?? "always";
}

/** True when the deployment cannot have run the call. */
function isUnrun({ code, data }: CortexError): boolean {
  const facts = Object(data) as { sent?: unknown; code?: unknown };
  return code === "RATE_LIMITED" || code === "CIRCUIT_OPEN" ||
    code === "UNREACHABLE" && facts.sent === false ||
    code === "OVERLOADED" && UNRUN.includes(facts.code as string);
}

/** Whether a call of this safety may be made again after such an error. */
export function mayRepeat(error: unknown, safety: Safety): boolean {
  if (!isCortexError(error) || safety === "never") return false;
  const { isDamaged } = Object(error.data) as { isDamaged?: boolean };
  return (error.retryable || isDamaged!) &&
    (safety === "always" || isUnrun(error));
}

/** Decides whether and when a failed attempt is repeated: exponential backoff with full jitter, within a budget. */
export class RetryPolicy {
  readonly #options: RetryOptions;
  #tokens = BUCKET;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** Counts a call that was made for the first time. */
  earn(): void {
    const { budget = 0.2 } = this.#options;
    this.#tokens = Math.min(BUCKET, this.#tokens + budget);
  }

  /** Time to wait before the next attempt, in ms; `undefined`: there is none. */
  delayMs(error: unknown, attempt: number, safety: Safety): number | undefined {
    const { maxAttempts = 4, minDelayMs = 100, maxDelayMs = 10_000 } =
      this.#options;
    if (!mayRepeat(error, safety)) return undefined;
    if (attempt >= maxAttempts || this.#tokens < 1) return undefined;
    const { retryAfterMs = 0 } = Object((error as CortexError).data) as {
      retryAfterMs?: number;
    };
    // Repeating it sooner than the deployment asks would make things worse.
    if (retryAfterMs > maxDelayMs) return undefined;
    this.#tokens--;
    const longest = Math.min(maxDelayMs, minDelayMs * 2 ** (attempt - 1));
    return retryAfterMs + Math.random() * longest;
  }
}
