/**
 * Memories next to each other in a conversation: their search texts contain each other's stems, so that an answer is
 * found by the words of the question before it.
 *
 * @module
 */
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { type IndexRange, type StepBudget, walk } from "../paging/walk.ts";
import type { Scope } from "../scope.ts";
import { bytesRead } from "../size.ts";
import {
  buildSearchText,
  contentOf,
  isQuestion,
  type Neighbour,
  withNext,
} from "../text/searchText.ts";

/** Memories further apart than this are not neighbours: another session has begun. */
const SESSION_GAP_MS = 6 * 3_600_000;

/** The memories before and after one, oldest first. */
export interface Around {
  before: Doc<"memories">[];
  after: Doc<"memories">[];
}

/**
 * The two memories before a stored one and the three after it in its conversation; those of one time are in the order in
 * which they were stored.
 *
 * @param budget Takes the bytes that are read to find them, which may be five times the memory's own.
 */
export async function neighboursOf(
  ctx: QueryCtx,
  scope: Scope,
  memory: Doc<"memories">,
  budget?: StepBudget,
): Promise<Around> {
  const { sourceTimestamp, _creationTime, conversationRef } = memory;
  if (conversationRef === undefined) return { before: [], after: [] };
  const place: IndexRange<"memories">["equals"] = [
    ["tenantId", scope.tenantId],
    ["memorySpaceId", memory.memorySpaceId],
    ["conversationRef.conversationId", conversationRef.conversationId],
  ];
  const next = async (order: "asc" | "desc", most: number) => {
    const bound = order === "asc" ? "after" : "before";
    const range = {
      table: "memories",
      index: "by_tenant_space_conversation",
      order,
    } as const;
    const found: Doc<"memories">[] = [];
    for await (
      const { row } of walk<"memories">(ctx, [
        {
          ...range,
          equals: [...place, ["sourceTimestamp", sourceTimestamp]],
          by: "_creationTime",
          [bound]: _creationTime,
        },
        {
          ...range,
          equals: place,
          by: "sourceTimestamp",
          [bound]: sourceTimestamp,
        },
      ])
    ) {
      budget?.take(bytesRead(row), 0);
      found.push(row);
      if (found.length === most) break;
    }
    return found;
  };
  const before = await next("desc", 2);
  return { before: before.reverse(), after: await next("asc", 3) };
}

/**
 * The search text of a stored memory, as it is to be from now on, among its neighbours, whose search texts are changed
 * to match.
 *
 * @param changed The memory as it is to be.
 * @param budget Takes the bytes that are read.
 */
export async function linked(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  changed: Doc<"memories"> = memory,
  budget?: StepBudget,
): Promise<string> {
  const { before, after } = await neighboursOf(ctx, scope, memory, budget);
  const { searchText: _, ...spoken } = changed;
  await relink(ctx, before, [spoken], after, memory);
  return searchTextOf(spoken, before, after[0]);
}

/** Patches the rows around a position of a conversation whose neighbours have changed. */
export async function relink(
  ctx: MutationCtx,
  before: readonly Doc<"memories">[],
  between: readonly Spoken[],
  after: readonly Doc<"memories">[],
  place: Place,
): Promise<void> {
  const previous = before[before.length - 1];
  // A row of another session never had words from here. What follows it may not have been stored yet, in a copy.
  if (previous !== undefined && near(previous, place)) {
    const next = between[0] ?? after[0];
    const text = next !== undefined && near(previous, next)
      ? stemsOf(next)
      : "";
    await patchText(ctx, previous, withNext(previous.searchText, text));
  }
  for (const [at, row] of after.slice(0, 2).entries()) {
    // Rows of another session never contained words from here, and their own neighbours may not have been read.
    if (!near(row, place)) break;
    const earlier = [...before, ...between, ...after.slice(0, at)];
    await patchText(ctx, row, searchTextOf(row, earlier, after[at + 1]));
  }
}

