/** What an agent has done: counted by index, up to a bound. */
import { v } from "convex/values";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import type { Scope } from "../scope.ts";
import { sizeOf } from "../size.ts";
import { type IndexRange, Room, walk } from "../walk.ts";

/** Rows of one kind that are counted, and bytes of them that are read. */
const MAX_ROWS = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Validator of an agent's statistics. */
export const agentStats = v.object({
  totalMemories: v.number(),
  totalConversations: v.number(),
  totalFacts: v.number(),
  memorySpacesActive: v.number(),
  lastActive: v.optional(v.number()),
  isApproximate: v.optional(v.boolean()),
});

/** An agent's statistics. */
export type AgentStats = typeof agentStats.type;

type Counted = Doc<"memories"> | Doc<"conversations"> | Doc<"facts">;

/** Counts an agent's memories, conversations and current facts: exact up to 10,000 rows and 4 MiB of each. */
export async function statsOf(
  ctx: QueryCtx,
  scope: Scope,
  agentId: string,
  stored: number | undefined,
): Promise<AgentStats> {
  const spaces = new Set<string>();
  let lastActive = stored ?? -Infinity;
  let isApproximate = false;

  async function count(
    table: "memories" | "conversations" | "facts",
    fields: readonly (readonly [index: string, field: string])[],
    counts: (row: Counted) => boolean = () => true,
  ): Promise<number> {
    const seen = new Set<string>();
    const room = new Room(MAX_ROWS, MAX_BYTES);
    const ranges = fields.map(([index, field]): IndexRange<TableName> => ({
      table,
      index,
      equals: [["tenantId", scope.tenantId], [field, agentId]],
      by: "createdAt",
    }));
    for await (const found of walk(ctx, ranges)) {
      const row = found.row as Counted;
      if (room.isFull) {
        isApproximate = true;
        break;
      }
      room.take(sizeOf(row));
      if (seen.has(row._id) || !counts(row)) continue;
      seen.add(row._id);
      spaces.add(row.memorySpaceId);
      lastActive = Math.max(lastActive, row.updatedAt);
    }
    return seen.size;
  }

  const totalMemories = await count("memories", [
    ["by_tenant_participant", "participantId"],
    ["by_tenant_agent", "agentId"],
  ]);
  const totalConversations = await count("conversations", [
    ["by_tenant_participant", "participantId"],
    ["by_tenant_speaker", "participants.participantId"],
    ["by_tenant_agent", "participants.agentId"],
  ]);
  const totalFacts = await count(
    "facts",
    [["by_tenant_participant", "participantId"]],
    (row) => "isCurrent" in row && row.isCurrent,
  );
  return {
    totalMemories,
    totalConversations,
    totalFacts,
    memorySpacesActive: spaces.size,
    ...(lastActive > -Infinity && { lastActive }),
    ...(isApproximate ? { isApproximate } : {}),
  };
}
