import { isCortexError } from "../errors.ts";
import { TOO_DEEP } from "./cut_json.ts";
import { ownJsonToValue } from "../values/json.ts";
import type { JsonValue, Value } from "../values/types.ts";

/** Named arguments of a call. */
export type Args = { [name: string]: Value };

/**
 * Decodes parsed arguments of a client in place. For invalid ones it throws the error that `refuse` makes of the
 * reason.
 */
export function decodeArgs(
  json: object,
  refuse: (reason: string) => Error,
): Args {
  try {
    return ownJsonToValue(json as JsonValue) as Args;
  } catch (error) {
    // The stack overflows when values are nested thousands of levels deep.
    if (error instanceof RangeError) throw refuse(TOO_DEEP);
    if (isCortexError(error)) throw refuse(error.message);
    throw error;
  }
}
