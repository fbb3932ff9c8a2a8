import { EngineError } from "../errors.ts";
import type { SyncStore } from "../store/types.ts";
import { encodeBase64Url } from "../values/base64.ts";
import { copyArgs } from "../values/copy.ts";
import { valueToJson } from "../values/json.ts";
import { rowPrefix } from "./keys.ts";
import type { Transaction } from "./transaction.ts";

/** Row of the key that tokens are signed with: a JSON Web Key with its private part. */
const KEY_ROW = `${rowPrefix("k", 0)}sign`;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const MAX_LIFE_S = 60 * 60;
/** Claims that nobody but the engine sets. */
const RESERVED = /^(?:iss|iat|exp|nbf|convex.*|cvx.*)$/i;

/** What `ctx.auth.signJwt` takes. */
export interface SignJwtOptions {
  /** Claims beside those that the engine sets. */
  claims?: { [claim: string]: unknown };
  /** How long the token is valid, from 1 to 3600. */
  expiresInSeconds: number;
}

/** The public part of a key, as `/.well-known/jwks.json` shows it. */
export interface PublicJwk {
  /** Kind of key. */
  kty: string;
  /** Curve. */
  crv: string;
  /** One coordinate. */
  x: string;
  /** The other. */
  y: string;
  /** Name, in the header of each token. */
  kid: string;
  /** What signs with it. */
  alg: string;
  /** What it is for. */
  use: string;
}

type PrivateJwk = PublicJwk & { d: string };

/**
 * Signs a token with the engine's own key (ES256), which is made and stored when the first is signed. Throws
 * `INVALID_ARGUMENT` for a reserved claim or a life out of bounds.
 */
export async function signJwt(
  transaction: Transaction,
  issuer: string,
  options: SignJwtOptions,
): Promise<string> {
  const { expiresInSeconds, claims = {} } = options ?? {};
  if (!(expiresInSeconds >= 1 && expiresInSeconds <= MAX_LIFE_S)) {
    throw invalid(
      `expiresInSeconds must be from 1 to ${MAX_LIFE_S}, got ${
        String(expiresInSeconds).slice(0, 80)
      }`,
    );
  }
  const json = valueToJson(copyArgs(claims, "claims")) as object;
  const reserved = Object.keys(json).find((name) => RESERVED.test(name));
  if (reserved !== undefined) {
    throw invalid(`the claim "${reserved.slice(0, 80)}" is reserved`);
  }
  const key = await signingKey(transaction);
  const issued = Math.floor(transaction.startMs / 1000);
  const payload = {
    ...json,
    iss: issuer,
    iat: issued,
    exp: issued + Math.floor(expiresInSeconds),
  };
  const signed = `${part({ alg: "ES256", typ: "JWT", kid: key.kid })}.${
    part(payload)
  }`;
  const { subtle } = crypto;
  const imported = await subtle.importKey("jwk", key, CURVE, false, ["sign"]);
  const signature = await subtle.sign(
    { name: "ECDSA", hash: "SHA-256" },
    imported,
    new TextEncoder().encode(signed),
  );
  return `${signed}.${encodeBase64Url(new Uint8Array(signature))}`;
}

/** Public keys that tokens of an engine can be verified with; none before the first token. */
export function publicKeys(store: SyncStore): { keys: PublicJwk[] } {
  const row = store.get(KEY_ROW);
  if (row === undefined) return { keys: [] };
  const { d: _, ...key } = JSON.parse(row) as PrivateJwk;
  return { keys: [key] };
}

async function signingKey({ rows, database }: Transaction): Promise<
  PrivateJwk
> {
  const row = rows.get(KEY_ROW);
  if (row !== undefined) return JSON.parse(row);
  const { subtle } = crypto;
  const pair = await subtle.generateKey(CURVE, true, ["sign", "verify"]);
  const made = await subtle.exportKey("jwk", pair.privateKey);
  const { kty, crv, x, y, d } = made as PrivateJwk;
  const kid = encodeBase64Url(database.ids.randomBytes(12));
  const key = { kty, crv, x, y, d, kid, alg: "ES256", use: "sig" };
  rows.put(KEY_ROW, JSON.stringify(key));
  return key;
}

function part(content: object): string {
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify(content)));
}

function invalid(problem: string): EngineError {
  return new EngineError("INVALID_ARGUMENT", `ctx.auth.signJwt: ${problem}`);
}
