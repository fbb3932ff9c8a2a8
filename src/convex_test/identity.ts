import {
  OPENID_CLAIMS,
  type UserIdentity,
} from "../engine/functions/identity.ts";
import { encodeBase64Url } from "../values/base64.ts";

/** The issuer of identities for which a test names none. */
const ISSUER = "https://convex.test";

/** Attributes of an identity whose claims have other names in tokens. */
const CLAIM_NAMES: typeof OPENID_CLAIMS = {
  ...OPENID_CLAIMS,
  subject: "sub",
  issuer: "iss",
};

/** Completes an identity from the claims that a test gives; the same claims give the same user. */
export function testIdentity(
  claims: { [claim: string]: unknown },
): UserIdentity {
  const issuer = text(claims.issuer) ?? ISSUER;
  const subject = text(claims.subject) ?? String(hashOf(claims));
  const tokenIdentifier = text(claims.tokenIdentifier) ??
    `${issuer}|${subject}`;
  return { ...claims, subject, issuer, tokenIdentifier } as UserIdentity;
}

/** A token for an identity: unsigned, as nothing verifies it. */
export function testToken(identity: UserIdentity): string {
  const claims: [name: string, claim: unknown][] = [];
  for (const [attribute, claim] of Object.entries(identity)) {
    if (attribute === "tokenIdentifier") continue;
    const name = Object.hasOwn(CLAIM_NAMES, attribute)
      ? CLAIM_NAMES[attribute]!
      : attribute;
    claims.push([name, claim]);
  }
  // Last, to override claims with these names.
  claims.push(["iss", identity.issuer], ["sub", identity.subject]);
  const header = part({ alg: "none", typ: "JWT" });
  return `${header}.${part(Object.fromEntries(claims))}.`;
}

function part(content: object): string {
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify(content)));
}

function text(claim: unknown): string | undefined {
  return typeof claim === "string" ? claim : undefined;
}

/** A 32-bit hash of the claims: the same as in `convex-test`. */
function hashOf(claims: { [claim: string]: unknown }): number {
  const json = JSON.stringify(claims);
  let hash = 0;
  for (let at = 0; at < json.length; at++) {
    hash = Math.imul(hash, 31) + json.charCodeAt(at) | 0;
  }
  return hash;
}
