/** Changes memories: new versions, archiving and restoring, with search texts, vectors and counters kept up to date. */
import { MEMORY_NOT_FOUND, PERMISSION_DENIED } from "../codes.ts";
import { Tallies, Tally } from "../counters.ts";
import {
  findMemoryEmbedding,
  insertMemoryEmbedding,
  rekeyMemoryEmbedding,
} from "../embeddings.ts";
import { fail, shown } from "../errors.ts";
import { linked } from "./memoryNeighbours.ts";
import { tallyBytes, tallyRow } from "./memoryRanges.ts";
import { checkImportance, findMemory, seedOf } from "./memoryStore.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { ARCHIVED, ARCHIVED_IMPORTANCE, archivedTags } from "../archived.ts";
import { type Scope, timeOfChange } from "../scope.ts";
import { type MemoryVersionView, pick } from "../shapes.ts";
import { checkTags } from "../spaces/spaceTally.ts";
import { checkEmbedding, checkSize, sizeOf, utf8Length } from "../size.ts";

/** Least importance of a restored memory that has no record of its importance before archiving. */
const RESTORED_IMPORTANCE = 50;

/** The fields to change; others stay as they are. */
export interface MemoryChanges {
  content?: string;
  /** An empty vector removes the embedding. */
  embedding?: readonly number[];
  importance?: number;
  tags?: string[];
}

/**
 * Reads a memory by its id.
 *
 * @throws {ConvexError} `MEMORY_NOT_FOUND`; `PERMISSION_DENIED` if the tenant has it in another space.
 */
export async function requireMemory(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  memoryId: string,
): Promise<Doc<"memories">> {
  const found = await findMemory(ctx, scope, memorySpaceId, memoryId);
  if (found !== null) return found;
  const elsewhere = await ctx.db.query("memories")
    .withIndex(
      "by_tenant_memoryId",
      (q) => q.eq("tenantId", scope.tenantId).eq("memoryId", memoryId),
    )
    .first();
  if (elsewhere === null) fail(MEMORY_NOT_FOUND, shown(memoryId));
  return fail(
    PERMISSION_DENIED,
    `${shown(memoryId)} is in another memory space`,
  );
}

/**
 * Makes a new version of a memory and keeps the old one. Reads at most 4 ranges; writes 4 rows, 3 neighbours and the
 * counters.
 *
 * @throws {ConvexError} `INVALID_EMBEDDING`, `INVALID_IMPORTANCE`, `LIMIT_EXCEEDED` (tags), `CONTENT_TOO_LARGE`.
 */
export async function updateMemory(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  changes: MemoryChanges,
): Promise<Doc<"memories">> {
  if (changes.importance !== undefined) checkImportance(changes.importance);
  checkTags(changes.tags);
  const old = await findMemoryEmbedding(ctx, memory);
  const bytes = await insertVersion(ctx, memory, {
    version: memory.version,
    content: memory.content,
    ...(old !== null && { embedding: old.embedding }),
    timestamp: memory.versionStartedAt ?? memory.createdAt,
  });
  const time = timeOfChange(scope, memory);
  const changed = await rewrite(ctx, scope, memory, {
    ...plainChanges(memory, changes),
    version: memory.version + 1,
    versionStartedAt: time,
    updatedAt: time,
  }, changes.embedding);
  const tally = new Tally();
  tallyChange(tally, memory, changed, bytes);
  await tally.write(ctx, seedOf(memory));
  return changed;
}

/**
 * Stores a past version of a memory. Returns its size in bytes, which the caller must add to the counters.
 */
export async function insertVersion(
  ctx: MutationCtx,
  memory: Doc<"memories">,
  state: MemoryVersionView,
): Promise<number> {
  const { importance, tags } = memory;
  const row = { memoryDocId: memory._id, ...state, importance, tags, bytes: 0 };
  row.bytes = sizeOf(row);
  checkSize(`version of memory ${shown(memory.memoryId)}`, row.bytes);
  await ctx.db.insert("memoryVersions", row);
  return row.bytes;
}

/**
 * Sets importance or tags of a memory without a new version.
 *
 * @param tallies Collects the changes of counters.
 * @throws {ConvexError} `INVALID_IMPORTANCE`, `LIMIT_EXCEEDED` (tags).
 */
export async function relabel(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  changes: Pick<MemoryChanges, "importance" | "tags">,
  tallies: Tallies,
): Promise<void> {
  if (changes.importance !== undefined) checkImportance(changes.importance);
  checkTags(changes.tags);
  await setFields(ctx, memory, {
    ...plainChanges(memory, changes),
    updatedAt: timeOfChange(scope, memory),
  }, tallies);
}

/**
 * Archives a memory: it stays readable, but search and recall no longer find it. One that is archived already keeps its
 * time of archiving and its importance before that.
 */
