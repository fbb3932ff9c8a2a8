/**
 * Lists of conversations: one index range, read in order and filtered, up to a bound.
 *
 * @module
 */
import { convexToJson, type ObjectType, v, type Value } from "convex/values";
import { accessArgs } from "./access.ts";
import {
  latestMessages,
  MAX_MESSAGES_SHOWN,
  MAX_SHOWN_BYTES,
} from "./conversationStore.ts";
import { fail } from "./errors.ts";
import { conversationType } from "./fields.ts";
import { readFreeForm } from "./freeForm.ts";
import type { Doc, QueryCtx } from "./model.ts";
import type { Scope } from "./scope.ts";
import { type ConversationView, toConversation } from "./shapes.ts";

/** Most conversations, and bytes of their rows, that one list looks at. */
const MAX_SCANNED = 8000;
const MAX_SCANNED_BYTES = 8 * 1024 * 1024;
/** Most messages that one list returns. */
const MAX_MESSAGES_LISTED = 8000;
const MAX_LIMIT = 1000;
const DEFAULT_LIMIT = 50;

/** Validators of the arguments. Bounds of times are exclusive, those of `messageCount` inclusive. */
export const listArgs = {
  ...accessArgs,
  type: v.optional(conversationType),
  userId: v.optional(v.string()),
  memorySpaceId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  createdBefore: v.optional(v.number()),
  createdAfter: v.optional(v.number()),
  updatedBefore: v.optional(v.number()),
  updatedAfter: v.optional(v.number()),
  lastMessageBefore: v.optional(v.number()),
  lastMessageAfter: v.optional(v.number()),
  messageCountMin: v.optional(v.number()),
  messageCountMax: v.optional(v.number()),
  metadata: v.optional(v.any()),
  limit: v.optional(v.number()),
  offset: v.optional(v.number()),
  sortBy: v.optional(v.union(
    v.literal("createdAt"),
    v.literal("updatedAt"),
    v.literal("lastMessageAt"),
    v.literal("messageCount"),
  )),
  sortOrder: v.optional(v.union(v.literal("asc"), v.literal("desc"))),
  includeMessages: v.optional(v.boolean()),
};

/** The arguments. */
export type ListArgs = ObjectType<typeof listArgs>;

/** A page of conversations. */
export interface ConversationList {
  conversations: ConversationView[];
  /** How many match, before paging. */
  total: number;
  limit: number;
  offset: number;
  hasMore: boolean;
}

/**
 * Lists conversations. Looks at 8,000 rows of the best index range at most; beyond that `total` counts what was looked
 * at and `hasMore` is true. The messages of one answer are the latest ones of each, 8,000 and 4 MiB in all.
 *
 * @throws {ConvexError} `INVALID_RANGE`.
 */
export async function listConversations(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
): Promise<ConversationList> {
  const limit = args.limit ?? DEFAULT_LIMIT;
  const offset = args.offset ?? 0;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    fail(
      "INVALID_RANGE",
      `limit must be an integer from 1 to ${MAX_LIMIT}, got ${limit}`,
    );
  }
  if (!Number.isInteger(offset) || offset < 0) {
    fail("INVALID_RANGE", `offset must be an integer from 0, got ${offset}`);
  }
  const { rows, complete } = await matching(ctx, scope, args);
  const page = sorted(rows, args).slice(offset, offset + limit);
  const conversations: ConversationView[] = [];
  let messages = MAX_MESSAGES_LISTED;
  let bytes = MAX_SHOWN_BYTES;
  for (const row of page) {
    const shown = args.includeMessages === false || bytes <= 0
      ? []
      : await latestMessages(
        ctx,
        row,
        Math.min(messages, MAX_MESSAGES_SHOWN),
        bytes,
      );
    messages -= shown.length;
    bytes -= row.messageBytes;
    conversations.push(toConversation(row, shown));
  }
  return {
    conversations,
    total: rows.length,
    limit,
    offset,
    hasMore: offset + limit < rows.length || !complete,
  };
}

async function matching(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
): Promise<{ rows: Doc<"conversations">[]; complete: boolean }> {
  const rows: Doc<"conversations">[] = [];
  let scanned = 0;
  let bytes = 0;
  for await (const row of range(ctx, scope, args)) {
    if (scanned === MAX_SCANNED || bytes > MAX_SCANNED_BYTES) {
      return { rows, complete: false };
    }
    scanned++;
    bytes += 1000 + sizeOfMetadata(row);
    if (matches(row, args)) rows.push(row);
  }
  return { rows, complete: true };
}

