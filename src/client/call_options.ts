import {
  anObject,
  anything,
  checkOptions,
  numberFrom,
  oneOf,
  type OptionChecks,
  that,
} from "./check.ts";
import { checkSignal, checkTimeout } from "./deadline.ts";
import type { CallOptions } from "./types.ts";

const MAX_KEY_LENGTH = 256;

/** The checks of a call's options. */
export const CALL_CHECKS: OptionChecks<CallOptions> = {
  signal: checkSignal,
  timeoutMs: checkTimeout,
  priority: numberFrom(-100, 100, true),
  idempotencyKey: that(
    `a string of 1 to ${MAX_KEY_LENGTH} characters`,
    (value) =>
      typeof value === "string" && value !== "" &&
      value.length <= MAX_KEY_LENGTH,
  ),
  orderKey: that("a string", (value) => typeof value === "string"),
  retry: oneOf("safe", "always", "never"),
  transport: oneOf("http", "websocket"),
  batch: anObject,
  skipQueue: anything,
};

/** Throws `ClientError` `INVALID_ARGUMENT` that names the option, its bound and its value. */
export function checkCallOptions(options: CallOptions): void {
  checkOptions("a call", options, CALL_CHECKS);
}
