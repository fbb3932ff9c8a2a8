/**
 * Lists of conversations: reads one index range in order and filters it, up to a bound.
 *
 * @module
 */
import { checkInteger } from "../bounds.ts";
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import {
  conversationRange,
  countConversations,
  isSelected,
} from "./conversationRanges.ts";
import { viewConversations } from "./conversationViews.ts";
import { conversationType, metadata, sortOrder } from "../fields.ts";
import { jsonOf } from "../freeForm/jsonSize.ts";
import { metadataOf, metadataTest } from "../freeForm/metadataFilter.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { isBetween } from "../paging/page.ts";
import type { Scope } from "../scope.ts";
import { type ConversationView, toConversation } from "../shapes.ts";
import { type IndexRange, StepBudget, walk } from "../paging/walk.ts";

/** Most conversations, and bytes of their rows, that one list examines. */
const MAX_SCANNED = 8000;
export const MAX_SCANNED_BYTES = 8 * 1024 * 1024;
export const MAX_LIMIT = 1000;
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
  ...metadata,
  limit: v.optional(v.number()),
  offset: v.optional(v.number()),
  sortBy: v.optional(v.union(
    v.literal("createdAt"),
    v.literal("updatedAt"),
    v.literal("lastMessageAt"),
    v.literal("messageCount"),
  )),
  sortOrder: v.optional(sortOrder),
  includeMessages: v.optional(v.boolean()),
};

/** The arguments. */
export type ListArgs = ObjectType<typeof listArgs>;

/** A page of conversations. */
export interface ConversationList {
  conversations: ConversationView[];
  /** Number of all matches, before paging. */
  total: number;
  limit: number;
  offset: number;
  hasMore: boolean;
}

/**
 * Lists conversations. Examines at most 8,000 rows of the best index range; if there are more, `total` counts only
 * matches among these, and `hasMore` is true. An answer has the latest messages of each conversation, 8,000 and 4 MiB
 * in all.
 *
 * @throws {ConvexError} `INVALID_RANGE`.
 */
export async function listConversations(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
): Promise<ConversationList> {
  const { limit, offset } = checkPage(args);
  const { rows, matched, total = matched, cursor } = await matching(
    ctx,
    scope,
    args,
    { wanted: offset + limit },
  );
  const page = sorted(rows, args).slice(offset, offset + limit);
  return {
    conversations: args.includeMessages === false
      ? page.map((row) => toConversation(row))
      : await viewConversations(ctx, page),
    total,
    limit,
    offset,
    hasMore: offset + limit < total || cursor !== undefined,
  };
}

/** Approximate bytes of a row without its messages. */
export function bytesOf(row: Doc<"conversations">): number {
  return 1000 + jsonOf("metadata", row).length;
}

/** Checks limit and offset of a page; defaults are 50 and 0. Throws `INVALID_RANGE`. */
export function checkPage(
  { limit = DEFAULT_LIMIT, offset = 0 }: { limit?: number; offset?: number },
): { limit: number; offset: number } {
  checkInteger("limit", limit, 1, MAX_LIMIT);
  checkInteger("offset", offset, 0);
  return { limit, offset };
}

/** Result of {@link matching}. */
export interface Matching {
  /** In the order of the index. */
  rows: Doc<"conversations">[];
  matched: number;
  /** Number of all matches, if a counter knows it. */
  total?: number;
  /** Where to continue if the budget was not enough. */
  cursor?: string;
}

/** How much {@link matching} reads. */
interface Extent {
  /** Rows wanted, counted from the start of the list. */
  wanted: number;
  /** Whether the caller reads everything and sorts it, so that any order will do. */
  isUnordered?: boolean;
  start?: string | undefined;
}

/**
 * Reads matching conversations from the start or from a cursor. Stops at the end of the page if the index has the
 * page's order and a counter knows the total.
 */
