import { encodeHex } from "../../values/hex.ts";
import { stringifyValue } from "../../values/json.ts";
import type { UserIdentity } from "../functions/identity.ts";
import type { LiveCall } from "./live_types.ts";

/** Calls with the same key give the same result, whoever makes them. */
export function shareKey(call: LiveCall): string {
  const { name, args, identity, journal, mayCallInternal = false } = call;
  return JSON.stringify([
    call.component ?? "",
    name,
    mayCallInternal,
    stringifyValue(args),
    identity && identityKey(identity),
    journal,
  ]);
}

/** A text that is unique to an identity. Not `stringifyValue`: claims may have names that Convex forbids for fields. */
function identityKey(identity: UserIdentity): string {
  return JSON.stringify(identity, (_, value) => {
    if (value instanceof ArrayBuffer) {
      return `bytes ${encodeHex(new Uint8Array(value))}`;
    }
    // JSON has no bigints, NaN, infinities or -0.
    return ["string", "number", "bigint"].includes(typeof value)
      ? `${typeof value} ${Object.is(value, -0) ? "-0" : value}`
      : value;
  });
}
