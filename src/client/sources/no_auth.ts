import { lacking } from "../../at_once.ts";
import type { Connection } from "../types.ts";

/** `setAuth` of a connection that does not take tokens: throws `UNSUPPORTED`, and says what to do instead. */
export function noAuth(instead: string): NonNullable<Connection["setAuth"]> {
  return (auth) => {
    // Clearing the token changes nothing: all calls are anonymous anyway.
    if (auth !== undefined) throw lacking(`setAuth: ${instead}`);
  };
}
