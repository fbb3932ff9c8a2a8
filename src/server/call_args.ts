import { isCortexError } from "../errors.ts";
import { jsonToValue } from "../values/json.ts";
import type { JsonValue, Value } from "../values/types.ts";

/** Named arguments of a call. */
export type Args = { [name: string]: Value };

/** Decodes arguments sent by a client. For invalid ones it throws the error that `refuse` makes of the reason. */
export function decodeArgs(
  json: object,
  refuse: (reason: string) => Error,
): Args {
  try {
    return jsonToValue(json as JsonValue) as Args;
  } catch (error) {
    // The stack ends where nesting goes on for thousands of levels.
    if (error instanceof RangeError) throw refuse("nested too deep");
    if (isCortexError(error)) throw refuse(error.message);
    throw error;
  }
}