/** The narrowest index range that holds everything that may match, newest first unless asked otherwise. */
function range(ctx: QueryCtx, scope: Scope, args: ListArgs) {
  const { memorySpaceId, userId, participantId, type } = args;
  const { tenantId } = scope;
  const after = args.createdAfter ?? -Infinity;
  const before = args.createdBefore ?? Infinity;
  const table = ctx.db.query("conversations");
  const order = args.sortOrder ?? "desc";
  if (memorySpaceId !== undefined && userId !== undefined) {
    return table.withIndex(
      "by_tenant_space_user",
      (q) =>
        q.eq("tenantId", tenantId).eq("memorySpaceId", memorySpaceId)
          .eq("participants.userId", userId)
          .gt("createdAt", after).lt("createdAt", before),
    ).order(order);
  }
  if (userId !== undefined) {
    return table.withIndex(
      "by_tenant_user",
      (q) =>
        q.eq("tenantId", tenantId).eq("participants.userId", userId)
          .gt("createdAt", after).lt("createdAt", before),
    ).order(order);
  }
  if (participantId !== undefined) {
    return table.withIndex(
      "by_tenant_participant",
      (q) =>
        q.eq("tenantId", tenantId).eq("participantId", participantId)
          .gt("createdAt", after).lt("createdAt", before),
    ).order(order);
  }
  if (args.sortBy === "updatedAt") {
    const later = args.updatedAfter ?? -Infinity;
    const earlier = args.updatedBefore ?? Infinity;
    return memorySpaceId === undefined
      ? table.withIndex("by_tenant_updated", (q) =>
        q.eq("tenantId", tenantId)
          .gt("updatedAt", later).lt("updatedAt", earlier)).order(order)
      : table.withIndex(
        "by_tenant_space_updated",
        (q) =>
          q.eq("tenantId", tenantId).eq("memorySpaceId", memorySpaceId)
            .gt("updatedAt", later).lt("updatedAt", earlier),
      ).order(order);
  }
  if (memorySpaceId !== undefined) {
    return table.withIndex(
      "by_tenant_space_created",
      (q) =>
        q.eq("tenantId", tenantId).eq("memorySpaceId", memorySpaceId)
          .gt("createdAt", after).lt("createdAt", before),
    ).order(order);
  }
  if (type !== undefined) {
    return table.withIndex(
      "by_tenant_type",
      (q) =>
        q.eq("tenantId", tenantId).eq("type", type)
          .gt("createdAt", after).lt("createdAt", before),
    ).order(order);
  }
  return table.withIndex("by_tenant_created", (q) =>
    q.eq("tenantId", tenantId)
      .gt("createdAt", after).lt("createdAt", before)).order(order);
}

function matches(row: Doc<"conversations">, args: ListArgs): boolean {
  const lastMessageAt = row.lastMessageAt ?? row.createdAt;
  return equal(row.type, args.type) &&
    equal(row.memorySpaceId, args.memorySpaceId) &&
    equal(row.participants.userId, args.userId) &&
    equal(row.participantId, args.participantId) &&
    between(row.createdAt, args.createdAfter, args.createdBefore) &&
    between(row.updatedAt, args.updatedAfter, args.updatedBefore) &&
    between(lastMessageAt, args.lastMessageAfter, args.lastMessageBefore) &&
    row.messageCount >= (args.messageCountMin ?? 0) &&
    row.messageCount <= (args.messageCountMax ?? Infinity) &&
    hasMetadata(row, args.metadata);
}

function equal(value: unknown, wanted: unknown): boolean {
  return wanted === undefined || value === wanted;
}

function between(value: number, after?: number, before?: number): boolean {
  return (after === undefined || value > after) &&
    (before === undefined || value < before);
}

function hasMetadata(row: Doc<"conversations">, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return true;
  const { metadata } = readFreeForm("metadata", row);
  const stored = (metadata ?? {}) as Record<string, Value>;
  return Object.entries(wanted as Record<string, Value>).every(
    ([field, value]) =>
      Object.hasOwn(stored, field) &&
      JSON.stringify(convexToJson(stored[field] as Value)) ===
        JSON.stringify(convexToJson(value)),
  );
}

function sizeOfMetadata(row: Doc<"conversations">): number {
  if (row.metadataJson !== undefined) return row.metadataJson.length;
  return row.metadata === undefined
    ? 0
    : JSON.stringify(convexToJson(row.metadata as Value)).length;
}

function sorted(
  rows: Doc<"conversations">[],
  args: ListArgs,
): Doc<"conversations">[] {
  const sign = args.sortOrder === "asc" ? 1 : -1;
  const key = (row: Doc<"conversations">): number => {
    if (args.sortBy === "lastMessageAt") {
      return row.lastMessageAt ?? row.createdAt;
    }
    return row[args.sortBy ?? "createdAt"];
  };
  return rows.sort((a, b) =>
    sign * (key(a) - key(b) || a._creationTime - b._creationTime)
  );
}