export async function matching(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs,
  { wanted, isUnordered = false, start }: Extent,
): Promise<Matching> {
  const rows: Doc<"conversations">[] = [];
  const isKept = !isUnordered && isCounted(args);
  const hasMetadata = metadataCondition(args);
  const budget = new StepBudget(MAX_SCANNED, MAX_SCANNED_BYTES);
  const ranges = [rangeOf(scope, args, isUnordered)];
  let last: { cursor: string } | undefined;
  let cursor: string | undefined;
  for await (const walked of walk(ctx, ranges, start)) {
    const { row } = walked;
    if (isKept && rows.length === wanted) break;
    if (budget.isSpent) {
      cursor = last?.cursor;
      break;
    }
    budget.take(bytesOf(row));
    if (matches(row, args) && hasMetadata(row)) rows.push(row);
    last = walked;
  }
  return {
    rows,
    matched: rows.length,
    ...(isKept && { total: await countConversations(ctx, scope, args) }),
    ...(cursor !== undefined && { cursor }),
  };
}

/** Whether a counter knows the total and the index range has the requested order. */
function isCounted(args: ListArgs): boolean {
  const others = [
    args.participantId,
    args.createdAfter,
    args.createdBefore,
    args.updatedAfter,
    args.updatedBefore,
    args.lastMessageAfter,
    args.lastMessageBefore,
    args.messageCountMin,
    args.messageCountMax,
    args.metadata,
    args.metadataJson,
  ];
  const { sortBy = "createdAt" } = args;
  return others.every((condition) => condition === undefined) &&
    (sortBy === "createdAt" || sortBy === "updatedAt" && !isNarrow(args));
}

/** Whether rows are read in an order in which writing to a row moves it. */
export function isMoving(args: ListArgs): boolean {
  return args.sortBy === "updatedAt" && !isNarrow(args);
}

/** Whether an index is chosen for its few rows, not for their order. */
function isNarrow({ userId, participantId }: ListArgs): boolean {
  return userId !== undefined || participantId !== undefined;
}

/** The narrowest index range that contains all matches, if possible in the requested order. */
function rangeOf(
  scope: Scope,
  args: ListArgs,
  isUnordered: boolean,
): IndexRange<"conversations"> {
  const { memorySpaceId } = args;
  const order = args.sortOrder ?? "desc";
  if (isUnordered || !isMoving(args)) {
    return conversationRange(scope, args, order);
  }
  const space = memorySpaceId !== undefined;
  return {
    table: "conversations",
    index: space ? "by_tenant_space_updated" : "by_tenant_updated",
    equals: [
      ["tenantId", scope.tenantId],
      ...space ? [["memorySpaceId", memorySpaceId] as const] : [],
    ],
    by: "updatedAt",
    order,
    after: args.updatedAfter,
    before: args.updatedBefore,
  };
}

function matches(row: Doc<"conversations">, args: ListArgs): boolean {
  const lastMessageAt = row.lastMessageAt ?? row.createdAt;
  return isSelected(row, args) &&
    isBetween(row.updatedAt, args.updatedAfter, args.updatedBefore) &&
    isBetween(lastMessageAt, args.lastMessageAfter, args.lastMessageBefore) &&
    row.messageCount >= (args.messageCountMin ?? 0) &&
    row.messageCount <= (args.messageCountMax ?? Infinity);
}

function metadataCondition(
  args: ListArgs,
): (row: Doc<"conversations">) => boolean {
  const { metadata, metadataJson } = args;
  if (metadata === undefined && metadataJson === undefined) return () => true;
  const isMet = metadataTest(args);
  return (row) => isMet(metadataOf(row));
}

/** Returns the sort key of a list. */
export function keyOf(args: ListArgs): (row: Doc<"conversations">) => number {
  const { sortBy = "createdAt" } = args;
  return sortBy === "lastMessageAt"
    ? (row) => row.lastMessageAt ?? row.createdAt
    : (row) => row[sortBy];
}

/** Sorts rows in the order of the list. */
export function sorted(
  rows: Doc<"conversations">[],
  args: ListArgs,
): Doc<"conversations">[] {
  const sign = args.sortOrder === "asc" ? 1 : -1;
  const key = keyOf(args);
  return rows.sort((a, b) =>
    sign * (key(a) - key(b) || a._creationTime - b._creationTime)
  );
}
