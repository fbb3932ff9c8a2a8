import type { UserIdentity } from "../engine/identity.ts";

/** The issuer of users whose test does not name one. */
const ISSUER = "https://convex.test";

/** A whole identity of the claims that a test gives; the same claims give the same user. */
export function testIdentity(
  claims: { [claim: string]: unknown },
): UserIdentity {
  const issuer = text(claims.issuer) ?? ISSUER;
  const subject = text(claims.subject) ?? String(hashOf(claims));
  const tokenIdentifier = text(claims.tokenIdentifier) ??
    `${issuer}|${subject}`;
  return { ...claims, issuer, subject, tokenIdentifier } as UserIdentity;
}

function text(claim: unknown): string | undefined {
  return typeof claim === "string" ? claim : undefined;
}

/** A number of 32 bits that other claims hardly share. */
function hashOf(claims: { [claim: string]: unknown }): number {
  const entries = Object.entries(claims)
    .sort(([a], [b]) => a < b ? -1 : 1);
  let hash = 0x811c9dc5;
  for (const char of JSON.stringify(entries)) {
    hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  }
  return hash;
}
