/** The history of a conversation, page by page, whatever its length. */
import { CONVERSATION_NOT_FOUND } from "../codes.ts";
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { checkPage } from "./conversationList.ts";
import { findConversation, shownBytes } from "./conversationStore.ts";
import { readCursor } from "../paging/cursor.ts";
import { fail, shown } from "../errors.ts";
import { messageRole, sortOrder, stepFields } from "../fields.ts";
import { defineQuery } from "../functions.ts";
import type { Doc } from "../model.ts";
import { messageView, toMessage } from "../shapes.ts";
import { type IndexRange, StepBudget, walk } from "../paging/walk.ts";

/** Most messages, and bytes of them, that one call reads. */
const MAX_READ = 4000;
const MAX_READ_BYTES = 4 * 1024 * 1024;

const historyArgs = {
  ...accessArgs,
  conversationId: v.string(),
  limit: v.optional(v.number()),
  offset: v.optional(v.number()),
  sortOrder: v.optional(sortOrder),
  /** Inclusive bounds of the messages' time, in ms. */
  since: v.optional(v.number()),
  until: v.optional(v.number()),
  /** Messages in any of these roles; an empty list is no condition. */
  roles: v.optional(v.array(messageRole)),
  cursor: v.optional(v.string()),
};

type HistoryArgs = ObjectType<typeof historyArgs>;

const historyResult = v.object({
  messages: v.array(messageView),
  total: v.number(),
  hasMore: v.boolean(),
  conversationId: v.string(),
  ...stepFields,
});

/**
 * `conversations:getHistory`. While `done` is false, the page or its total is incomplete: call again with the cursor
 * and append. Without conditions, one call reads only the page itself, which it finds by position.
 *
 * @throws {ConvexError} `CONVERSATION_NOT_FOUND`, `INVALID_RANGE`, `INVALID_CURSOR`.
 */
export const historyQuery = defineQuery({
  args: historyArgs,
  returns: historyResult,
  handler: async (ctx, args, scope) => {
    const { limit, offset } = checkPage(args);
    const { conversationId } = args;
    const found = await findConversation(ctx, scope, conversationId);
    if (found === null) fail(CONVERSATION_NOT_FOUND, shown(conversationId));
    const isWhole = isUnfiltered(args);
    const range = rangeOf(found, args);
    const budget = new StepBudget(MAX_READ, MAX_READ_BYTES);
    const place = parse(args.cursor);
    let [seen, cursor] = place;
    const [, , of = found._id] = place;
    // The conversation that was being read is gone, and another one has its id.
    if (of !== found._id) fail(CONVERSATION_NOT_FOUND, shown(conversationId));
    const jumps = isWhole && cursor === undefined &&
      found.messageCount === found.nextSeq;
    if (jumps) seen = offset;
    const end = offset + limit;
    const messages: Doc<"messages">[] = [];
    const answer = (total: number, done: boolean) => ({
      messages: messages.map(toMessage),
      total,
      hasMore: !done || end < total,
      conversationId,
      done,
      ...(!done && { cursor: JSON.stringify([seen, cursor, of]) }),
    });
    const ranges = [jumps ? from(range, offset, found.nextSeq) : range];
    for await (const { row, cursor: after } of walk(ctx, ranges, cursor)) {
      if (isWhole && seen >= end) break;
      if (budget.isSpent) return answer(seen, false);
      budget.take(shownBytes(row));
      cursor = after;
      if (!meets(row, args)) continue;
      if (seen >= offset && seen < end) messages.push(row);
      seen++;
    }
    return answer(isWhole ? found.messageCount : seen, true);
  },
});

function isUnfiltered({ since, until, roles }: HistoryArgs): boolean {
  return since === undefined && until === undefined && !roles?.length;
}

/** The range to read: by position, or by time if times are given. */
function rangeOf(
  conversation: Doc<"conversations">,
  { since, until, sortOrder }: HistoryArgs,
): IndexRange<"messages"> {
  const timed = since !== undefined || until !== undefined;
  return {
    table: "messages",
    index: timed ? "by_conversation_time" : "by_conversation_seq",
    equals: [["conversationDocId", conversation._id]],
    by: timed ? "timestamp" : "seq",
    order: sortOrder ?? "asc",
    // The walk's bounds are exclusive; `meets` checks the exact ones.
    ...(since !== undefined && { after: since - 1 }),
    ...(until !== undefined && { before: until + 1 }),
  };
}

/** Skips the first `offset` messages by position, if positions have no gaps. */
function from(
  range: IndexRange<"messages">,
  offset: number,
  nextSeq: number,
): IndexRange<"messages"> {
  return range.order === "desc"
    ? { ...range, before: nextSeq - offset }
    : { ...range, after: offset - 1 };
}

function meets(row: Doc<"messages">, args: HistoryArgs): boolean {
  return row.timestamp >= (args.since ?? -Infinity) &&
    row.timestamp <= (args.until ?? Infinity) &&
    (!args.roles?.length || args.roles.includes(row.role));
}

/** Number of matches seen, where to continue, and in which conversation. */
type Place = [seen: number, cursor: string | undefined, of?: string];

function parse(cursor: string | undefined): Place {
  return cursor === undefined ? [0, undefined] : readCursor<Place>(
    cursor,
    ([seen, place]) => Number.isInteger(seen) && typeof place === "string",
  );
}
