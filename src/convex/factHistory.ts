/** The history of facts: `factHistory:getHistory`, `getChangesByTimeRange`, … */
import { v } from "convex/values";
import { INVALID_TIMESTAMP } from "./lib/codes.ts";
import { INVALID_RANGE } from "./lib/moduleCodes.ts";
import { accessArgs, withoutAccess } from "./lib/access.ts";
import { chainEnds, toward } from "./lib/facts/factArgs.ts";
import {
  clearEvents,
  clearFact,
  countEvents,
  type EventFilter,
  eventsOfFact,
  eventsOfSpace,
  supersessionChain,
} from "./lib/facts/factEventLog.ts";
import { checkConfidence } from "./lib/facts/factStore.ts";
import { checkInteger } from "./lib/bounds.ts";
import { readCursor } from "./lib/paging/cursor.ts";
import { fail } from "./lib/errors.ts";
import { factChange } from "./lib/fields.ts";
import { publicMutation, publicQuery } from "./lib/functions.ts";
import { makeId } from "./lib/ids.ts";
import type { Doc, QueryCtx } from "./lib/model.ts";
import { owner, type Scope } from "./lib/scope.ts";
import { pageArgs, pageFields } from "./lib/paging/page.ts";
import { factEventFields } from "./lib/tables/shownFields.ts";
import type { IndexRange } from "./lib/paging/walk.ts";

const HOUR_MS = 3_600_000;
const DEFAULT_LIMIT = 100;
const DEFAULT_PURGED = 1000;

const eventView = v.object({
  ...factEventFields,
  eventId: v.string(),
  tenantId: v.optional(v.string()),
  timestamp: v.number(),
});

const cleared = v.object({ deleted: v.number(), done: v.boolean() });
const period = {
  ...accessArgs,
  memorySpaceId: v.string(),
  after: v.optional(v.number()),
  before: v.optional(v.number()),
};
const counts = v.object({
  CREATE: v.number(),
  UPDATE: v.number(),
  SUPERSEDE: v.number(),
  DELETE: v.number(),
});

/** Writes an event of the caller's own. Throws `INVALID_CONFIDENCE`. */
export const logEvent = publicMutation("factHistory:logEvent", {
  args: { ...accessArgs, ...factEventFields },
  returns: v.object({ eventId: v.string(), _id: v.id("factHistory") }),
  handler: async (ctx, args, scope) => {
    if (args.confidence !== undefined) checkConfidence(args.confidence);
    const eventId = makeId("fh", scope.now);
    const _id = await ctx.db.insert("factHistory", {
      ...owner(scope),
      ...withoutAccess(args),
      eventId,
      timestamp: scope.now,
    });
    return { eventId, _id };
  },
});

/** Events of a fact, including those in which it superseded another, newest first; `limit` defaults to 100. */
export const getHistory = publicQuery({
  args: { ...accessArgs, factId: v.string(), limit: v.optional(v.number()) },
  returns: v.array(eventView),
  handler: async (ctx, args, scope) => {
    const { limit = DEFAULT_LIMIT } = args;
    checkInteger("limit", limit, 0);
    return (await eventsOfFact(ctx, scope, args.factId, limit)).map(toEvent);
  },
});

/** One event, or null. */
export const getEvent = publicQuery({
  args: { ...accessArgs, eventId: v.string() },
  returns: v.union(eventView, v.null()),
  handler: async (ctx, args, scope) => {
    const event = await ctx.db.query("factHistory")
      .withIndex("by_eventId", (q) => q.eq("eventId", args.eventId))
      .first();
    return event === null || event.tenantId !== scope.tenantId
      ? null
      : toEvent(event);
  },
});

/** Events of a space, newest first; bounds are inclusive, `limit` defaults to 100. Examines the newest 8,000. */
export const getChangesByTimeRange = publicQuery({
  args: {
    ...period,
    action: v.optional(factChange),
    limit: v.optional(v.number()),
    offset: v.optional(v.number()),
  },
  returns: v.array(eventView),
  handler: async (ctx, args, scope) => {
    const { limit = DEFAULT_LIMIT, offset } = args;
    const { rows } = await eventsOfSpace(ctx, scope, args, { limit, offset });
    return rows.map(toEvent);
  },
});

