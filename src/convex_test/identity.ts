import {
  OPENID_CLAIMS,
  type UserIdentity,
} from "../engine/functions/identity.ts";
import { encodeBase64Url } from "../values/base64.ts";

/** The issuer of users whose test does not name one. */
const ISSUER = "https://convex.test";

/** Claims of a token that an identity has under another name. */
const CLAIM_NAMES: typeof OPENID_CLAIMS = {
  ...OPENID_CLAIMS,
  subject: "sub",
  issuer: "iss",
};

/** A whole identity of the claims that a test gives; the same claims give the same user. */
export function testIdentity(
  claims: { [claim: string]: unknown },
): UserIdentity {
  const issuer = text(claims.issuer) ?? ISSUER;
  const subject = text(claims.subject) ?? String(hashOf(claims));
  const tokenIdentifier = text(claims.tokenIdentifier) ??
    `${issuer}|${subject}`;
  return { ...claims, subject, issuer, tokenIdentifier } as UserIdentity;
}

/** The token of such a user: unsigned, as nothing verifies it. */
export function testToken(identity: UserIdentity): string {
  const claims: [name: string, claim: unknown][] = [];
  for (const [attribute, claim] of Object.entries(identity)) {
    if (attribute === "tokenIdentifier") continue;
    const name = Object.hasOwn(CLAIM_NAMES, attribute)
      ? CLAIM_NAMES[attribute]!
      : attribute;
    claims.push([name, claim]);
  }
  // Last, so that no claim of the same name says otherwise.
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

/** A number of 32 bits that other claims hardly share: the one that `convex-test` has for them. */
function hashOf(claims: { [claim: string]: unknown }): number {
  const json = JSON.stringify(claims);
  let hash = 0;
  for (let at = 0; at < json.length; at++) {
    hash = Math.imul(hash, 31) + json.charCodeAt(at) | 0;
  }
  return hash;
}
