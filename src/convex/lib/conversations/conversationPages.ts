/**
 * Long lists of conversations: in stretches if there are many rows, and in parts if there are many messages.
 *
 * @module
 */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import {
  bytesOf,
  checkPage,
  isMoving,
  keyOf,
  type ListArgs,
  listArgs,
  matching,
  MAX_LIMIT,
  MAX_SCANNED_BYTES,
  sorted,
} from "./conversationList.ts";
import { findConversation } from "./conversationStore.ts";
import { viewsThatFit } from "./conversationViews.ts";
import { stepFields } from "../fields.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { type ConversationView, conversationView } from "../shapes.ts";
import { StepBudget } from "../paging/walk.ts";

/** Arguments of {@link pageOfConversations}. */
export const conversationPageArgs = {
  ...listArgs,
  cursor: v.optional(v.string()),
};

/** Cursor of a list that starts again, by time of creation. */
const CREATED = "created";

const place = v.object({
  conversationId: v.string(),
  by: v.number(),
  storedAt: v.number(),
});

const fitting = {
  conversations: v.array(conversationView),
  rest: v.array(v.string()),
};

/** Conversations with their messages, as many as fit into one answer. */
interface Fitting {
  conversations: ConversationView[];
  /** Ids of the rest, in order. */
  rest: string[];
}

/** Validator of {@link ConversationPage}. */
export const conversationPage = v.object({
  ...fitting,
  places: v.array(place),
  matched: v.number(),
  total: v.optional(v.number()),
  ...stepFields,
});

/** One stretch of a list: the page itself if the first stretch is the only one; otherwise only sort keys. */
export interface ConversationPage extends Fitting {
  /** Sort keys of the first `offset + limit` matches of the stretch, for the caller to merge with other stretches. */
  places: { conversationId: string; by: number; storedAt: number }[];
  /** Number of matches in the stretch. */
  matched: number;
  /** Number of all matches, if a counter knows it. */
  total?: number;
  done: boolean;
  /** Where the next stretch starts. */
  cursor?: string;
}

/**
 * Lists conversations in stretches of at most 8,000 rows, each from the cursor of the one before.
 *
 * @throws {ConvexError} `INVALID_RANGE`, `INVALID_CURSOR`.
 */
export async function pageOfConversations(
  ctx: QueryCtx,
  scope: Scope,
  args: ListArgs & { cursor?: string },
): Promise<ConversationPage> {
  const { limit, offset } = checkPage(args);
  const end = offset + limit;
  const isFirst = args.cursor === undefined;
  const { rows, cursor, ...counted } = await matching(ctx, scope, args, {
    wanted: end,
    isUnordered: !isFirst && isMoving(args),
    start: args.cursor === CREATED ? undefined : args.cursor,
  });
  if (isFirst && cursor !== undefined && isMoving(args)) {
    // In an order by last write, a conversation written to between two steps would be found twice or not at all.
    const none = { conversations: [], rest: [], places: [], matched: 0 };
    return { ...none, done: false, cursor: CREATED };
  }
  const first = sorted(rows, args).slice(0, end);
  if (cursor === undefined && isFirst) {
    const page = first.slice(offset);
    return {
      ...await viewsThatFit(ctx, page, args.includeMessages),
      places: [],
      ...counted,
      done: true,
    };
  }
  const by = keyOf(args);
  const places = first.map((row) => ({
    conversationId: row.conversationId,
    by: by(row),
    storedAt: row._creationTime,
  }));
  return {
    conversations: [],
    rest: [],
    places,
    ...counted,
    ...(cursor === undefined ? { done: true } : { done: false, cursor }),
  };
}

/** Arguments of {@link namedConversations}. */
export const namedArgs = {
  ...accessArgs,
  conversationIds: v.array(v.string()),
  includeMessages: v.optional(v.boolean()),
};

/** Validator of the result of {@link namedConversations}. */
export const namedResult = v.object(fitting);

/** Conversations in the order of the given ids; unknown ids are skipped. Reads at most 1,000. */
export async function namedConversations(
  ctx: QueryCtx,
  scope: Scope,
  args: ObjectType<typeof namedArgs>,
): Promise<Fitting> {
  const { conversationIds: ids } = args;
  const budget = new StepBudget(MAX_LIMIT, MAX_SCANNED_BYTES);
  const rows: Doc<"conversations">[] = [];
  let read = 0;
  for (; read < ids.length && !budget.isSpent; read++) {
    const row = await findConversation(ctx, scope, ids[read]!);
    budget.take(row === null ? 0 : bytesOf(row));
    if (row !== null) rows.push(row);
  }
  const { conversations, rest } = await viewsThatFit(
    ctx,
    rows,
    args.includeMessages,
  );
  return { conversations, rest: [...rest, ...ids.slice(read)] };
}