/** One step of a page of the events of a space. */
export const page = publicQuery({
  args: { ...period, ...pageArgs, action: v.optional(factChange) },
  returns: v.object({ rows: v.array(eventView), ...pageFields }),
  handler: async (ctx, args, scope) => {
    const { offset, limit, cursor } = args;
    const paging = { offset, limit, cursor };
    const found = await eventsOfSpace(ctx, scope, args, paging);
    return { ...found, rows: found.rows.map(toEvent) };
  },
});

/**
 * Counts events of a space, or of its last `hours`, with the facts and people that they concern: 8,000 events or 8 MiB
 * per step.
 */
export const activityPage = publicQuery({
  args: {
    ...period,
    hours: v.optional(v.number()),
    cursor: v.optional(v.string()),
  },
  returns: v.object({
    until: v.number(),
    actionCounts: counts,
    factIds: v.array(v.string()),
    participantIds: v.array(v.string()),
    userIds: v.array(v.string()),
    ...pageFields,
  }),
  handler: async (ctx, args, scope) => {
    const { hours, cursor, ...period } = args;
    // The period ends at the first step; its oldest events are read last.
    const { until, at } = cursor === undefined
      ? { until: scope.now, at: undefined }
      : readCursor<{ until: number; at: string }>(
        cursor,
        ({ until, at }) => Number.isFinite(until) && typeof at === "string",
      );
    const { matched, actionCounts, factIds, participantIds, userIds, ...end } =
      await activity(
        ctx,
        scope,
        hours === undefined ? period : lastHours(period, hours, until),
        at,
      );
    return {
      until,
      actionCounts,
      factIds: [...factIds],
      participantIds: [...participantIds],
      userIds: [...userIds],
      matched,
      ...end,
      ...(end.cursor !== undefined &&
        { cursor: JSON.stringify({ until, at: end.cursor }) }),
    };
  },
});

/** Counts events of a space by action, among the newest 8,000. */
export const countByAction = publicQuery({
  args: period,
  returns: v.object({ ...counts.fields, total: v.number() }),
  handler: async (ctx, args, scope) => {
    const { actionCounts, matched } = await activity(ctx, scope, args);
    return { ...actionCounts, total: matched };
  },
});

/** Summarises the last hours in a space, 24 by default, among the newest 8,000 events. */
export const getActivitySummary = publicQuery({
  args: {
    ...accessArgs,
    memorySpaceId: v.string(),
    hours: v.optional(v.number()),
  },
  returns: v.object({
    timeRange: v.object({
      hours: v.number(),
      since: v.string(),
      until: v.string(),
    }),
    totalEvents: v.number(),
    actionCounts: counts,
    uniqueFactsModified: v.number(),
    activeParticipants: v.number(),
  }),
  handler: async (ctx, args, scope) => {
    const { hours = 24 } = args;
    const { now } = scope;
    const range = lastHours(args, hours, now);
    const found = await activity(ctx, scope, range);
    const { participantIds, userIds } = found;
    return {
      timeRange: {
        hours,
        since: new Date(range.after).toISOString(),
        until: new Date(now).toISOString(),
      },
      totalEvents: found.matched,
      actionCounts: found.actionCounts,
      uniqueFactsModified: found.factIds.size,
      activeParticipants: new Set([...participantIds, ...userIds]).size,
    };
  },
});

const links = v.array(v.object({
  factId: v.string(),
  supersededBy: v.union(v.string(), v.null()),
  timestamp: v.number(),
  reason: v.optional(v.string()),
}));

/**
 * The chain of facts that superseded one another and that a fact belongs to, oldest first; empty for an unknown fact.
 * At most 600 in either direction.
 */
export const getSupersessionChain = publicQuery({
  args: { ...accessArgs, factId: v.string() },
  returns: links,
  handler: async (ctx, args, scope) =>
    (await supersessionChain(ctx, scope, args.factId)).links,
});

/**
 * Like `getSupersessionChain`, but also returns the ends of a part of a longer chain, from which other calls continue.
 */
