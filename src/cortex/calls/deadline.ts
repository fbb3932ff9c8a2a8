/** Applies a call's time limit, callbacks included, and its abort signal. */
import {
  checkSignal,
  checkTimeout,
  MAX_TIMER_MS,
  unlessAborted,
  withDeadline,
} from "../../at_once.ts";
import { ClientError, TimeoutError } from "../../errors.ts";
import { checkKey, type KeyedControls } from "./idempotency.ts";
import { got, isRecord } from "../rules/rules.ts";
import { CONTROLS, slipIn } from "../rules/slips.ts";
import type { ProgressControls } from "../types/common.ts";
import { INVALID_ARGUMENT } from "../rules/words.ts";

/**
 * Starts `work` at once, and rejects when the caller aborts or the time is up. `work` gets a signal that aborts then,
 * or undefined if neither can happen.
 */
export function within<Result>(
  controls: (KeyedControls & ProgressControls) | undefined,
  work: (signal: AbortSignal | undefined) => Promise<Result>,
): Promise<Result> {
  const given = checkNames(controls);
  checkKey(given);
  const bounds = boundsOf(given);
  return bounds.signal || bounds.timeoutMs
    ? withDeadline(bounds, work, late)
    : work(undefined);
}

/** Checks a call's signal, time limit and progress callback. A time limit beyond the range of timers counts as none. */
export function boundsOf(
  { signal, timeoutMs, onProgress }: KeyedControls & ProgressControls,
): { signal: AbortSignal | undefined; timeoutMs: number | undefined } {
  if (onProgress != null && typeof onProgress !== "function") {
    throw new ClientError(
      INVALID_ARGUMENT,
      `onProgress must be a function: ${got(onProgress)}`,
    );
  }
  checkSignal(signal, "signal");
  if (timeoutMs! > MAX_TIMER_MS) timeoutMs = undefined;
  checkTimeout(timeoutMs, "timeoutMs");
  return { signal, timeoutMs };
}

/**
 * Runs a job of several calls under one time limit. `work` gets the controls to pass to each call.
 *
 * @param asked The caller's request, if the arguments of the calls do not identify it.
 */
export function asOne<
  Controls extends KeyedControls & ProgressControls,
  Result,
>(
  controls: Controls | undefined,
  work: (each: Controls) => Promise<Result>,
  asked?: unknown,
): Promise<Result> {
  return within(
    controls,
    (signal) =>
      work({ asked, ...controls, signal, timeoutMs: undefined } as Controls),
  );
}

/**
 * Throws `INVALID_ARGUMENT` if the value is not an options object, or has a member whose name is almost a known one. To be
 * called before a value is spread, after which anything looks like an object.
 */
export function checkNames<Controls extends object>(
  controls: Controls | null | undefined,
  further: readonly string[] = [],
): Partial<Controls> {
  if (controls == null) return {};
  const slip = isRecord(controls)
    ? slipIn(controls, [...CONTROLS, ...further])?.message
    : `options must be an object: ${got(controls)}`;
  if (slip !== undefined) throw new ClientError(INVALID_ARGUMENT, slip);
  return controls;
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

function late(timeoutMs: number): TimeoutError {
  return new TimeoutError(
    "TIMEOUT",
    `The call took longer than its timeoutMs of ${timeoutMs} ms`,
  );
}