async function patchText(
  ctx: MutationCtx,
  row: Doc<"memories">,
  searchText: string,
): Promise<void> {
  if (searchText !== row.searchText) {
    await ctx.db.patch(row._id, { searchText });
  }
}

/** Whether two memories belong to one session, going by their times. */
function near(
  a: { sourceTimestamp: number },
  b: { sourceTimestamp: number },
): boolean {
  return Math.abs(a.sourceTimestamp - b.sourceTimestamp) <= SESSION_GAP_MS;
}

/** A memory in a conversation: stored, or about to be stored. */
export type Spoken =
  & Pick<Doc<"memories">, "content" | "sourceTimestamp">
  & Partial<
    Pick<
      Doc<"memories">,
      | "messageRole"
      | "participantId"
      | "agentId"
      | "sourceUserName"
      | "sourceUserId"
      | "userId"
      | "enrichedContent"
    >
  >
  & {
    /** Stems of a new memory's content. */
    stems?: readonly string[];
    /** Search text of a stored memory. */
    searchText?: string;
  };

/** The stems that a memory lends to its neighbours, taken from existing ones if possible. */
function stemsOf({ content, stems, searchText }: Spoken): Neighbour {
  return stems ??
    (searchText === undefined ? content : contentOf(searchText));
}

/** The search text of a memory among its neighbours; `earlier`: what comes before it, oldest first. */
export function searchTextOf(
  memory: Spoken,
  earlier: readonly Spoken[],
  later: Spoken | undefined,
): string {
  const speaker = memory.messageRole === "agent"
    ? memory.participantId ?? memory.agentId
    : memory.sourceUserName ?? memory.sourceUserId ?? memory.userId;
  const previous = earlier.slice(-2).filter((other) => near(memory, other))
    .reverse();
  return buildSearchText({
    content: memory.content,
    timestamp: memory.sourceTimestamp,
    previous: previous.map(stemsOf),
    isAnswer: isQuestion(previous[0]?.content ?? ""),
    ...(memory.stems !== undefined && { stems: memory.stems }),
    ...(memory.enrichedContent !== undefined &&
      { enrichedContent: memory.enrichedContent }),
    ...(speaker !== undefined && { speaker }),
    ...(later !== undefined && near(memory, later) && { next: stemsOf(later) }),
  });
}

/** The fields by which a memory is found among its neighbours. */
export type Place = Pick<
  Doc<"memories">,
  "memorySpaceId" | "sourceTimestamp" | "conversationRef"
>;

/** The memories of the conversation around a time, oldest first: `limit` at or before it, three after it. */
export async function memoriesAround(
  ctx: QueryCtx,
  scope: Scope,
  place: Place,
  limit: number,
): Promise<Around> {
  const conversationId = place.conversationRef?.conversationId;
  if (conversationId === undefined) return { before: [], after: [] };
  const time = place.sourceTimestamp;
  const newestFirst = ctx.db.query("memories")
    .withIndex(
      "by_tenant_space_conversation",
      (q) =>
        q.eq("tenantId", scope.tenantId)
          .eq("memorySpaceId", place.memorySpaceId)
          .eq("conversationRef.conversationId", conversationId)
          .gte("sourceTimestamp", time - SESSION_GAP_MS)
          .lte("sourceTimestamp", time),
    )
    .order("desc");
  const before = await newestFirst.take(limit);
  const after = await ctx.db.query("memories")
    .withIndex(
      "by_tenant_space_conversation",
      (q) =>
        q.eq("tenantId", scope.tenantId)
          .eq("memorySpaceId", place.memorySpaceId)
          .eq("conversationRef.conversationId", conversationId)
          .gt("sourceTimestamp", time)
          .lte("sourceTimestamp", time + 2 * SESSION_GAP_MS),
    )
    .take(3);
  return { before: before.reverse(), after };
}
