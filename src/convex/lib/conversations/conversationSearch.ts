/**
 * Search in conversations: compares the newest selected ones message by message, and finds older ones by whole words in
 * the text index.
 *
 * @module
 */
import { type ObjectType, v } from "convex/values";
import { EMPTY_STRING } from "../moduleCodes.ts";
import { accessArgs } from "../access.ts";
import { checkPage } from "./conversationList.ts";
import {
  type ConversationFilter,
  conversationRange,
  isSelected,
} from "./conversationRanges.ts";
import { MAX_SHOWN_BYTES } from "./conversationStore.ts";
import { viewConversations } from "./conversationViews.ts";
import { fail } from "../errors.ts";
import { conversationType } from "../fields.ts";
import { freeFormJson } from "../freeForm/freeForm.ts";
import { defineQuery } from "../functions.ts";
import type { Doc, Id, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { conversationView, messageView, pick, toMessage } from "../shapes.ts";
import { sizeOf } from "../size.ts";
import { type TextMatcher, textMatcher } from "../text/textMatch.ts";
import { searchBudget } from "../paging/searchBudget.ts";
import { StepBudget, takenFrom, walk } from "../paging/walk.ts";

/** Most selected conversations that are compared, newest first. */
const MAX_COMPARED = 2000;
/** Most messages that are compared, and most bytes of them and their conversations. */
const MAX_MESSAGES = 8000;
const MAX_BYTES = 6 * 1024 * 1024;
/** Most conversations examined, those that the filter rejects included. */
const MAX_LOOKED = 8000;
/**
 * If not every conversation was compared: most hits of the text index that are compared, most that are examined, and
 * their bytes.
 */
const MAX_HITS = 256;
const MAX_LOOKED_HITS = 1024;
const MAX_HIT_BYTES = 3 * 1024 * 1024;
const DEFAULT_LIMIT = 10;
const MAX_HIGHLIGHTS = 3;
const METADATA_SCORE = 0.5;

const searchArgs = {
  ...accessArgs,
  query: v.string(),
  type: v.optional(conversationType),
  userId: v.optional(v.string()),
  memorySpaceId: v.optional(v.string()),
  /** Inclusive bounds of `createdAt`, in ms. */
  dateStart: v.optional(v.number()),
  dateEnd: v.optional(v.number()),
  limit: v.optional(v.number()),
  searchIn: v.optional(
    v.union(v.literal("content"), v.literal("metadata"), v.literal("both")),
  ),
  matchMode: v.optional(
    v.union(v.literal("contains"), v.literal("exact"), v.literal("fuzzy")),
  ),
};

type SearchArgs = ObjectType<typeof searchArgs>;

const searchResult = v.array(v.object({
  conversation: conversationView,
  matchedMessages: v.array(messageView),
  highlights: v.array(v.string()),
  /** 0 to 1. */
  score: v.number(),
}));

/** The state of a search. */
interface Search {
  ctx: QueryCtx;
  scope: Scope;
  args: SearchArgs;
  filter: ConversationFilter;
  matcher: TextMatcher;
  /** What the search may read in all. What comparing leaves of it is for the conversations that are returned. */
  whole: StepBudget;
}

/** The matches in one conversation. */
interface Hit {
  row: Doc<"conversations">;
  messages: Doc<"messages">[];
  score: number;
}

/** `conversations:search`. */
export const searchConversationsQuery = defineQuery({
  args: searchArgs,
  returns: searchResult,
  handler: async (ctx, args, scope) => {
    const { limit } = checkPage({ limit: args.limit ?? DEFAULT_LIMIT });
    if (args.query.trim() === "") {
      fail(EMPTY_STRING, "query must not be blank");
    }
    const mode = args.matchMode ?? "contains";
    const matcher = textMatcher(args.query, mode);
    const search: Search = {
      ctx,
      scope,
      args,
      filter: filterOf(args),
      matcher,
      whole: searchBudget(),
    };
    const { hits, complete } = await compare(search);
    if (!complete && args.searchIn !== "metadata") {
      for (const hit of await lookUp(search)) {
        if (!hits.has(hit.row._id)) hits.set(hit.row._id, hit);
      }
    }
    const best = [...hits.values()]
      .sort((a, b) => b.score - a.score || b.row.createdAt - a.row.createdAt)
      .slice(0, limit);
    const views = await viewConversations(
      ctx,
      best.map(({ row }) => row),
      Math.min(MAX_SHOWN_BYTES, search.whole.bytes),
    );
    return best.map(({ messages, score }, at) => ({
      conversation: views[at] as typeof conversationView.type,
      matchedMessages: messages.map(toMessage),
      highlights: messages.slice(0, MAX_HIGHLIGHTS)
        .map(({ content }) => matcher.highlight(content)),
      score,
    }));
  },
});

/** The filter of a search or an export. */
export function filterOf(
  args: ConversationFilter & { dateStart?: number; dateEnd?: number },
): ConversationFilter {
  return {
    ...pick(args, ["type", "userId", "memorySpaceId", "participantId"]),
    ...inclusive(args.dateStart, args.dateEnd),
  };
}

/** Converts inclusive bounds of a time to the exclusive ones of a filter: the next numbers outside. */
function inclusive(
  start: number | undefined,
  end: number | undefined,
): Pick<ConversationFilter, "createdAfter" | "createdBefore"> {
  const step = (time: number) => Math.max(1, Math.abs(time)) * 2 ** -52;
  return {
    ...(start !== undefined && { createdAfter: start - step(start) }),
    ...(end !== undefined && { createdBefore: end + step(end) }),
  };
}

/** Compares the newest selected conversations. */
async function compare(
  search: Search,
): Promise<{ hits: Map<Id<"conversations">, Hit>; complete: boolean }> {
  const hits = new Map<Id<"conversations">, Hit>();
  const { ctx, scope, args, filter, whole } = search;
  const budget = new StepBudget(MAX_MESSAGES, MAX_BYTES, whole);
  let looked = 0;
  let compared = 0;
  const range = conversationRange(scope, filter, "desc");
  for await (const { row } of walk(ctx, [range])) {
    if (
      looked++ === MAX_LOOKED || compared === MAX_COMPARED || budget.isSpent
    ) return { hits, complete: false };
    budget.take(sizeOf(row), 0);
    if (!isSelected(row, filter)) continue;
    compared++;
    const read = args.searchIn === "metadata"
      ? []
      : await newestMessages(search, row, budget);
    const hit = hitOf(row, read, search);
    if (hit) hits.set(row._id, hit);
  }
  return { hits, complete: !budget.isSpent };
}

/** As many of the newest messages as the budget allows, oldest first. */
async function newestMessages(
  { ctx }: Search,
  conversation: Doc<"conversations">,
  budget: StepBudget,
): Promise<Doc<"messages">[]> {
  if (conversation.messageCount === 0) return [];
  const newestFirst = await takenFrom(ctx, {
    table: "messages",
    index: "by_conversation_seq",
    equals: [["conversationDocId", conversation._id]],
    by: "seq",
    order: "desc",
  }, budget);
  return newestFirst.reverse();
}

/** Finds messages by the text index, in conversations of any age. */
async function lookUp(search: Search): Promise<Hit[]> {
  const { ctx, filter, whole } = search;
  const budget = new StepBudget(MAX_LOOKED_HITS, MAX_HIT_BYTES, whole);
  const rows = new Map<Id<"conversations">, Doc<"conversations"> | null>();
  const seen = new Set<Id<"messages">>();
  const found = new Map<Doc<"conversations">, Doc<"messages">[]>();
  for await (const message of indexed(search)) {
    if (seen.size === MAX_HITS || budget.isSpent) break;
    budget.take(sizeOf(message));
    const id = message.conversationDocId;
    let row = rows.get(id);
    if (row === undefined) {
      row = await ctx.db.get(id);
      rows.set(id, row);
      if (row !== null) budget.take(sizeOf(row), 0);
    }
    if (row === null || !isSelected(row, filter) || seen.has(message._id)) {
      continue;
    }
    seen.add(message._id);
    found.set(row, [...found.get(row) ?? [], message]);
  }
  return [...found].flatMap(([row, messages]) => {
    messages.sort((a, b) => a.seq - b.seq);
    return hitOf(row, messages, search) ?? [];
  });
}

/**
 * Hits of the text index in the space: first messages of the user, then of others, who may speak in the user's
 * conversations.
 */
async function* indexed(
  { ctx, scope, args }: Search,
): AsyncGenerator<Doc<"messages">> {
  const { query, memorySpaceId, userId } = args;
  for (const user of userId === undefined ? [undefined] : [userId, undefined]) {
    yield* ctx.db.query("messages").withSearchIndex("by_content", (q) => {
      let matches = q.search("content", query).eq("tenantId", scope.tenantId);
      if (memorySpaceId !== undefined) {
        matches = matches.eq("memorySpaceId", memorySpaceId);
      }
      return user === undefined ? matches : matches.eq("userId", user);
    });
  }
}

function hitOf(
  row: Doc<"conversations">,
  read: readonly Doc<"messages">[],
  { args, matcher }: Search,
): Hit | undefined {
  const messages = read.filter(({ content }) => matcher.matches(content));
  const searchIn = args.searchIn ?? "content";
  const byMetadata = searchIn !== "content" &&
    matcher.matchesJson(JSON.stringify(freeFormJson("metadata", row) ?? {}));
  if (messages.length === 0 && !byMetadata) return undefined;
  const share = row.messageCount === 0 ? 0 : messages.length / row.messageCount;
  const score = share + (byMetadata ? METADATA_SCORE : 0);
  return { row, messages, score: Math.min(1, score) };
}
