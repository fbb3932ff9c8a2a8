/**
 * Memories: one row, at most one embedding row, and the search texts of the neighbours, which hold each other's stems.
 *
 * @module
 */
import { getConvexSize, type Value } from "convex/values";
import { findMemoryEmbedding, insertMemoryEmbedding } from "./embeddings.ts";
import { fail, shown } from "./errors.ts";
import type { Doc, MutationCtx, NewDoc, QueryCtx } from "./model.ts";
import { checkId, owner, type Scope } from "./scope.ts";
import {
  buildSearchText,
  contentOf,
  contentStems,
  type Neighbour,
  withNext,
} from "./searchText.ts";
import { type MemoryEntry, toMemoryEntry } from "./shapes.ts";
import { checkEmbedding, checkSize, utf8Length } from "./size.ts";

/** Memories further apart than this are not neighbours: another session has begun. */
const SESSION_GAP_MS = 6 * 3_600_000;
/** Memories of one conversation at the very same time that are told apart when one of them is deleted. */
const MAX_TIES = 6;
/** Longest memory id, in characters. */
const MAX_MEMORY_ID_LENGTH = 500;

/** A memory about to be stored: the row without what the store itself fills in. */
export type NewMemory =
  & Omit<
    NewDoc<"memories">,
    | "tenantId"
    | "organizationId"
    | "version"
    | "createdAt"
    | "updatedAt"
    | "accessCount"
    | "isActive"
    | "searchText"
    | "bytes"
    | "embeddingDims"
    | "sourceMessageId"
  >
  & { embedding?: readonly number[] };

/** Reads one memory of the scope and space. */
export function findMemory(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  memoryId: string,
): Promise<Doc<"memories"> | null> {
  return ctx.db.query("memories")
    .withIndex(
      "by_tenant_space_memoryId",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", memorySpaceId)
          .eq("memoryId", memoryId),
    )
    .unique();
}

/** A memory as returned, with its embedding. */
export async function readEntry(
  ctx: QueryCtx,
  row: Doc<"memories">,
): Promise<MemoryEntry> {
  const embedding = await findMemoryEmbedding(ctx, row);
  return toMemoryEntry(row, embedding?.embedding);
}

/**
 * Stores memories of one conversation, in the order of their time, or of none. The caller has checked that their ids
 * are free.
 *
 * Reads at most 2 ranges of 5 rows; writes 2 rows a memory and patches at most 3 neighbours.
 *
 * @throws {ConvexError} `INVALID_ID`, `INVALID_TIMESTAMP`, `INVALID_EMBEDDING`, `INVALID_IMPORTANCE`,
 * `CONTENT_TOO_LARGE`. Thrown before anything of these memories is written.
 */
export async function insertMemories(
  ctx: MutationCtx,
  scope: Scope,
  memories: readonly NewMemory[],
): Promise<MemoryEntry[]> {
  const first = memories[0];
  if (first === undefined) return [];
  const embeddings = memories.map(check);
  const { before, after } = await around(ctx, scope, first, 2);
  const spoken = memories.map((memory): Spoken => ({
    ...memory,
    stems: contentStems(memory.content),
  }));
  const entries: MemoryEntry[] = [];
  for (const [at, { embedding: _, ...memory }] of memories.entries()) {
    const embedding = embeddings[at];
    const row = {
      ...owner(scope),
      ...memory,
      ...(memory.conversationRef?.messageIds[0] !== undefined &&
        { sourceMessageId: memory.conversationRef.messageIds[0] }),
      version: 1,
      createdAt: scope.now,
      updatedAt: scope.now,
      accessCount: 0,
      isActive: true,
      ...(embedding !== undefined && { embeddingDims: embedding.length }),
      searchText: "",
      bytes: 0,
    };
    // Without the search text, which changes with the neighbours.
    row.bytes = getConvexSize(row as Value);
    row.searchText = searchTextOf(
      spoken[at]!,
      [...before, ...spoken.slice(0, at)],
      spoken[at + 1] ?? after[0],
    );
    checkSize(
      `memory ${shown(memory.memoryId)}`,
      row.bytes + utf8Length(row.searchText),
    );
    const _id = await ctx.db.insert("memories", row);
    const stored = { ...row, _id, _creationTime: scope.now };
    if (embedding !== undefined) {
      await insertMemoryEmbedding(ctx, stored, embedding);
    }
    entries.push(toMemoryEntry(stored, embedding));
  }
  await relink(ctx, before, spoken, after, first);
  return entries;
}

