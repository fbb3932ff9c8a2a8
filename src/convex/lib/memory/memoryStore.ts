/**
 * Memories: one row each, at most one embedding row, and search texts in which neighbours contain each other's stems.
 *
 * @module
 */
import { INVALID_IMPORTANCE } from "../codes.ts";
import { checkTime } from "../bounds.ts";
import { Tallies } from "../counters.ts";
import { findMemoryEmbedding, insertMemoryEmbedding } from "../embeddings.ts";
import { fail, shown } from "../errors.ts";
import { forgetRow } from "../idempotency/keptResults.ts";
import {
  type Around,
  memoriesAround,
  neighboursOf,
  relink,
  searchTextOf,
  type Spoken,
} from "./memoryNeighbours.ts";
import { bytesOf, tallyBytes, tallyRow } from "./memoryRanges.ts";
import type { Doc, MutationCtx, NewDoc, QueryCtx } from "../model.ts";
import { checkId, owner, type Scope } from "../scope.ts";
import { contentStems } from "../text/searchText.ts";
import {
  type MemoryEntry,
  type MemoryVersionView,
  toMemoryEntry,
} from "../shapes.ts";
import { checkTags, rowsTaken } from "../spaces/spaceTally.ts";
import {
  checkEmbedding,
  checkSize,
  sizeOf,
  utf8Length,
  vectorBytes,
} from "../size.ts";
import { StepBudget } from "../paging/walk.ts";

/** Most earlier versions in an entry. */
const MAX_VERSIONS_SHOWN = 50;
/** Most versions, and bytes of them, in one answer. */
const MAX_VERSIONS_READ = 2000;
const MAX_VERSION_BYTES = 4 * 1024 * 1024;
/** Most bytes of versions that are deleted in the transaction that deletes their memory. */
const MAX_BYTES_BESIDE = 1024 * 1024;
/** Longest memory id, in characters. */
const MAX_MEMORY_ID_LENGTH = 500;

/** A memory to store: the row without the fields that the store fills in. */
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
    | "embeddingDocId"
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

/**
 * A memory as returned, with its embedding and its latest 50 earlier versions, as far as the budget of several memories
 * allows.
 */
export async function readEntry(
  ctx: QueryCtx,
  row: Doc<"memories">,
  whole?: StepBudget,
): Promise<MemoryEntry> {
  const budget = new StepBudget(MAX_VERSIONS_SHOWN, MAX_VERSION_BYTES, whole);
  return await entryOf(ctx, row, await versionsOf(ctx, row, budget));
}

/**
 * Memories as lists and searches return them: the earlier versions have no embeddings, 2,000 and 4 MiB of them in all.
 *
 * @param embeddings False: leaves out the memories' own embeddings, too. A budget: leaves out those beyond it.
 */
export async function readEntries(
  ctx: QueryCtx,
  rows: readonly Doc<"memories">[],
  embeddings: boolean | StepBudget = true,
  whole?: StepBudget,
): Promise<MemoryEntry[]> {
  const budget = new StepBudget(MAX_VERSIONS_READ, MAX_VERSION_BYTES, whole);
  const entries: MemoryEntry[] = [];
  for (const row of rows) {
    const versions = (await versionsOf(ctx, row, budget))
      .map(({ embedding: _, ...version }) => version);
    entries.push(
      hasRoom(embeddings, row)
        ? await entryOf(ctx, row, versions)
        : toMemoryEntry(row, undefined, versions),
    );
  }
  return entries;
}

/** Whether the embedding of a memory is to be read, which takes its bytes of the budget. */
function hasRoom(
  embeddings: boolean | StepBudget,
  row: Doc<"memories">,
): boolean {
  if (typeof embeddings === "boolean") return embeddings;
  if (embeddings.isSpent) return false;
  embeddings.take(vectorBytes(row.embeddingDims ?? 0), 0);
  return true;
}

async function entryOf(
  ctx: QueryCtx,
  row: Doc<"memories">,
  versions: MemoryVersionView[],
): Promise<MemoryEntry> {
  const embedding = await findMemoryEmbedding(ctx, row);
  return toMemoryEntry(row, embedding?.embedding, versions);
}

/** The latest earlier versions that the budget allows, oldest first. */
async function versionsOf(
  ctx: QueryCtx,
  row: Doc<"memories">,
  budget: StepBudget,
): Promise<MemoryVersionView[]> {
  const found: MemoryVersionView[] = [];
  if (row.version === 1 || budget.isSpent) return found;
  const newestFirst = ctx.db.query("memoryVersions")
    .withIndex("by_memory_version", (q) => q.eq("memoryDocId", row._id))
    .order("desc");
  for await (
    const { version, content, embedding, timestamp, bytes } of newestFirst
  ) {
    budget.take(bytes);
    found.push({
      version,
      content,
      timestamp,
      ...(embedding !== undefined && { embedding }),
    });
    if (budget.isSpent || found.length === MAX_VERSIONS_SHOWN) break;
  }
  return found.reverse();
}

/**
 * Stores memories of one conversation, in order of time, or of no conversation. The caller has checked that their ids
 * are free.
 *
 * Reads at most 2 ranges of 5 rows; writes 2 rows per memory and patches at most 3 neighbours. As much again for each
 * memory that others come before.
 *
 * @throws {ConvexError} `INVALID_ID`, `INVALID_TIMESTAMP`, `INVALID_EMBEDDING`, `INVALID_IMPORTANCE`, `LIMIT_EXCEEDED`
 * (tags), `CONTENT_TOO_LARGE`. Thrown before anything of these memories is written.
 */
