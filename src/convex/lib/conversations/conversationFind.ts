/** Finds conversations by their participants. */
import { v } from "convex/values";
import {
  AGENT_ID_REQUIRED,
  DUPLICATE_VALUES,
  INVALID_PARTICIPANTS,
} from "../moduleCodes.ts";
import { accessArgs } from "../access.ts";
import { latestMessages, pairKey } from "./conversationStore.ts";
import { fail } from "../errors.ts";
import { conversationType, type participants } from "../fields.ts";
import { defineQuery } from "../functions.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { conversationView, toConversation } from "../shapes.ts";
import { walk } from "../paging/walk.ts";

/** Most conversations with the same spaces that are examined. */
const MAX_PAIRS = 500;
/** Most conversations of a user in a space that are examined to find one of the type. */
const MAX_OF_USER = 500;

type Participants = typeof participants.type;

/** The oldest conversation between a user and an agent in a space. */
export async function findByUser(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  { userId, agentId }: Participants,
): Promise<Doc<"conversations"> | null> {
  let seen = 0;
  const agent = agentId === undefined
    ? []
    : [["participants.agentId", agentId] as const];
  for await (
    const { row } of walk(ctx, [{
      table: "conversations",
      index: agentId === undefined
        ? "by_tenant_space_user"
        : "by_tenant_space_user_agent",
      equals: [
        ["tenantId", scope.tenantId],
        ["memorySpaceId", memorySpaceId],
        ["participants.userId", userId],
        ...agent,
      ],
      by: "createdAt",
    }])
  ) {
    if (row.type === "user-agent") return row;
    if (++seen === MAX_OF_USER) break;
  }
  return null;
}

/** The oldest conversation of exactly these spaces that `accepts` accepts. */
export async function findByPair(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceIds: readonly string[],
  accepts: (row: Doc<"conversations">) => boolean = () => true,
): Promise<Doc<"conversations"> | null> {
  const wanted = new Set(memorySpaceIds);
  // Ids may contain the character that joins them in the key, so compare the lists.
  const same = (
    { participants: { memorySpaceIds: ids = [] } }: Doc<"conversations">,
  ) => new Set(ids).size === wanted.size && ids.every((id) => wanted.has(id));
  let seen = 0;
  for await (
    const { row } of walk(ctx, [{
      table: "conversations",
      index: "by_tenant_pair",
      equals: [
        ["tenantId", scope.tenantId],
        ["pairKey", pairKey(memorySpaceIds)],
      ],
      by: "_creationTime",
    }])
  ) {
    if (same(row) && accepts(row)) return row;
    if (++seen === MAX_PAIRS) break;
  }
  return null;
}

/**
 * Refuses participants that do not fit the type of the conversation.
 *
 * @throws {ConvexError} `INVALID_PARTICIPANTS`, `DUPLICATE_VALUES`.
 */
export function checkParticipants(
  type: "user-agent" | "agent-agent",
  given: Participants,
): void {
  if (type === "user-agent") {
    if (!given.userId?.trim()) {
      fail(INVALID_PARTICIPANTS, "userId is required for user-agent");
    }
    if (!given.agentId?.trim()) {
      fail(
        INVALID_PARTICIPANTS,
        AGENT_ID_REQUIRED,
      );
    }
    return;
  }
  const spaces = given.memorySpaceIds ?? [];
  if (spaces.length < 2) {
    fail(
      INVALID_PARTICIPANTS,
      "agent-agent conversations require at least 2 memorySpaceIds",
    );
  }
  if (new Set(spaces).size !== spaces.length) {
    fail(DUPLICATE_VALUES, "memorySpaceIds must not contain duplicates");
  }
}

const findArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  type: conversationType,
  userId: v.optional(v.string()),
  memorySpaceIds: v.optional(v.array(v.string())),
};

/** `conversations:findConversation`: the oldest that matches, or null. */
export const findConversationQuery = defineQuery({
  args: findArgs,
  returns: v.union(conversationView, v.null()),
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memorySpaceIds = [], userId } = args;
    const isIn = (row: Doc<"conversations">) =>
      row.memorySpaceId === memorySpaceId ||
      memorySpaceIds.includes(memorySpaceId);
    const row = args.type === "agent-agent"
      ? await findByPair(ctx, scope, memorySpaceIds, isIn)
      : userId === undefined
      ? null
      : await findByUser(ctx, scope, memorySpaceId, { userId });
    return row && toConversation(row, await latestMessages(ctx, row));
  },
});