/** Deletes a memory, its embedding, and its words in the search texts of its neighbours. */
export async function deleteMemory(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
): Promise<void> {
  const embedding = await findMemoryEmbedding(ctx, memory);
  if (embedding !== null) await ctx.db.delete(embedding._id);
  const { before, after } = await around(ctx, scope, memory, 2 + MAX_TIES);
  await ctx.db.delete(memory._id);
  const all = [...before, ...after];
  const at = all.findIndex((row) => row._id === memory._id);
  if (at < 0) return;
  await relink(
    ctx,
    all.slice(Math.max(0, at - 2), at),
    [],
    all.slice(at + 1, at + 4),
    memory,
  );
}

/** Patches the rows around a place of a conversation whose neighbours have changed. */
async function relink(
  ctx: MutationCtx,
  before: readonly Doc<"memories">[],
  between: readonly Spoken[],
  after: readonly Doc<"memories">[],
  place: Place,
): Promise<void> {
  const previous = before[before.length - 1];
  if (previous !== undefined) {
    const next = between[0] ?? after[0];
    const text = next !== undefined && near(previous, next)
      ? stemsOf(next)
      : "";
    await patchText(ctx, previous, withNext(previous.searchText, text));
  }
  for (const [at, row] of after.slice(0, 2).entries()) {
    // What lies further away never held words of this place, and its own neighbours may not have been read.
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

type Spoken =
  & Pick<NewMemory, "content" | "sourceTimestamp">
  & Partial<NewMemory>
  & {
    /** Stems of a new memory's content. */
    stems?: readonly string[];
    /** Search text of a stored memory. */
    searchText?: string;
  };

/** What a memory lends its neighbours, from what was reduced to stems before. */
function stemsOf({ content, stems, searchText }: Spoken): Neighbour {
  return stems ??
    (searchText === undefined ? content : contentOf(searchText));
}

/** `earlier`: what comes before it, oldest first. */
function searchTextOf(
  memory: Spoken,
  earlier: readonly Spoken[],
  later: Spoken | undefined,
): string {
  const speaker = memory.messageRole === "agent"
    ? memory.participantId ?? memory.agentId
    : memory.sourceUserName ?? memory.sourceUserId ?? memory.userId;
  return buildSearchText({
    content: memory.content,
    timestamp: memory.sourceTimestamp,
    previous: earlier.slice(-2).filter((other) => near(memory, other))
      .map(stemsOf).reverse(),
    ...(memory.stems !== undefined && { stems: memory.stems }),
    ...(memory.enrichedContent !== undefined &&
      { enrichedContent: memory.enrichedContent }),
    ...(speaker !== undefined && { speaker }),
    ...(later !== undefined && near(memory, later) && { next: stemsOf(later) }),
  });
}

/** What a memory is found among its neighbours by. */
type Place = Pick<
  NewMemory,
  "memorySpaceId" | "sourceTimestamp" | "conversationRef"
>;

/** The memories of the conversation around a time, oldest first: `limit` at or before it, three after it. */
async function around(
  ctx: QueryCtx,
  scope: Scope,
  place: Place,
  limit: number,
): Promise<{ before: Doc<"memories">[]; after: Doc<"memories">[] }> {
  const conversationId = place.conversationRef?.conversationId;
  if (conversationId === undefined) return { before: [], after: [] };
  const time = place.sourceTimestamp;
  const before = await ctx.db.query("memories")
    .withIndex(
      "by_tenant_space_conversation",
      (q) =>
        q.eq("tenantId", scope.tenantId)
          .eq("memorySpaceId", place.memorySpaceId)
          .eq("conversationRef.conversationId", conversationId)
          .gte("sourceTimestamp", time - SESSION_GAP_MS)
          .lte("sourceTimestamp", time),
    )
    .order("desc").take(limit);
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

function check(memory: NewMemory): number[] | undefined {
  checkId("memoryId", memory.memoryId, MAX_MEMORY_ID_LENGTH);
  const { sourceTimestamp: time, importance } = memory;
  if (!Number.isFinite(time) || time < 0) {
    fail(
      "INVALID_TIMESTAMP",
      `sourceTimestamp must be a time in ms, got ${time}`,
    );
  }
  if (!(importance >= 0 && importance <= 100)) {
    fail(
      "INVALID_IMPORTANCE",
      `importance must be between 0 and 100, got ${importance}`,
    );
  }
  return checkEmbedding(memory.embedding);
}
