/**
 * The guard that authorises every call of a public function.
 *
 * `CORTEX_ACCESS_MODE` says how a deployment trusts its callers: `identity` (a verified token names the tenant), `key`
 * (servers pass a secret) or `open` (arguments are trusted). Unset means `open` where nobody else can call: on the
 * embedded engine, on localhost and in tests. Any other deployment refuses every call until it is set.
 *
 * @module
 */
import { checkTime } from "./bounds.ts";
import { PERMISSION_DENIED } from "./codes.ts";
import type { UserIdentity } from "convex/server";
import { v } from "convex/values";
import { fail } from "./errors.ts";
import { checkId, MAX_OWNER_ID_LENGTH, type Scope } from "./scope.ts";
import { sha256 } from "./sha256.ts";

/** Arguments that every public function takes. */
export const accessArgs = {
  tenantId: v.optional(v.string()),
  organizationId: v.optional(v.string()),
  now: v.optional(v.number()),
  accessKey: v.optional(v.string()),
};

/** Values of {@link accessArgs}. */
export interface AccessArgs {
  /** Tenant that the caller says it acts for. */
  tenantId?: string;
  /** Organisation label for new rows. */
  organizationId?: string;
  /** Caller's time in ms; default: server time. */
  now?: number;
  /** Secret of access mode `key`. */
  accessKey?: string;
}

/** Removes from a call's arguments those that say who is calling and when. */
export function withoutAccess<Args extends AccessArgs>(
  args: Args,
): Omit<Args, keyof AccessArgs> {
  const {
    tenantId: _tenant,
    organizationId: _organization,
    now: _now,
    accessKey: _key,
    ...asked
  } = args;
  return asked;
}

/** The part of a context that the guard needs, and that queries, mutations and actions all have. */
export interface AccessCtx {
  /** Verified identity of the caller. */
  auth: { getUserIdentity(): Promise<UserIdentity | null> };
}

type AccessMode = "open" | "identity" | "key";

/**
 * Authorises a call, and returns whose rows it may touch.
 *
 * @throws {ConvexError} `ACCESS_MODE_NOT_SET`, `ACCESS_MODE_INVALID`, `ACCESS_KEY_NOT_SET`, `UNAUTHENTICATED`,
 * `PERMISSION_DENIED` (tenant other than the identity's), `INVALID_ID`, `INVALID_TIMESTAMP`.
 */
export async function enter(ctx: AccessCtx, args: AccessArgs): Promise<Scope> {
  const mode = accessMode();
  const { tenantId, caller } = mode === "identity"
    ? await callerOfIdentity(ctx, args.tenantId)
    : { tenantId: args.tenantId };
  if (mode === "key") await checkKey(args.accessKey);
  if (tenantId !== undefined) {
    checkId("tenantId", tenantId, MAX_OWNER_ID_LENGTH);
  }
  const now = args.now ?? Date.now();
  checkTime("now", now);
  return {
    tenantId,
    organizationId: args.organizationId,
    now,
    ...(caller !== undefined && { caller }),
  };
}

function accessMode(): AccessMode {
  const mode = environment("CORTEX_ACCESS_MODE");
  if (mode === "open" || mode === "identity" || mode === "key") return mode;
  if (mode !== undefined && mode !== "") {
    fail(
      "ACCESS_MODE_INVALID",
      "CORTEX_ACCESS_MODE must be identity, key or open",
    );
  }
  const url = environment("CONVEX_CLOUD_URL");
  if (
    url === undefined || isLocal(url) ||
    environment("CONVEX_ENVIRONMENT") === "test"
  ) return "open";
  return fail(
    "ACCESS_MODE_NOT_SET",
    "set the deployment variable CORTEX_ACCESS_MODE to identity (callers carry a verified token), key (servers show " +
      "a secret whose SHA-256 is in CORTEX_ACCESS_KEY_SHA256) or open (anyone who knows the URL is trusted)",
  );
}

