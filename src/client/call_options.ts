import type { OptionNames } from "../unknown_option.ts";
import { checkNames, checkNumber, mustBe } from "./check.ts";
import { checkSignal, checkTimeout } from "./deadline.ts";
import type { CallOptions } from "./types.ts";

const MAX_KEY_LENGTH = 256;

/** Their names, and those that callers of Convex's own client may have left there: none of its calls waits here. */
const NAMES: OptionNames<CallOptions & { skipQueue: boolean }> = {
  signal: 1,
  timeoutMs: 1,
  priority: 1,
  idempotencyKey: 1,
  orderKey: 1,
  retry: 1,
  transport: 1,
  batch: 1,
  skipQueue: 1,
};

/** Throws `ClientError` `INVALID_ARGUMENT` that names the option, its bound and its value. */
export function checkCallOptions(options: CallOptions): void {
  checkNames("a call", options, NAMES);
  const { priority, idempotencyKey, orderKey, retry, transport } = options;
  checkSignal(options.signal);
  checkTimeout(options.timeoutMs);
  checkNumber("priority", priority, -100, 100);
  if (
    idempotencyKey !== undefined &&
    !(typeof idempotencyKey === "string" && idempotencyKey !== "" &&
      idempotencyKey.length <= MAX_KEY_LENGTH)
  ) {
    throw mustBe(
      "idempotencyKey",
      `a string of 1 to ${MAX_KEY_LENGTH} characters`,
      idempotencyKey,
    );
  }
  if (orderKey !== undefined && typeof orderKey !== "string") {
    throw mustBe("orderKey", "a string", orderKey);
  }
  if (retry !== undefined && !["safe", "always", "never"].includes(retry)) {
    throw mustBe("retry", '"safe", "always" or "never"', retry);
  }
  if (transport !== undefined && !["http", "websocket"].includes(transport)) {
    throw mustBe("transport", '"http" or "websocket"', transport);
  }
}
