/** Versions of memories. */
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { findMemoryEmbedding } from "../embeddings.ts";
import { memoryName, stepFields } from "../fields.ts";
import { defineQuery } from "../functions.ts";
import { findMemory } from "./memoryStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { inStepOf, StepBudget } from "../paging/walk.ts";

/** Most versions, and bytes of them, that one call returns. */
const MAX_VERSIONS = 500;
const MAX_BYTES = 4 * 1024 * 1024;

/** Validator of a version as returned. */
const versionRecord = v.object({
  memoryId: v.string(),
  version: v.number(),
  content: v.string(),
  embedding: v.optional(v.array(v.number())),
  /** When the version became current. */
  timestamp: v.number(),
});

/** A version as returned. */
export type VersionRecord = typeof versionRecord.type;

const namedArgs = {
  ...accessArgs,
  ...memoryName,
};

async function find(
  ctx: QueryCtx,
  scope: Scope,
  args: ObjectType<typeof namedArgs>,
): Promise<Doc<"memories"> | null> {
  return await findMemory(ctx, scope, args.memorySpaceId, args.memoryId);
}

async function current(
  ctx: QueryCtx,
  row: Doc<"memories">,
): Promise<VersionRecord> {
  const embedding = await findMemoryEmbedding(ctx, row);
  return {
    memoryId: row.memoryId,
    version: row.version,
    content: row.content,
    ...(embedding !== null && { embedding: embedding.embedding }),
    timestamp: row.versionStartedAt ?? row.createdAt,
  };
}

function earlier(
  memoryId: string,
  { version, content, embedding, timestamp }: Doc<"memoryVersions">,
): VersionRecord {
  return {
    memoryId,
    version,
    content,
    ...(embedding !== undefined && { embedding }),
    timestamp,
  };
}

/** `memories:getVersion` */
export const getVersionQuery = defineQuery({
  args: { ...namedArgs, version: v.number() },
  returns: v.union(versionRecord, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await find(ctx, scope, args);
    if (row === null) return null;
    if (row.version === args.version) return await current(ctx, row);
    const old = await ctx.db.query("memoryVersions")
      .withIndex(
        "by_memory_version",
        (q) => q.eq("memoryDocId", row._id).eq("version", args.version),
      )
      .first();
    return old && earlier(row.memoryId, old);
  },
});

/** `memories:getAtTimestamp`: the version that was current then. */
export const getAtTimestampQuery = defineQuery({
  args: { ...namedArgs, timestamp: v.number() },
  returns: v.union(versionRecord, v.null()),
  handler: async (ctx, args, scope) => {
    const row = await find(ctx, scope, args);
    if (row === null || args.timestamp < row.createdAt) return null;
    if (args.timestamp >= (row.versionStartedAt ?? row.createdAt)) {
      return await current(ctx, row);
    }
    const old = await ctx.db.query("memoryVersions")
      .withIndex(
        "by_memory_time",
        (q) => q.eq("memoryDocId", row._id).lte("timestamp", args.timestamp),
      )
      .order("desc").first();
    return old && earlier(row.memoryId, old);
  },
});

/** `memories:getHistory`: the first 500 versions, 4 MiB of them at most, ascending; `historyPage` has all. */
export const getHistoryQuery = defineQuery({
  args: namedArgs,
  returns: v.array(versionRecord),
  handler: async (ctx, args, scope) => {
    const row = await find(ctx, scope, args);
    return row === null ? [] : (await pageOf(ctx, row, undefined)).versions;
  },
});

/** `memories:historyPage`: to be called with the cursor of the call before until `done`. */
export const historyPageQuery = defineQuery({
  args: { ...namedArgs, cursor: v.optional(v.string()) },
  returns: v.object({
    versions: v.array(versionRecord),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    const row = await find(ctx, scope, args);
    return row === null
      ? { versions: [], done: true }
      : await pageOf(ctx, row, args.cursor);
  },
});

async function pageOf(
  ctx: QueryCtx,
  row: Doc<"memories">,
  cursor: string | undefined,
) {
  const versions: VersionRecord[] = [];
  const budget = new StepBudget(MAX_VERSIONS, MAX_BYTES);
  const { isAnother, ...end } = await inStepOf(
    ctx,
    row._id,
    [{
      table: "memoryVersions",
      index: "by_memory_version",
      equals: [["memoryDocId", row._id]],
      by: "version",
    }],
    cursor,
    budget,
    (old) => {
      budget.take(old.bytes);
      versions.push(earlier(row.memoryId, old));
    },
  );
  if (end.done && !isAnother) versions.push(await current(ctx, row));
  return { versions, ...end };
}
