import {
  type AuthConfig,
  issuerOf,
  type Provider,
  readProviders,
} from "./auth_config.ts";
import { AuthFault, type VerifiedToken, type VerifyToken } from "./callers.ts";
import { type Claims, identityOf } from "./claims_identity.ts";
import { checkTypes } from "../check_options.ts";

/** Timeout for fetching a provider's discovery document, in ms. */
const DISCOVERY_TIMEOUT_MS = 5000;

/** Key resolver of `jose`. */
type Keys = (...args: never[]) => unknown;

/** The part of `jose` that is used. */
interface Jose {
  createLocalJWKSet(keys: unknown): Keys;
  createRemoteJWKSet(url: URL, options: { [option: symbol]: unknown }): Keys;
  customFetch: symbol;
  decodeJwt(token: string): Claims;
  jwtVerify(
    token: string,
    keys: Keys,
    options: {
      issuer: string;
      audience: string | undefined;
      algorithms: string[];
      requiredClaims: string[];
      currentDate: Date;
      clockTolerance: number;
    },
  ): Promise<{ payload: Claims }>;
}

/** Options of {@link jwtVerifier}. */
export interface JwtVerifierOptions {
  /** Fetches keys and discovery documents. Default: the host's `fetch`. */
  fetch?: typeof fetch | undefined;
  /** The time in ms since 1970. Default `Date.now`. */
  now?: (() => number) | undefined;
}

/** Longest token accepted, in characters: over a WebSocket, anybody may send one that takes a minute to parse. */
const MAX_TOKEN_LENGTH = 64 * 1024;
/** Error code for a provider that does not answer. */
const UNREACHABLE = "AuthProviderDiscoveryFailed";
/** How long a custom token is accepted after it has expired, in s: clocks differ. */
const LEEWAY_S = 5;

/**
 * Creates a JWT verifier for an `auth.config.ts`. It checks the issuer, the audience, the times, and the signature:
 * RS256, ES256 and, for OpenID Connect providers, EdDSA. The provider's JWKS is fetched with the first token and
 * cached.
 *
 * Throws `TypeError` for an invalid configuration or an unknown option. The verifier rejects with `AuthFault`.
 *
 * @example
 * ```ts
 * import { jwtVerifier } from "@cortex/memory/server";
 * import { assertRejects } from "@std/assert";
 *
 * // The default export of your auth.config.ts
 * const config = {
 *   providers: [{ domain: "https://accounts.example", applicationID: "my-app" }],
 * };
 * const verifyToken = jwtVerifier(config); // for `createConvexServer(engine, { verifyToken })`
 * await assertRejects(() => verifyToken("not.a.token"));
 * ```
 */
export function jwtVerifier(
  config: AuthConfig,
  options: JwtVerifierOptions = {},
): VerifyToken {
  checkTypes("jwtVerifier", options, { fetch: "function", now: "function" });
  const { fetch = globalThis.fetch, now = Date.now } = options;
  const providers = readProviders(config).map((provider) => ({
    ...provider,
    keys: undefined as Promise<Keys> | undefined,
  }));
  let loaded: Promise<Jose> | undefined;

  return async (token): Promise<VerifiedToken> => {
    if (token.length > MAX_TOKEN_LENGTH) {
      throw new AuthFault(
        "InvalidAuthHeader",
        `A token must have at most ${MAX_TOKEN_LENGTH} characters; got ${token.length}`,
      );
    }
    const jose = await (loaded ??= load());
    const claims = decode(jose, token);
    const provider = providers.find((candidate) => isOf(claims, candidate));
    if (!provider) {
      throw new AuthFault(
        "NoAuthProvider",
        `No auth provider found matching the given token (issuer ${
          shown(claims.iss)
        }, audience ${shown(claims.aud)}). Check convex/auth.config.ts.`,
      );
    }
    const keys = await asking(provider, async () => {
      try {
        return await (provider.keys ??= keysOf(jose, provider, fetch));
      } catch (error) {
        // The next token tries again.
        provider.keys = undefined;
        throw error;
      }
    });
    const { payload } = await asking(
      provider,
      () =>
        jose.jwtVerify(token, keys, {
          issuer: String(claims.iss),
          audience: provider.audience,
          algorithms: provider.algorithms,
          requiredClaims: provider.isCustom
            ? ["sub", "iss", "exp"]
            : ["sub", "iss", "exp", "iat"],
          currentDate: new Date(now()),
          clockTolerance: provider.isCustom ? LEEWAY_S : 0,
        }),
    );
    // Converted to texts, all objects, and so their users, would be the same.
    if (typeof payload.sub !== "string") {
      throw new AuthFault(
        "InvalidAuthHeader",
        'Could not verify token: the claim "sub" must be a text',
      );
    }
    return {
      identity: identityOf(payload, provider.isCustom),
      expiresAtMs: Number(payload.exp) * 1000,
    };
  };
}

/**
 * Wraps work that may fetch a provider's keys. Network errors may name internal hosts and ports, so the sender of the
 * token sees only the issuer, which the token names itself.
 */
async function asking<Answer>(
  { issuer }: Provider,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (error instanceof AuthFault || /^ERR_J/.test(String(code))) throw error;
    throw new AuthFault(
      UNREACHABLE,
      `The keys of the auth provider ${issuer} cannot be fetched`,
      { cause: error },
    );
  }
}

async function load(): Promise<Jose> {
  const { jose } = await import("./jose_from_task_setup.gen.ts");
  return jose() as Jose;
}

function decode(jose: Jose, token: string): Claims {
  try {
    return jose.decodeJwt(token);
  } catch {
    throw new AuthFault("InvalidAuthHeader", "Could not parse JWT payload");
  }
}

function isOf(claims: Claims, { issuer, audience }: Provider): boolean {
  if (typeof claims.iss !== "string" || issuerOf(claims.iss) !== issuer) {
    return false;
  }
  return audience === undefined || [claims.aud].flat().includes(audience);
}

async function keysOf(
  jose: Jose,
  { issuer, jwksUrl }: Provider,
  fetch: typeof globalThis.fetch,
): Promise<Keys> {
  if (jwksUrl?.startsWith("data:")) {
    return jose.createLocalJWKSet(JSON.parse(dataOf(jwksUrl)));
  }
  const url = jwksUrl ?? await discover(issuer, fetch);
  return jose.createRemoteJWKSet(new URL(url), { [jose.customFetch]: fetch });
}

async function discover(
  issuer: string,
  fetch: typeof globalThis.fetch,
): Promise<string> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(DISCOVERY_TIMEOUT_MS),
  });
  const document = response.ok ? await response.json() : undefined;
  const { jwks_uri } = Object(document) as Claims;
  if (typeof jwks_uri === "string" && URL.canParse(jwks_uri)) return jwks_uri;
  throw new AuthFault(
    UNREACHABLE,
    `the provider ${issuer} does not say where its keys are (status ${response.status})`,
  );
}

/** Decodes a `data:` URL: workerd's `fetch` does not support them. */
function dataOf(url: string): string {
  const comma = url.indexOf(",");
  const data = decodeURIComponent(url.slice(comma + 1));
  return url.slice(0, comma).endsWith(";base64") ? atob(data) : data;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? "none").slice(0, 80);
}
