/** Statistics of a memory space: totals from counters, activity from the newest rows. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import {
  BYTE_COUNTERS,
  readCounter,
  readCounters,
  spaceCounters,
} from "../counters.ts";
import { readCursor } from "../paging/cursor.ts";
import type { QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { requireSpace } from "./spaceStore.ts";
import { activity, readActivity } from "./spaceActivity.ts";
import { importanceLevels, topTags } from "./spaceTally.ts";

const HOUR_MS = 3_600_000;
const WINDOWS = {
  "24h": 24 * HOUR_MS,
  "7d": 7 * 24 * HOUR_MS,
  "30d": 30 * 24 * HOUR_MS,
  "90d": 90 * 24 * HOUR_MS,
} as const;
const MAX_TOP_TAGS = 10;
/** Prefix of the keys of tag counters. */
const TAG = "tag:";

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
  cursor: v.optional(v.string()),
};

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
  /** False if there is more to read: tags and counts of the window are then partial, and participants missing. */
  done: v.optional(v.boolean()),
  cursor: v.optional(v.string()),
});

/** Where a step continues: first among the tags, with the most frequent so far, then among the rows. */
interface Place {
  /** `_id` of the space: another space that has its name now is read from the start. */
  of?: string;
  tags?: [tag: string, count: number][];
  tagsAfter?: string;
  rows?: string;
}

/**
 * Statistics of a registered space. Totals come from counters; one step reads 4,000 tags, and 8,000 rows and 8 MiB.
 *
 * @throws {ConvexError} `MEMORYSPACE_NOT_FOUND`, `INVALID_CURSOR`.
 */
export async function statsOfSpace(
  ctx: QueryCtx,
  scope: Scope,
  args: ObjectType<typeof spaceStatsArgs>,
): Promise<typeof spaceStats.type> {
  const { memorySpaceId, timeWindow = "all" } = args;
  const includeParticipants = args.includeParticipants === true;
  const space = await requireSpace(ctx, scope, memorySpaceId);
  const group = spaceCounters(scope, memorySpaceId);
  const counter = (key: string) => readCounter(ctx, group, key);
  const conversationsBytes = await counter(BYTE_COUNTERS.conversations);
  const memoriesBytes = await counter(BYTE_COUNTERS.memories);
  const factsBytes = await counter(BYTE_COUNTERS.facts);
  const since = timeWindow === "all"
    ? undefined
    : scope.now - WINDOWS[timeWindow];
  const before: Place = args.cursor === undefined ? {} : parse(args.cursor);
  const place = before.of === space._id ? before : {};
  const { top, after } = await readTags(ctx, group, place);
  const { created, participants, cursor } = after === undefined
    ? await readActivity(
      ctx,
      scope,
      { memorySpaceId, since, includeParticipants },
      place.rows,
    )
    : NOTHING_YET;
  const isDone = after === undefined && cursor === undefined;
  const next: Place = {
    of: space._id,
    tags: top,
    tagsAfter: after,
    rows: cursor,
  };
  const levels = await readCounters(ctx, group, "importance:");
  return {
    memorySpaceId,
    totalMemories: await counter("memories"),
    totalConversations: await counter("conversations"),
    totalFacts: await counter("facts"),
    totalMessages: await counter("messages"),
    ...(since !== undefined && {
      memoriesThisWindow: created.memories,
      conversationsThisWindow: created.conversations,
    }),
    storage: {
      conversationsBytes,
      memoriesBytes,
      factsBytes,
      totalBytes: conversationsBytes + memoriesBytes + factsBytes,
    },
    topTags: top.map(([tag]) => tag),
    importanceBreakdown: importanceLevels(levels.values),
    ...(includeParticipants && isDone && { participants }),
    ...(!isDone && { done: false, cursor: JSON.stringify(next) }),
  };
}

const NOTHING_YET = {
  created: { memories: 0, conversations: 0 },
  participants: [],
  cursor: undefined,
};

function parse(cursor: string): Place {
  return readCursor<Place>(cursor, ({ tags }) => Array.isArray(tags));
}

/** The most frequent tags read so far, and where to continue; reads nothing if all were read. */
async function readTags(
  ctx: QueryCtx,
  group: string,
  { tags, tagsAfter }: Place,
): Promise<{ top: [tag: string, count: number][]; after?: string }> {
  if (tags !== undefined && tagsAfter === undefined) return { top: tags };
  const step = await readCounters(ctx, group, TAG, tagsAfter);
  const counts = new Map(tags);
  for (const [key, count] of step.values) {
    counts.set(key.slice(TAG.length), count);
  }
  const top = topTags(counts, MAX_TOP_TAGS);
  return { top, ...(step.after !== undefined && { after: step.after }) };
}
