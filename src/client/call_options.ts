import { ClientError } from "../errors.ts";
import { checkSignal, checkTimeout } from "./deadline.ts";
import { shown } from "./shown.ts";
import type { CallOptions } from "./types.ts";

const MAX_KEY_LENGTH = 256;

/** Throws `ClientError` `INVALID_ARGUMENT` that names the option, its bound and its value. */
export function checkCallOptions(options: CallOptions): void {
  const { priority, idempotencyKey, orderKey, retry, transport } = options;
  checkSignal(options.signal);
  checkTimeout(options.timeoutMs);
  if (
    priority !== undefined &&
    !(typeof priority === "number" && Math.abs(priority) <= 100)
  ) {
    throw refused("priority", "a number from -100 to 100", priority);
  }
  if (
    idempotencyKey !== undefined &&
    !(typeof idempotencyKey === "string" && idempotencyKey !== "" &&
      idempotencyKey.length <= MAX_KEY_LENGTH)
  ) {
    throw refused(
      "idempotencyKey",
      `a string of 1 to ${MAX_KEY_LENGTH} characters`,
      idempotencyKey,
    );
  }
  if (orderKey !== undefined && typeof orderKey !== "string") {
    throw refused("orderKey", "a string", orderKey);
  }
  if (retry !== undefined && !["safe", "always", "never"].includes(retry)) {
    throw refused("retry", '"safe", "always" or "never"', retry);
  }
  if (transport !== undefined && !["http", "websocket"].includes(transport)) {
    throw refused("transport", '"http" or "websocket"', transport);
  }
}

function refused(name: string, bound: string, value: unknown): ClientError {
  return new ClientError(
    "INVALID_ARGUMENT",
    `${name} must be ${bound}; got ${shown(value)}`,
  );
}
