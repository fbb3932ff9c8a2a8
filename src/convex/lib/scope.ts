/** The scope of a call: whose rows it may touch, and its time. */
import { INVALID_ID } from "./moduleCodes.ts";
import { fail } from "./errors.ts";

/** Longest tenant, user or agent id, in characters. */
export const MAX_OWNER_ID_LENGTH = 256;
/** Longest memory space id that is stored without an explicit registration, in characters. */
export const MAX_SPACE_ID_LENGTH = 500;
/** How far times of changes may run ahead of the clock, in ms. */
const MAX_AHEAD_MS = 10;

/** What every function knows of an authorised call. */
export interface Scope {
  /** Tenant whose rows are visible; if undefined, only rows without a tenant are. */
  readonly tenantId: string | undefined;
  /** Label stamped on new rows; it restricts nothing. */
  readonly organizationId: string | undefined;
  /** Time of the call, in ms since the Unix epoch. */
  readonly now: number;
  /** SHA-256 of the caller's token identifier, in access mode `identity`. */
  readonly caller?: string;
  /** Traces of the rows that a keyed call has deleted so far; an answer that shows them must not be kept. */
  readonly forgotten?: Set<string>;
}

/**
 * Filter value of vector searches: one string that names the tenant and the memory space.
 *
 * @throws {ConvexError} `INVALID_ID` for a space id with a NUL, which could name another tenant's space or hidden rows.
 */
export function scopeKey(
  tenantId: string | undefined,
  memorySpaceId: string,
): string {
  checkNoNul("memorySpaceId", memorySpaceId);
  return `${tenantId ?? ""}\u0000${memorySpaceId}`;
}

/** Filter value of vector searches among a user's rows: names the tenant, the memory space and the user. */
export function userKey(
  tenantId: string | undefined,
  memorySpaceId: string,
  userId: string,
): string {
  return `${scopeKey(tenantId, memorySpaceId)}\u0000${userId}`;
}

/**
 * The time of a change of a row: now, but later than its last change, even if that was in the same millisecond. So the
 * versions of a row begin at different times, unless very many are made at once.
 *
 * @param ahead How far changes that come faster may run ahead of the clock, in ms; then they share a time. By default,
 * as far as the facade waits for the clock.
 */
export function timeOfChange(
  { now }: Scope,
  { updatedAt }: { updatedAt: number },
  ahead: number = MAX_AHEAD_MS,
): number {
  // The clock has been set back since.
  if (updatedAt > now + ahead) return updatedAt + 1;
  return Math.max(now, updatedAt, Math.min(updatedAt + 1, now + ahead));
}

/** Fields that a new row copies from its scope. */
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
  if (value.trim() === "") fail(INVALID_ID, `${name} must not be blank`);
  checkNoNul(name, value);
  if (value.length > limit) {
    fail(
      INVALID_ID,
      `${name} has ${value.length} characters, at most ${limit} are allowed`,
    );
  }
}

function checkNoNul(name: string, value: string): void {
  if (!value.includes("\u0000")) return;
  fail(INVALID_ID, `${name} must not contain NUL`);
}
