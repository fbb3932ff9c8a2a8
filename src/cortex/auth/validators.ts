/** Validators for the single members of an auth context, and the extraction of the fields that identify the caller. */
import { isBlank, isRecord } from "../rules/shown.ts";
import type { AuthContext } from "../types/config.ts";
import { checkMember, validateAuthContext } from "./context.ts";

/**
 * Throws `AuthValidationError` unless the user id is a string of 1 to 256 characters that is not blank.
 *
 * @example
 * ```ts
 * import { validateUserId } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * validateUserId("user-1");
 * assertThrows(() => validateUserId(" "));
 * ```
 */
export function validateUserId(userId: unknown): void {
  checkMember("userId", userId);
}

/**
 * Throws `AuthValidationError` unless the tenant id is undefined, or a string of 1 to 256 characters that is not blank.
 *
 * @example
 * ```ts
 * import { validateTenantId } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * validateTenantId(undefined); // nobody's tenant
 * assertThrows(() => validateTenantId("x".repeat(257)));
 * ```
 */
export function validateTenantId(tenantId: unknown): void {
  checkMember("tenantId", tenantId);
}

/**
 * Throws `AuthValidationError` unless the organization id is undefined, or a string of 1 to 256 characters that is not
 * blank.
 *
 * @example
 * ```ts
 * import { validateOrganizationId } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * validateOrganizationId("acme");
 * assertThrows(() => validateOrganizationId(42));
 * ```
 */
export function validateOrganizationId(organizationId: unknown): void {
  checkMember("organizationId", organizationId);
}

/**
 * Throws `AuthValidationError` unless the session id is undefined, or a string of 1 to 256 characters that is not
 * blank.
 *
 * @example
 * ```ts
 * import { validateSessionId } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * validateSessionId(crypto.randomUUID());
 * assertThrows(() => validateSessionId(""));
 * ```
 */
export function validateSessionId(sessionId: unknown): void {
  checkMember("sessionId", sessionId);
}

/**
 * Throws `AuthValidationError` unless the method is undefined or one of `oauth`, `api_key`, `jwt`, `session`, `custom`.
 *
 * @example
 * ```ts
 * import { validateAuthMethod } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * validateAuthMethod("api_key");
 * assertThrows(() => validateAuthMethod("password"));
 * ```
 */
export function validateAuthMethod(authMethod: unknown): void {
  checkMember("authMethod", authMethod);
}

/**
 * Throws `AuthValidationError` unless the claims are undefined or an object that is not an array.
 *
 * @example
 * ```ts
 * import { validateClaims } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * validateClaims({ roles: ["admin"] });
 * assertThrows(() => validateClaims(["admin"]));
 * ```
 */
export function validateClaims(claims: unknown): void {
  checkMember("claims", claims);
}

/**
 * Throws `AuthValidationError` unless the metadata are undefined or an object that is not an array.
 *
 * @example
 * ```ts
 * import { validateMetadata } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * validateMetadata({ plan: "free" });
 * assertThrows(() => validateMetadata("free"));
 * ```
 */
export function validateMetadata(metadata: unknown): void {
  checkMember("metadata", metadata);
}

/**
 * Like `validateAuthContext`, but returns nothing: throws `AuthValidationError` for the first invalid member.
 *
 * @example
 * ```ts
 * import { validateAuthContextParams } from "@cortex/memory/auth";
 * import { assertThrows } from "@std/assert";
 *
 * validateAuthContextParams({ userId: "mia", tenantId: "acme" });
 * assertThrows(() => validateAuthContextParams({ tenantId: "acme" }));
 * ```
 */
export function validateAuthContextParams(params: unknown): void {
  validateAuthContext(params);
}

/**
 * Returns the fields that identify the caller: `userId`, and `tenantId` and `sessionId` unless they are blank. Throws
 * `AuthValidationError` if the value is not a context or has no user.
 *
 * @example
 * ```ts
 * import { extractInjectionFields } from "@cortex/memory/auth";
 * import { assertEquals } from "@std/assert";
 *
 * const auth = { userId: "mia", tenantId: "acme", sessionId: "", claims: { plan: "free" } };
 * assertEquals(extractInjectionFields(auth), { userId: "mia", tenantId: "acme" });
 * ```
 */
export function extractInjectionFields(
  context: AuthContext,
): { userId: string; tenantId?: string; sessionId?: string } {
  // Other members are ignored.
  const { userId, tenantId, sessionId } = Object(context) as AuthContext;
  validateAuthContext(isRecord(context) ? { userId } : context);
  for (const name of ["tenantId", "sessionId"] as const) {
    const id = context[name];
    if (typeof id !== "string" || isGiven(id)) checkMember(name, id);
  }
  return {
    userId,
    ...isGiven(tenantId) && { tenantId },
    ...isGiven(sessionId) && { sessionId },
  };
}

function isGiven(id: string | undefined): id is string {
  return id !== undefined && !isBlank(id);
}
