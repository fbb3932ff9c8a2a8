import { ClosedError } from "../errors.ts";

/** What every call rejects with once the facade is closed. */
export function cortexClosed(): ClosedError {
  return new ClosedError("CLIENT_CLOSED", "This Cortex is closed");
}
