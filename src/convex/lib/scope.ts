/** Whose rows a call may touch, and when it happens. */
import { fail } from "./errors.ts";

/** Longest tenant, user or agent id, in characters. */
export const MAX_OWNER_ID_LENGTH = 256;
/** Longest memory space id that is stored without an explicit registration, in characters. */
export const MAX_SPACE_ID_LENGTH = 500;

/** What every function knows of its call once it has been let in. */
export interface Scope {
  /** Tenant whose rows are seen; absent: only rows without a tenant. */
  readonly tenantId: string | undefined;
  /** Label stamped on new rows; no boundary. */
  readonly organizationId: string | undefined;
  /** Time of the call, in ms since the Unix epoch. */
  readonly now: number;
  /** SHA-256 of the caller's token identifier, in access mode `identity`. */
  readonly caller?: string;
  /** Traces of the rows that a keyed call has deleted so far: its answer must not keep what they held. */
  readonly forgotten?: Set<string>;
}

/**
 * Filter value of vector searches: one string that names the tenant and the memory space.
 *
 * @throws {ConvexError} `INVALID_ID` for a space that would name another tenant's, or what searches must not find.
 */
export function scopeKey(
  tenantId: string | undefined,
  memorySpaceId: string,
): string {
  checkNoNul("memorySpaceId", memorySpaceId);
  return `${tenantId ?? ""}\u0000${memorySpaceId}`;
}

/** Filter value of vector searches for what is a user's: names the tenant, the memory space and the user. */
export function userKey(
  tenantId: string | undefined,
  memorySpaceId: string,
  userId: string,
): string {
  return `${scopeKey(tenantId, memorySpaceId)}\u0000${userId}`;
}

/** Fields that a new row takes over from its scope. */
export function owner(
  scope: { tenantId?: string | undefined; organizationId?: string | undefined },
): { tenantId?: string; organizationId?: string } {
  return {
    ...(scope.tenantId !== undefined && { tenantId: scope.tenantId }),
    ...(scope.organizationId !== undefined && {
      organizationId: scope.organizationId,
    }),
  };
}

/** Refuses an id that is blank, holds a NUL, or is longer than `limit` characters. */
export function checkId(name: string, value: string, limit: number): void {
  if (value.trim() === "") fail("INVALID_ID", `${name} must not be blank`);
  checkNoNul(name, value);
  if (value.length > limit) {
    fail(
      "INVALID_ID",
      `${name} has ${value.length} characters, at most ${limit} are allowed`,
    );
  }
}

function checkNoNul(name: string, value: string): void {
  if (!value.includes("\u0000")) return;
  fail("INVALID_ID", `${name} must not contain NUL`);
}
