import { StoreError } from "../errors.ts";

/** The error of a call after `close`. */
export function closedError(): StoreError {
  return new StoreError("STORE_CLOSED", "The store is closed");
}
