import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { VerifyToken } from "../../src/server/auth/callers.ts";
import { jwtVerifier } from "../../src/server/auth/verify_jwt.ts";

/** One who issues tokens, with keys of its own. */
export interface JwtIssuer {
  /** `iss` of its tokens. */
  readonly issuer: string;
  /** Its keys as a `data:` URL. */
  readonly jwksUrl: string;
  /** Its keys as JSON. */
  readonly jwks: string;
  /** Signs a token for the subject; claims that are undefined are left away. */
  sign(
    subject: string,
    claims?: { [claim: string]: unknown },
    lifetimeS?: number,
  ): Promise<string>;
}

/** Makes an issuer. */
export async function makeIssuer(
  algorithm: "RS256" | "ES256" | "EdDSA" = "ES256",
  issuer = "https://issuer.test",
): Promise<JwtIssuer> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm);
  const key = { ...await exportJWK(publicKey), alg: algorithm, kid: "1" };
  const jwks = JSON.stringify({ keys: [key] });
  return {
    issuer,
    jwks,
    jwksUrl: `data:application/json;base64,${btoa(jwks)}`,
    sign: async (subject, claims = {}, lifetimeS = 3600) => {
      const nowS = Math.floor(Date.now() / 1000);
      return await new SignJWT({
        iss: issuer,
        sub: subject,
        aud: "app",
        iat: nowS,
        exp: nowS + lifetimeS,
        ...claims,
      }).setProtectedHeader({ alg: algorithm, kid: "1", typ: "JWT" })
        .sign(privateKey);
    },
  };
}

/** Verifies the tokens of an issuer with the algorithm ES256. */
export function verifierOf(
  { issuer, jwksUrl }: JwtIssuer,
): VerifyToken {
  return jwtVerifier({
    providers: [{
      type: "customJwt",
      issuer,
      jwks: jwksUrl,
      algorithm: "ES256",
      applicationID: "app",
    }],
  });
}