export async function archive(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
): Promise<Doc<"memories">> {
  const isArchived = memory.archivedAt !== undefined;
  return await setFields(ctx, memory, {
    tags: archivedTags(memory.tags),
    importance: Math.min(memory.importance, ARCHIVED_IMPORTANCE),
    ...(!isArchived && {
      importanceBeforeArchive: memory.importance,
      archivedAt: scope.now,
    }),
    isActive: false,
    updatedAt: timeOfChange(scope, memory),
  });
}

/** Whether a memory is archived, or has the tag of one that is. */
export function isArchived(
  { archivedAt, tags }: Pick<Doc<"memories">, "archivedAt" | "tags">,
): boolean {
  return archivedAt !== undefined || tags.includes(ARCHIVED);
}

/**
 * Takes a memory out of the archive.
 *
 * @throws {ConvexError} `MEMORY_NOT_ARCHIVED`.
 */
export async function restore(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
): Promise<Doc<"memories">> {
  if (!isArchived(memory)) {
    fail("MEMORY_NOT_ARCHIVED", shown(memory.memoryId));
  }
  return await setFields(ctx, memory, {
    tags: memory.tags.filter((tag) => tag !== ARCHIVED),
    importance: memory.importanceBeforeArchive ??
      Math.max(RESTORED_IMPORTANCE, memory.importance),
    importanceBeforeArchive: undefined,
    archivedAt: undefined,
    isActive: memory.isPartial !== true,
    updatedAt: timeOfChange(scope, memory),
  });
}

/** Writes fields that are not part of the search text, and updates the counters. */
export async function setFields(
  ctx: MutationCtx,
  memory: Doc<"memories">,
  fields: Partial<Doc<"memories">>,
  tallies?: Tallies,
): Promise<Doc<"memories">> {
  const changed = sized({ ...memory, ...fields });
  await ctx.db.patch(memory._id, { ...fields, bytes: changed.bytes });
  if (changed.isActive !== memory.isActive) {
    await rekeyMemoryEmbedding(ctx, changed);
  }
  const counted = tallies ?? new Tallies();
  tallyChange(counted.of(seedOf(memory)), memory, changed);
  if (tallies === undefined) await counted.write(ctx);
  return changed;
}

/** Writes fields. New content also changes the search texts of the memory and its neighbours. */
export async function rewrite(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  fields: Partial<Doc<"memories">>,
  vector: readonly number[] | undefined,
): Promise<Doc<"memories">> {
  const embedding = checkEmbedding(vector);
  const all = {
    ...fields,
    ...(vector !== undefined &&
      { embeddingDims: embedding?.length, embeddingDocId: undefined }),
  };
  const changed = sized({ ...memory, ...all });
  const hasNewContent = changed.content !== memory.content;
  if (hasNewContent) {
    changed.searchText = await linked(ctx, scope, memory, changed);
  }
  checkSize(
    `memory ${shown(memory.memoryId)}`,
    changed.bytes + utf8Length(changed.searchText),
  );
  await ctx.db.patch(memory._id, {
    ...all,
    bytes: changed.bytes,
    searchText: changed.searchText,
  });
  if (vector !== undefined) {
    const old = await findMemoryEmbedding(ctx, memory);
    if (old !== null) await ctx.db.delete(old._id);
    if (embedding !== undefined) {
      await insertMemoryEmbedding(ctx, changed, embedding);
    }
  } else if (changed.isActive !== memory.isActive) {
    await rekeyMemoryEmbedding(ctx, changed);
  }
  return changed;
}

/** Counts a changed memory, and `moreBytes` stored beside it. */
function tallyChange(
  tally: Tally,
  before: Doc<"memories">,
  after: Doc<"memories">,
  moreBytes: number = 0,
): void {
  tallyRow(tally, before, -1);
  tallyRow(tally, after, 1);
  tallyBytes(tally, after, moreBytes);
}

/** Sets the size of a row, measured as for a new memory: without the search text. */
function sized(row: Doc<"memories">): Doc<"memories"> {
  const { _id, _creationTime, archiveJob: _, embeddingDocId: __, ...fields } =
    row;
  const measured = { ...fields, searchText: "", bytes: 0 };
  return { ...row, bytes: sizeOf(measured) };
}

function plainChanges(
  { archivedAt }: Doc<"memories">,
  changes: MemoryChanges,
): Partial<Doc<"memories">> {
  const plain = pick(changes, ["content", "importance", "tags"]);
  if (archivedAt === undefined) return plain;
  const { importance, tags } = changes;
  return {
    ...plain,
    ...(tags !== undefined && { tags: archivedTags(tags) }),
    // An importance set while archived takes effect on restoring.
    ...(importance !== undefined && { importanceBeforeArchive: importance }),
  };
}
