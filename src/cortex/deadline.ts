/** Bounds the time of a call, callbacks included, and lets its caller give it up. */
import { unlessAborted, withDeadline } from "../at_once.ts";
import { INVALID_ARGUMENT } from "./words.ts";
import { ClientError } from "../errors.ts";
import { checkKey, type KeyedControls } from "./idempotency.ts";
import { current, got } from "./rules.ts";

/** Longer timers fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs `work`, which starts at once, and rejects when the caller gives up or the time is over. `work` gets a signal
 * that says so, or none when there is nothing to wait for.
 */
export function within<Result>(
  controls: KeyedControls | undefined,
  work: (signal: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  const { signal, timeoutMs } = controls ?? {};
  checkKey(controls ?? {});
  if (signal === undefined && timeoutMs === undefined) return work(undefined);
  checkControls(signal, timeoutMs);
  signal?.throwIfAborted();

  const isLong = timeoutMs !== undefined && timeoutMs > MAX_TIMER_MS;
  const limits = { signal, timeoutMs: isLong ? undefined : timeoutMs };
  return withDeadline(limits, work, timeout);
}

/** Waits for some ms; rejects with the signal's reason when that comes first. */
export function pause(
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
  return unlessAborted(over, signal).finally(() => clearTimeout(timer));
}

function checkControls(signal: unknown, timeoutMs: unknown): void {
  if (
    signal !== undefined &&
    typeof (signal as AbortSignal | null)?.throwIfAborted !== "function"
  ) {
    throw new ClientError(
      INVALID_ARGUMENT,
      `signal must be an AbortSignal: ${got(signal)}`,
    );
  }
  if (
    timeoutMs !== undefined &&
    !(typeof timeoutMs === "number" && timeoutMs > 0)
  ) {
    throw new ClientError(
      INVALID_ARGUMENT,
      `timeoutMs must be a number over 0: ${current(timeoutMs)}`,
    );
  }
}

function timeout(timeoutMs: number): ClientError {
  return new ClientError(
    "TIMEOUT",
    `The call took longer than its timeoutMs of ${timeoutMs}`,
  );
}
