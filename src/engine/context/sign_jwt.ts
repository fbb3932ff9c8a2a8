import { EngineError } from "../../errors.ts";
import type { SyncStore } from "../../store/types.ts";
import { encodeBase64Url } from "../../values/base64.ts";
import { rowPrefix } from "../keys.ts";
import { behindStandIns } from "../run/stand_in.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** Row of the key that tokens are signed with: a JSON Web Key with its private part. */
const KEY_ROW = `${rowPrefix("k", 0)}sign`;
const CURVE = { name: "ECDSA", namedCurve: "P-256" };
const MAX_LIFE_S = 60 * 60;
/** Longest token, in characters. */
const MAX_LENGTH = 8000;
/** Claims that the engine sets, and callers may not. */
const SET_CLAIMS = ["iss", "iat", "exp"];
const RESERVED_PREFIX = /^(?:convex|cvx)/i;

type Claims = { [claim: string]: unknown };

/** Argument of `ctx.auth.signJwt`. */
export interface SignJwtOptions {
  /** Claims beside those that the engine sets: JSON, with `aud` among them. */
  claims?: Claims;
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
  /** Key id, in the header of each token. */
  kid: string;
  /** Signature algorithm. */
  alg: string;
  /** The purpose of the key. */
  use: string;
}

type PrivateJwk = PublicJwk & { d: string };

/**
 * Signs a token with the engine's own key (ES256), which is created and stored with the first token. Throws
 * `INVALID_ARGUMENT` for claims that are reserved, missing or of a wrong type, for a lifetime out of bounds, and for a
 * token of more than 8000 characters.
 */
export async function signJwt(
  transaction: Transaction,
  issuer: string,
  options: SignJwtOptions,
): Promise<string> {
  // As on Convex, where the options are sent as JSON: what JSON cannot represent is left out.
  const { expiresInSeconds, claims = {} }: SignJwtOptions = JSON.parse(
    JSON.stringify(options ?? {}),
  );
  checkOptions(expiresInSeconds, claims);
  const key = await signingKey(transaction);
  const issued = Math.floor(transaction.startMs / 1000);
  const jti = encodeBase64Url(transaction.database.ids.randomBytes(16));
  const payload = {
    ...claims,
    jti: claims.jti ?? jti,
    iss: issuer,
    iat: issued,
    exp: issued + Math.floor(expiresInSeconds),
  };
  const signed = `${part({ alg: "ES256", typ: "JWT", kid: key.kid })}.${
    part(payload)
  }`;
  const { subtle } = crypto;
  const imported = await subtle.importKey("jwk", key, CURVE, false, ["sign"]);
  // The original: within a mutation, such as this one, `sign` is replaced by a function that refuses.
  const signature = await behindStandIns(subtle.sign).call(
    subtle,
    { name: "ECDSA", hash: "SHA-256" },
    imported,
    new TextEncoder().encode(signed),
  );
  const token = `${signed}.${encodeBase64Url(new Uint8Array(signature))}`;
  if (token.length > MAX_LENGTH) {
    throw invalid(
      `The token is ${token.length} bytes, over the ${MAX_LENGTH} byte limit`,
    );
  }
  return token;
}

/** Creates the key that tokens are signed with, unless it exists. */
export async function ensureSigningKey(
  transaction: Transaction,
): Promise<void> {
  await signingKey(transaction);
}

/** Public keys that tokens of an engine can be verified with; none before the first token. */
export function publicKeys(store: SyncStore): { keys: PublicJwk[] } {
  const row = store.get(KEY_ROW);
  if (row === undefined) return { keys: [] };
  const { d: _, ...key } = JSON.parse(row) as PrivateJwk;
  return { keys: [key] };
}

async function signingKey({ rows }: Transaction): Promise<
  PrivateJwk
> {
  const row = rows.get(KEY_ROW);
  if (row !== undefined) return JSON.parse(row);
  const { subtle } = crypto;
  const generate = behindStandIns(subtle.generateKey) as (
    algorithm: EcKeyGenParams,
    extractable: boolean,
    usages: KeyUsage[],
  ) => Promise<CryptoKeyPair>;
  const pair = await generate.call(subtle, CURVE, true, ["sign", "verify"]);
  const made = await subtle.exportKey("jwk", pair.privateKey);
  const { kty, crv, x, y, d } = made as PrivateJwk;
  // The key's thumbprint (RFC 7638).
  const print = JSON.stringify({ crv, kty, x, y });
  const kid = encodeBase64Url(
    new Uint8Array(
      await subtle.digest("SHA-256", new TextEncoder().encode(print)),
    ),
  );
  const key = { kty, crv, x, y, d, kid, alg: "ES256", use: "sig" };
  rows.put(KEY_ROW, JSON.stringify(key));
  return key;
}

function part(content: object): string {
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify(content)));
}

function checkOptions(expiresInSeconds: unknown, claims: Claims): void {
  if (typeof expiresInSeconds !== "number" || !(expiresInSeconds >= 1)) {
    throw invalid(
      "Invalid arguments for auth.signJwt: expiresInSeconds must be a number of seconds, at least 1",
    );
  }
  if (
    typeof claims !== "object" || claims === null || Array.isArray(claims)
  ) {
    throw invalid(
      "Invalid arguments for auth.signJwt: claims must be an object",
    );
  }
  for (const name of Object.keys(claims)) checkName(name);
  const { aud } = claims;
  if (aud === undefined) {
    throw invalid(
      "The 'aud' claim is required. Set it to the audience that verifies the token.",
    );
  }
  const audiences = Array.isArray(aud) ? aud : [aud];
  if (audiences.length === 0 || !audiences.every(isText)) {
    throw invalid(
      "The 'aud' claim must be a non-empty string or a non-empty array of non-empty strings",
    );
  }
  for (const name of ["sub", "jti"]) {
    if (claims[name] !== undefined && !isText(claims[name])) {
      throw invalid(`The '${name}' claim must be a non-empty string`);
    }
  }
  if (expiresInSeconds > MAX_LIFE_S) {
    throw invalid(
      `expiresInSeconds must be between 1 second and ${MAX_LIFE_S} seconds`,
    );
  }
}

function checkName(name: string): void {
  const shown = `The '${name.slice(0, 80)}' claim`;
  if (SET_CLAIMS.includes(name)) {
    throw invalid(`${shown} is set by Convex and can't be provided`);
  }
  if (name === "nbf") {
    throw invalid(`${shown} is reserved by Convex and can't be provided`);
  }
  if (RESERVED_PREFIX.test(name)) {
    throw invalid(
      `${shown} can't be provided: claim names starting with 'convex' or 'cvx' are reserved`,
    );
  }
}

function isText(claim: unknown): boolean {
  return typeof claim === "string" && claim !== "";
}

function invalid(problem: string): EngineError {
  return new EngineError("INVALID_ARGUMENT", problem);
}
