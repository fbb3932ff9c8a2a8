/**
 * Memories of answers that are still being written: lists, counts and searches leave them out until they are finished.
 */
import { MEMORY_NOT_FOUND } from "../codes.ts";
import { v } from "convex/values";
import { accessArgs } from "../access.ts";
import { Tally } from "../counters.ts";
import { fail, shown } from "../errors.ts";
import { metadata } from "../fields.ts";
import { storeFreeForm } from "../freeForm/freeForm.ts";
import { defineMutation } from "../functions.ts";
import { makeId } from "../ids.ts";
import { rewrite } from "./memoryChange.ts";
import { tallyRow } from "./memoryRanges.ts";
import { findMemory, insertMemories, seedOf } from "./memoryStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import { requireWritableSpace } from "../registry/registry.ts";
import { type Scope, timeOfChange } from "../scope.ts";
import { pick } from "../shapes.ts";

/** Tags of a memory that is not finished. */
const PARTIAL_TAGS: readonly string[] = ["streaming", "partial"];

const storeArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  /** Default: a new `mem-partial-…`. */
  memoryId: v.optional(v.string()),
  participantId: v.optional(v.string()),
  conversationId: v.string(),
  userId: v.optional(v.string()),
  agentId: v.optional(v.string()),
  content: v.string(),
  isPartial: v.boolean(),
  ...metadata,
  importance: v.number(),
  tags: v.array(v.string()),
};

/** `memories:storePartialMemory` */
export const storePartialMutation = defineMutation({
  args: storeArgs,
  returns: v.object({ memoryId: v.string(), _id: v.id("memories") }),
  handler: async (ctx, args, scope) => {
    const { memorySpaceId } = args;
    const memoryId = args.memoryId ?? makeId("mem-partial", scope.now);
    const found = await findMemory(ctx, scope, memorySpaceId, memoryId);
    if (found !== null) return { memoryId, _id: found._id };
    await requireWritableSpace(ctx, scope, memorySpaceId);
    const [entry] = await insertMemories(ctx, scope, [{
      memorySpaceId,
      memoryId,
      content: args.content,
      contentType: "raw",
      sourceType: "conversation",
      sourceTimestamp: scope.now,
      messageRole: "agent",
      conversationRef: { conversationId: args.conversationId, messageIds: [] },
      ...pick(args, ["userId", "agentId", "participantId"]),
      ...(args.userId !== undefined && { sourceUserId: args.userId }),
      importance: args.importance,
      tags: args.tags,
      isPartial: args.isPartial,
      ...storeFreeForm("partialMetadata", args.metadata, args.metadataJson),
    }]);
    return { memoryId, _id: entry!._id };
  },
});

const changeArgs = {
  ...accessArgs,
  memoryId: v.string(),
  content: v.string(),
  ...metadata,
};

const success = v.object({ success: v.boolean() });

/** `memories:updatePartialMemory`. Throws `MEMORY_NOT_FOUND`. */
export const updatePartialMutation = defineMutation({
  args: changeArgs,
  returns: success,
  handler: async (ctx, args, scope) => {
    const memory = await requirePartial(ctx, scope, args.memoryId);
    await rewrite(ctx, scope, memory, {
      content: args.content,
      ...partialMetadata(args),
      updatedAt: timeOfChange(scope, memory),
    }, undefined);
    return { success: true };
  },
});

const finalizeArgs = {
  ...changeArgs,
  embedding: v.optional(v.array(v.number())),
};

/** `memories:finalizePartialMemory`: from now on it is a memory like any other. Throws `MEMORY_NOT_FOUND`. */
export const finalizePartialMutation = defineMutation({
  args: finalizeArgs,
  returns: success,
  handler: async (ctx, args, scope) => {
    const memory = await requirePartial(ctx, scope, args.memoryId);
    const finished = await rewrite(ctx, scope, memory, {
      content: args.content,
      ...partialMetadata(args),
      tags: memory.tags.filter((tag) => !PARTIAL_TAGS.includes(tag)),
      isPartial: undefined,
      isActive: memory.archivedAt === undefined,
      updatedAt: timeOfChange(scope, memory),
    }, args.embedding);
    const { isPartial: _, ...whole } = finished;
    const tally = new Tally();
    tallyRow(tally, whole, 1);
    await tally.write(ctx, seedOf(memory));
    return { success: true };
  },
});

/** Sets both fields of the metadata, so that the new form replaces either old one. */
function partialMetadata(
  args: { metadata?: unknown; metadataJson?: string },
): Pick<Doc<"memories">, "partialMetadata" | "partialMetadataJson"> {
  return {
    partialMetadata: undefined,
    partialMetadataJson: undefined,
    ...storeFreeForm("partialMetadata", args.metadata, args.metadataJson),
  };
}

async function requirePartial(
  ctx: MutationCtx,
  scope: Scope,
  memoryId: string,
): Promise<Doc<"memories">> {
  const rows = ctx.db.query("memories")
    .withIndex(
      "by_tenant_memoryId",
      (q) => q.eq("tenantId", scope.tenantId).eq("memoryId", memoryId),
    );
  for (const row of await rows.take(10)) {
    if (row.isPartial === true) return row;
  }
  return fail(
    MEMORY_NOT_FOUND,
    `${shown(memoryId)} is not a memory being written`,
  );
}
