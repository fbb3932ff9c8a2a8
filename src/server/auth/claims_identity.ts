import {
  OPENID_CLAIMS,
  type UserIdentity,
} from "../../engine/functions/identity.ts";
import { isPlainObject } from "../../values/kinds.ts";
import type { Value } from "../../values/types.ts";

/** The claims of a token. */
export type Claims = { [claim: string]: unknown };

/** Claims about the token and not the user. */
const tokenClaims = ["aud", "exp", "fva", "iat", "iss", "jti", "nbf", "sub"];

/**
 * The user that verified claims describe, as Convex names the attributes. With `isFlat`, as for custom JWTs, members of
 * nested claims become attributes with dotted names.
 */
export function identityOf(claims: Claims, isFlat: boolean): UserIdentity {
  const { iss, sub, address } = claims;
  const attributes: [name: string, value: Value][] = [];
  for (const [claim, value] of Object.entries(claims)) {
    if (tokenClaims.includes(claim) || claim === "address") continue;
    if (isFlat && isPlainObject(value)) flatten(attributes, claim, value);
    else attributes.push([attributeOf(claim), value as Value]);
  }
  const identity: UserIdentity = {
    ...Object.fromEntries(attributes),
    // Last, to override claims with these names.
    tokenIdentifier: `${iss}|${sub}`,
    issuer: String(iss),
    subject: String(sub),
  };
  // An object in OpenID Connect; Convex has its `formatted` text.
  const text = typeof address === "object" && address !== null
    ? (address as Claims).formatted
    : address;
  if (typeof text === "string") identity.address = text;
  if (identity.updatedAt !== undefined) {
    identity.updatedAt = String(identity.updatedAt);
  }
  return identity;
}

/** The attribute that Convex makes of a claim. */
function attributeOf(claim: string): string {
  const attributes = Object.keys(OPENID_CLAIMS);
  return attributes.find((name) => OPENID_CLAIMS[name] === claim) ?? claim;
}

/** Adds an object's members under dotted names, such as `properties.email`. */
function flatten(
  attributes: [name: string, value: Value][],
  path: string,
  members: Claims,
): void {
  for (const [name, value] of Object.entries(members)) {
    const place = `${path}.${name}`;
    if (isPlainObject(value)) flatten(attributes, place, value);
    else attributes.push([place, value as Value]);
  }
}