export const chainPage = publicQuery({
  args: { ...accessArgs, factId: v.string(), toward },
  returns: v.object({ links, ...chainEnds }),
  handler: async (ctx, args, scope) =>
    await supersessionChain(ctx, scope, args.factId, args.toward),
});

/** Removes the events of a fact; to be called until `done`. */
export const deleteByFactId = publicMutation("factHistory:deleteByFactId", {
  args: { ...accessArgs, factId: v.string() },
  returns: cleared,
  handler: async (ctx, args, scope) => await clearFact(ctx, scope, args.factId),
});

/** Removes the events of a user; to be called until `done`. */
export const deleteByUserId = publicMutation("factHistory:deleteByUserId", {
  args: { ...accessArgs, userId: v.string() },
  returns: cleared,
  handler: async (ctx, args, scope) => {
    const { tenantId } = scope;
    return await clearEvents(
      ctx,
      rangeOf("by_tenant_user", { tenantId, userId: args.userId }),
    );
  },
});

/** Removes the events of a space; to be called until `done`. */
export const deleteByMemorySpace = publicMutation(
  "factHistory:deleteByMemorySpace",
  {
    args: { ...accessArgs, memorySpaceId: v.string() },
    returns: cleared,
    handler: async (ctx, args, scope) => {
      const { tenantId } = scope;
      const { memorySpaceId } = args;
      return await clearEvents(
        ctx,
        rangeOf("by_tenant_space_time", { tenantId, memorySpaceId }),
      );
    },
  },
);

/**
 * Removes the oldest events before a given time, 1,000 per call or fewer if `limit` says so, and counts those that
 * remain.
 */
export const purgeOldEvents = publicMutation("factHistory:purgeOldEvents", {
  args: {
    ...accessArgs,
    memorySpaceId: v.optional(v.string()),
    olderThan: v.number(),
    limit: v.optional(v.number()),
  },
  returns: v.object({ deleted: v.number(), remaining: v.number() }),
  handler: async (ctx, args, scope) => {
    const { tenantId } = scope;
    const { memorySpaceId, olderThan } = args;
    if (Number.isNaN(olderThan)) {
      fail(INVALID_TIMESTAMP, "olderThan must be a time in ms, got NaN");
    }
    const range = {
      ...(memorySpaceId === undefined
        ? rangeOf("by_tenant_time", { tenantId })
        : rangeOf("by_tenant_space_time", { tenantId, memorySpaceId })),
      before: olderThan,
    };
    const limit = Math.min(args.limit ?? DEFAULT_PURGED, DEFAULT_PURGED);
    const { deleted } = await clearEvents(ctx, range, limit);
    return { deleted, remaining: await countEvents(ctx, range) };
  },
});

async function activity(
  ctx: QueryCtx,
  scope: Scope,
  range: EventFilter,
  cursor?: string,
) {
  const { rows, ...step } = await eventsOfSpace(ctx, scope, range, { cursor });
  const actionCounts = { CREATE: 0, UPDATE: 0, SUPERSEDE: 0, DELETE: 0 };
  const factIds = new Set<string>();
  const participantIds = new Set<string>();
  const userIds = new Set<string>();
  for (const { action, factId, participantId, userId } of rows) {
    actionCounts[action]++;
    factIds.add(factId);
    if (participantId !== undefined) participantIds.add(participantId);
    if (userId !== undefined) userIds.add(userId);
  }
  return { ...step, actionCounts, factIds, participantIds, userIds };
}

function lastHours(filter: EventFilter, hours: number, now: number) {
  if (!(hours > 0)) {
    fail(INVALID_RANGE, `hours must be a number over 0, got ${hours}`);
  }
  const after = Math.max(0, now - hours * HOUR_MS);
  return { ...filter, after, before: now };
}

function rangeOf(
  index: string,
  equals: Record<string, string | undefined>,
): IndexRange<"factHistory"> {
  return {
    table: "factHistory",
    index,
    equals: Object.entries(equals),
    by: "timestamp",
  };
}

function toEvent(row: Doc<"factHistory">): typeof eventView.type {
  const { _id, _creationTime, organizationId: _, ...event } = row;
  return event;
}
