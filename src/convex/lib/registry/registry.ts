/** Rows that the first write that names them creates: memory spaces, users, agents. */
import { fail, shown } from "../errors.ts";
import { findRecord, insertRecord } from "../immutable/immutableStore.ts";
import { insertAgent, touchAgent } from "./agentStore.ts";
import { checkStanding, findSpace, insertSpace } from "../spaces/spaceStore.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import {
  checkId,
  MAX_OWNER_ID_LENGTH,
  MAX_SPACE_ID_LENGTH,
  type Scope,
} from "../scope.ts";

/** Type of the records that are profiles. */
export const USER = "user";

/**
 * Refuses to add data to a registered space that is archived or being deleted. Unregistered spaces are allowed.
 *
 * @returns The space's row, if it is registered.
 * @throws {ConvexError} `MEMORYSPACE_ARCHIVED`, `MEMORYSPACE_DELETING`, `INVALID_ID`.
 */
export async function requireWritableSpace(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
): Promise<Doc<"memorySpaces"> | null> {
  checkId("memorySpaceId", memorySpaceId, MAX_SPACE_ID_LENGTH);
  const space = await findSpace(ctx, scope, memorySpaceId);
  checkStanding(space);
  if (space?.status === "archived") {
    fail("MEMORYSPACE_ARCHIVED", shown(memorySpaceId));
  }
  return space;
}

/** Registers a space with its id as name, unless it is registered. Errors as {@link requireWritableSpace}. */
export async function ensureSpace(
  ctx: MutationCtx,
  scope: Scope,
  memorySpaceId: string,
): Promise<void> {
  const found = await requireWritableSpace(ctx, scope, memorySpaceId);
  if (found !== null) return;
  await insertSpace(ctx, scope, {
    memorySpaceId,
    name: memorySpaceId,
    type: "custom",
    participants: [],
  });
}

/** Reads one user profile: the immutable record of type `user`. */
export function findUser(
  ctx: QueryCtx,
  scope: Scope,
  userId: string,
): Promise<Doc<"immutable"> | null> {
  return findRecord(ctx, scope, USER, userId);
}

/** Creates a user's profile with a display name, unless there is one; an existing profile is not changed. */
export async function ensureUser(
  ctx: MutationCtx,
  scope: Scope,
  userId: string,
  displayName: string,
): Promise<void> {
  checkId("userId", userId, MAX_OWNER_ID_LENGTH);
  if (await findUser(ctx, scope, userId) !== null) return;
  await insertRecord(ctx, scope, {
    type: USER,
    id: userId,
    data: { displayName, createdAt: scope.now },
  });
}

/** Registers an agent with its id as name; if it is registered, records that it is active. */
export async function ensureAgent(
  ctx: MutationCtx,
  scope: Scope,
  agentId: string,
): Promise<void> {
  checkId("agentId", agentId, MAX_OWNER_ID_LENGTH);
  if (await touchAgent(ctx, scope, agentId)) return;
  await insertAgent(ctx, scope, {
    agentId,
    name: agentId,
    description: "Auto-registered when it first remembered something",
    lastActive: scope.now,
  });
}