function isLocal(url: string): boolean {
  const host = /^[a-z]+:\/\/(\[[^\]]*\]|[^/:?#]*)/i.exec(url)?.[1];
  return host === "localhost" || host === "127.0.0.1" || host === "[::1]";
}

async function callerOfIdentity(
  ctx: AccessCtx,
  asked: string | undefined,
): Promise<{ tenantId: string | undefined; caller: string }> {
  const identity = await ctx.auth.getUserIdentity();
  if (identity === null) {
    fail(
      "UNAUTHENTICATED",
      "a token is missing: getClient().setAuth passes it",
    );
  }
  const name = environment("CORTEX_TENANT_CLAIM") || "tenantId";
  const claim = identity[name] ?? undefined;
  const tenantId = typeof claim === "string" ? claim : undefined;
  // Of a claim that is an object, Convex may show only the members, as `tenantId.id`: it is not absent.
  const isNamed = claim !== undefined ||
    Object.keys(identity).some((key) => key.startsWith(`${name}.`));
  if (isNamed && tenantId === undefined) {
    fail(PERMISSION_DENIED, "the identity's tenant claim is not a string");
  }
  if (asked !== undefined && asked !== tenantId) {
    fail(PERMISSION_DENIED, "tenantId differs from the caller's identity");
  }
  return { tenantId, caller: await sha256(identity.tokenIdentifier) };
}

async function checkKey(key: string | undefined): Promise<void> {
  const expected = environment("CORTEX_ACCESS_KEY_SHA256")?.toLowerCase();
  if (expected === undefined || !/^[0-9a-f]{64}$/.test(expected)) {
    fail(
      "ACCESS_KEY_NOT_SET",
      "CORTEX_ACCESS_KEY_SHA256 must be the SHA-256 of the access key, as 64 hexadecimal digits",
    );
  }
  if (key === undefined) {
    fail(
      "UNAUTHENTICATED",
      "accessKey is missing: an option of Cortex, or an argument of a function that you call",
    );
  }
  const actual = await sha256(key);
  // Compares in constant time, so that the duration does not reveal where the digits differ.
  let difference = 0;
  for (let at = 0; at < actual.length; at++) {
    difference |= actual.charCodeAt(at) ^ expected.charCodeAt(at);
  }
  if (difference !== 0) fail("UNAUTHENTICATED", "accessKey is wrong");
}

/**
 * Allows purging only in tests and embedded engines: on localhost, and on deployments whose variable
 * `CONVEX_ENVIRONMENT` is `test` or whose `CORTEX_ALLOW_PURGE` is `true`. Never in access mode `identity`.
 *
 * @throws {ConvexError} `PURGE_DISABLED_IN_PRODUCTION`.
 */
export function requirePurgeable(): void {
  const url = environment("CONVEX_SITE_URL") ?? environment("CONVEX_CLOUD_URL");
  const allowed = url === undefined || isLocal(url) ||
    environment("CONVEX_ENVIRONMENT") === "test" ||
    environment("CORTEX_ALLOW_PURGE") === "true";
  if (!allowed || accessMode() === "identity") {
    fail(
      "PURGE_DISABLED_IN_PRODUCTION",
      "set the deployment variable CORTEX_ALLOW_PURGE to true on a deployment of tests; mode identity never purges",
    );
  }
}

/**
 * Reads an environment variable, on Deno only if that is permitted already: otherwise a prompt could stop the program.
 */
function environment(name: string): string | undefined {
  const host = globalThis as {
    process?: { env?: Record<string, string | undefined> };
    Deno?: {
      env?: { get(name: string): string | undefined };
      permissions?: {
        querySync?(
          descriptor: { name: "env"; variable: string },
        ): { state: string };
      };
    };
  };
  const permission = host.Deno?.permissions?.querySync?.({
    name: "env",
    variable: name,
  });
  if (permission !== undefined) {
    // Not by `process`: the first access to it loads Deno's whole Node layer.
    return permission.state === "granted"
      ? host.Deno?.env?.get(name)
      : undefined;
  }
  return host.process?.env?.[name];
}
