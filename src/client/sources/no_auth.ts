import { lacking } from "../../at_once.ts";
import type { Connection } from "../types.ts";

/** What a connection without tokens makes of one: it refuses it, and says what to do instead. */
export function noAuth(instead: string): NonNullable<Connection["setAuth"]> {
  return (auth) => {
    // Without a token, all calls are anonymous anyway.
    if (auth !== undefined) throw lacking(`setAuth: ${instead}`);
  };
}
