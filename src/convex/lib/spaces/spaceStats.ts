/** What a memory space holds: totals from counters, activity from the newest rows. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { readCounter, readCounters, spaceCounters } from "../counters.ts";
import type { Doc, QueryCtx, TableName } from "../model.ts";
import type { Scope } from "../scope.ts";
import { requireSpace } from "./spaceStore.ts";
import { importanceLevels, topTags } from "./spaceTally.ts";
import { Room, walk } from "../walk.ts";

const HOUR_MS = 3_600_000;
const WINDOWS = {
  "24h": 24 * HOUR_MS,
  "7d": 7 * 24 * HOUR_MS,
  "30d": 30 * 24 * HOUR_MS,
  "90d": 90 * 24 * HOUR_MS,
} as const;
/** Newest rows of each kind that activity is computed from, and bytes of them. */
const MAX_ROWS = 10_000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_TOP_TAGS = 10;
const MAX_TAGS_OF_PARTICIPANT = 5;

/** Validators of the arguments. */
export const spaceStatsArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  timeWindow: v.optional(v.union(
    v.literal("24h"),
    v.literal("7d"),
    v.literal("30d"),
    v.literal("90d"),
    v.literal("all"),
  )),
  includeParticipants: v.optional(v.boolean()),
};

const activity = v.object({
  participantId: v.string(),
  memoriesStored: v.number(),
  conversationsStored: v.number(),
  factsExtracted: v.number(),
  firstActive: v.number(),
  lastActive: v.number(),
  avgImportance: v.number(),
  topTags: v.array(v.string()),
});

type Activity = typeof activity.type;

/** Validator of the statistics. */
export const spaceStats = v.object({
  memorySpaceId: v.string(),
  totalMemories: v.number(),
  totalConversations: v.number(),
  totalFacts: v.number(),
  totalMessages: v.number(),
  memoriesThisWindow: v.optional(v.number()),
  conversationsThisWindow: v.optional(v.number()),
  storage: v.object({
    conversationsBytes: v.number(),
    memoriesBytes: v.number(),
    factsBytes: v.number(),
    totalBytes: v.number(),
  }),
  topTags: v.array(v.string()),
  importanceBreakdown: v.object({
    critical: v.number(),
    high: v.number(),
    medium: v.number(),
    low: v.number(),
    trivial: v.number(),
  }),
  participants: v.optional(v.array(activity)),
});

/** Statistics of a registered space. Throws `MEMORYSPACE_NOT_FOUND`. */
export async function statsOfSpace(
  ctx: QueryCtx,
  scope: Scope,
  args: ObjectType<typeof spaceStatsArgs>,
): Promise<typeof spaceStats.type> {
  const { memorySpaceId, timeWindow = "all" } = args;
  await requireSpace(ctx, scope, memorySpaceId);
  const group = spaceCounters(scope, memorySpaceId);
  const counter = (key: string) => readCounter(ctx, group, key);
  const conversationsBytes = await counter("conversationBytes");
  const memoriesBytes = await counter("memoryBytes");
  const factsBytes = await counter("factBytes");
  const since = timeWindow === "all"
    ? undefined
    : scope.now - WINDOWS[timeWindow];
  return {
    memorySpaceId,
    totalMemories: await counter("memories"),
    totalConversations: await counter("conversations"),
    totalFacts: await counter("facts"),
    totalMessages: await counter("messages"),
    ...(since !== undefined && {
      memoriesThisWindow: await countSince(ctx, scope, args, "memories", since),
      conversationsThisWindow: await countSince(
        ctx,
        scope,
        args,
        "conversations",
        since,
      ),
    }),
    storage: {
      conversationsBytes,
      memoriesBytes,
      factsBytes,
      totalBytes: conversationsBytes + memoriesBytes + factsBytes,
    },
    topTags: topTags(await readCounters(ctx, group, "tag:"), MAX_TOP_TAGS),
    importanceBreakdown: importanceLevels(
      await readCounters(ctx, group, "importance:"),
    ),
    ...(args.includeParticipants === true &&
      { participants: await activityIn(ctx, scope, memorySpaceId) }),
  };
}

type Kind = "memories" | "conversations" | "facts";

async function* newest<Table extends Kind>(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  table: Table,
  after = -Infinity,
): AsyncGenerator<Doc<Table>> {
  const room = new Room(MAX_ROWS, MAX_BYTES);
  const range = {
    table: table as TableName,
    index: "by_tenant_space_created",
    equals: [["tenantId", scope.tenantId], ["memorySpaceId", memorySpaceId]],
    by: "createdAt",
    order: "desc",
    after,
  } as const;
  for await (const { row } of walk(ctx, [range])) {
    if (room.isFull) return;
    room.take((row as { bytes?: number }).bytes ?? 500);
    yield row as unknown as Doc<Table>;
  }
}

async function countSince(
  ctx: QueryCtx,
  scope: Scope,
  { memorySpaceId }: { memorySpaceId: string },
  table: Kind,
  since: number,
): Promise<number> {
  let rows = 0;
  for await (const _ of newest(ctx, scope, memorySpaceId, table, since)) rows++;
  return rows;
}

interface Sum extends Omit<Activity, "avgImportance" | "topTags"> {
  importance: number;
  tags: Map<string, number>;
}

async function activityIn(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
): Promise<Activity[]> {
  const sums = new Map<string, Sum>();
  const of = (
    row: { createdAt: number; updatedAt: number },
    participantId: string,
  ): Sum => {
    const sum = sums.get(participantId) ?? {
      participantId,
      memoriesStored: 0,
      conversationsStored: 0,
      factsExtracted: 0,
      firstActive: Infinity,
      lastActive: 0,
      importance: 0,
      tags: new Map<string, number>(),
    };
    sum.firstActive = Math.min(sum.firstActive, row.createdAt);
    sum.lastActive = Math.max(sum.lastActive, row.updatedAt);
    sums.set(participantId, sum);
    return sum;
  };
  for await (const row of newest(ctx, scope, memorySpaceId, "memories")) {
    const sum = of(row, row.participantId ?? row.agentId ?? "unknown");
    sum.memoriesStored++;
    sum.importance += row.importance;
    for (const tag of row.tags) {
      sum.tags.set(tag, (sum.tags.get(tag) ?? 0) + 1);
    }
  }
  for await (const row of newest(ctx, scope, memorySpaceId, "conversations")) {
    const { participantId, participants } = row;
    const who = participantId ?? participants.participantId ??
      participants.agentId;
    if (who !== undefined) of(row, who).conversationsStored++;
  }
  for await (const row of newest(ctx, scope, memorySpaceId, "facts")) {
    if (row.participantId !== undefined && row.isCurrent) {
      of(row, row.participantId).factsExtracted++;
    }
  }
  return [...sums.values()]
    .sort((a, b) => b.memoriesStored - a.memoriesStored)
    .map(({ importance, tags, ...sum }) => ({
      ...sum,
      avgImportance: sum.memoriesStored === 0
        ? 0
        : Math.round(importance / sum.memoriesStored),
      topTags: topTags(tags, MAX_TAGS_OF_PARTICIPANT),
    }));
}
