import { checkNumber, mustBe } from "./check.ts";
import { checkSignal, checkTimeout } from "./deadline.ts";
import type { CallOptions } from "./types.ts";

const MAX_KEY_LENGTH = 256;

/** Throws `ClientError` `INVALID_ARGUMENT` that names the option, its bound and its value. */
export function checkCallOptions(options: CallOptions): void {
  if (typeof options !== "object" || options === null) {
    throw mustBe("options", "an object", options);
  }
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