export async function insertMemories(
  ctx: MutationCtx,
  scope: Scope,
  memories: readonly NewMemory[],
): Promise<MemoryEntry[]> {
  const first = memories[0];
  if (first === undefined) return [];
  const embeddings = memories.map(check);
  const { before, after } = await memoriesAround(ctx, scope, first, 2);
  const [rest, later] = [memories.slice(1), after[0]?.sourceTimestamp];
  if (rest.some(({ sourceTimestamp }) => sourceTimestamp >= later!)) {
    // Others were said between them, and are the neighbours by which their words are found when they are deleted.
    const entry = await insertMemories(ctx, scope, [first]);
    return [...entry, ...await insertMemories(ctx, scope, rest)];
  }
  const spoken = memories.map((memory): Spoken => ({
    ...memory,
    stems: contentStems(memory.content),
  }));
  // Memories of no conversation are no neighbours: what is deleted is not looked for among them.
  const linked = first.conversationRef === undefined ? [] : spoken;
  const entries: MemoryEntry[] = [];
  const tallies = new Tallies();
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
      isActive: memory.isPartial !== true,
      ...(embedding !== undefined && { embeddingDims: embedding.length }),
      searchText: "",
      bytes: 0,
    };
    // Measured without the search text, which changes with the neighbours.
    row.bytes = sizeOf(row);
    row.searchText = searchTextOf(
      spoken[at]!,
      [...before, ...linked.slice(0, at)],
      linked[at + 1] ?? after[0],
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
    tallyRow(tallies.of(seedOf(stored)), stored, 1);
    entries.push(toMemoryEntry(stored, embedding));
  }
  await relink(ctx, before, spoken, after, first);
  await tallies.write(ctx);
  return entries;
}

/** The seed of a memory's counters: the same for all memories of a conversation. */
export function seedOf(
  memory: Pick<Doc<"memories">, "memoryId" | "conversationRef">,
): string {
  return memory.conversationRef?.conversationId ?? memory.memoryId;
}

/**
 * Deletes a memory, its embedding, its versions, and its words in the search texts of its neighbours.
 *
 * @param tallies Collects changes of counters for many memories; without it, counters are written at once.
 * @returns Whether the memory is deleted; if not, its versions took the budget, or its neighbours would take more, and
 * the call must be repeated.
 */
export async function deleteMemory(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  budget: StepBudget = new StepBudget(),
  tallies?: Tallies,
): Promise<{ done: boolean }> {
  const counted = tallies ?? new Tallies();
  const tally = counted.of(seedOf(memory));
  const isFirst = budget.isUntouched;
  const { bytes, done: isLast } = await deleteVersions(ctx, memory, budget);
  const around = isLast && bytes <= MAX_BYTES_BESIDE
    ? await neighboursWithin(ctx, scope, memory, budget, isFirst)
    : undefined;
  if (around === undefined) {
    tallyBytes(tally, memory, -bytes);
  } else {
    tallyRow(tally, memory, -1, -bytes);
    budget.take(bytesOf(memory), rowsTaken(memory));
    await deleteRow(ctx, scope, memory);
    await relink(ctx, around.before, [], around.after, memory);
  }
  if (tallies === undefined) await counted.write(ctx);
  return { done: around !== undefined };
}

/** Deletes versions of a memory while the budget lasts. Returns their bytes, and whether none is left. */
async function deleteVersions(
  ctx: MutationCtx,
  { _id }: Doc<"memories">,
  budget: StepBudget,
): Promise<{ bytes: number; done: boolean }> {
  let bytes = 0;
  const versions = ctx.db.query("memoryVersions")
    .withIndex("by_memory_version", (q) => q.eq("memoryDocId", _id));
  for await (const version of versions) {
    if (budget.isSpent) return { bytes, done: false };
    budget.take(version.bytes);
    await ctx.db.delete(version._id);
    bytes += version.bytes;
  }
  return { bytes, done: true };
}

/**
 * The neighbours of a memory, which may be as large as the rest of what a transaction reads; undefined if the budget has
 * no room for them and the memory is not the first of the step.
 */
async function neighboursWithin(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  budget: StepBudget,
  isFirst: boolean,
): Promise<Around | undefined> {
  if (memory.conversationRef === undefined) return { before: [], after: [] };
  const hasRoom = () => isFirst || budget.room > 0;
  if (!hasRoom()) return undefined;
  const around = await neighboursOf(ctx, scope, memory, budget);
  return hasRoom() ? around : undefined;
}

async function deleteRow(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
): Promise<void> {
  const embedding = await findMemoryEmbedding(ctx, memory);
  if (embedding !== null) await ctx.db.delete(embedding._id);
  await ctx.db.delete(memory._id);
  const { memorySpaceId, memoryId } = memory;
  await forgetRow(ctx, scope, "memories", memorySpaceId, memoryId);
}

function check(memory: NewMemory): number[] | undefined {
  checkId("memoryId", memory.memoryId, MAX_MEMORY_ID_LENGTH);
  checkTime("sourceTimestamp", memory.sourceTimestamp);
  checkImportance(memory.importance);
  checkTags(memory.tags);
  return checkEmbedding(memory.embedding);
}

/** Refuses an importance that is not from 0 to 100. Throws `INVALID_IMPORTANCE`. */
export function checkImportance(importance: number): void {
  if (importance >= 0 && importance <= 100) return;
  fail(
    INVALID_IMPORTANCE,
    `importance must be between 0 and 100, got ${importance}`,
  );
}
