/**
 * Changes of a memory together with the facts drawn from it, each in one transaction.
 *
 * @module
 */
import { ARCHIVED } from "../archived.ts";
import { MEMORY_NOT_FOUND } from "../codes.ts";
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { fail, shown } from "../errors.ts";
import { archiveFact } from "../facts/factArchive.ts";
import { foundFactArgs } from "../facts/factArgs.ts";
import { findFact, insertFact } from "../facts/factStore.ts";
import { memoryName, stepFields } from "../fields.ts";
import { defineMutation } from "../functions.ts";
import {
  deleteInStep,
  deleteManyArgs,
  updateInStep,
  updateManyArgs,
} from "./memoryBulk.ts";
import {
  archiveStep,
  deleteFacts,
  deleteStep,
  type FactsStep,
  newestNaming,
  replaceFacts,
  replaceStep,
  restoreStep,
} from "./factsJob.ts";
import { requireMemory, updateMemory } from "./memoryChange.ts";
import { factsFromMemory } from "./memoryFacts.ts";
import { rangesOfUser } from "./memoryRanges.ts";
import { deleteMemory, findMemory, readEntry } from "./memoryStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import { refusedFact, storeFound, type UncheckedFact } from "./refusedFact.ts";
import { isGone } from "../paging/cursor.ts";
import { StepBudget } from "../paging/walk.ts";
import type { Scope } from "../scope.ts";
import {
  type FactRecord,
  factRecord,
  memoryEntry,
  pick,
  toFactRecord,
} from "../shapes.ts";

/** Deleting this many facts costs a step about as much as deleting one memory. */
const FACTS_PER_ROW = 4;

const namedArgs = {
  ...accessArgs,
  ...memoryName,
};

type NamedArgs = ObjectType<typeof namedArgs>;

/** Arguments of a job in steps. */
const steppedArgs = { ...namedArgs, cursor: v.optional(v.string()) };

const deletedFacts = { factsDeleted: v.number(), factIds: v.array(v.string()) };

/** The memory that a call names; one of another space is treated like a missing one. */
async function requireOwn(
  ctx: MutationCtx,
  scope: Scope,
  { memorySpaceId, memoryId }: NamedArgs,
): Promise<Doc<"memories">> {
  const found = await findMemory(ctx, scope, memorySpaceId, memoryId);
  return found ?? fail(MEMORY_NOT_FOUND, shown(memoryId));
}

const deleteArgs = {
  ...steppedArgs,
  cascadeDeleteFacts: v.optional(v.boolean()),
};

/**
 * `memory:deleteMemory`: to be called with the cursor of the call before until `done`; counts are those of one call.
 * Throws `MEMORY_NOT_FOUND` and `INVALID_CURSOR`.
 */
export const deleteWithFactsMutation = defineMutation({
  args: deleteArgs,
  returns: v.object({
    deleted: v.boolean(),
    memoryId: v.string(),
    ...deletedFacts,
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    const { factIds, ...end } = await deleteOwn(ctx, scope, args);
    return {
      deleted: end.done,
      memoryId: args.memoryId,
      factsDeleted: factIds.length,
      factIds,
      ...end,
    };
  },
});

async function deleteOwn(
  ctx: MutationCtx,
  scope: Scope,
  args: ObjectType<typeof deleteArgs>,
): Promise<Omit<FactsStep, "memory">> {
  const { memorySpaceId, memoryId, cursor } = args;
  const found = await findMemory(ctx, scope, memorySpaceId, memoryId);
  if (isGone(ctx, "memories", found, cursor)) {
    return { factIds: [], done: true };
  }
  const memory = found ?? await requireOwn(ctx, scope, args);
  const { factIds, done } = args.cascadeDeleteFacts === false
    ? { factIds: [], ...await deleteMemory(ctx, scope, memory) }
    : await deleteStep(ctx, scope, memory, cursor);
  return { factIds, done, ...(!done && { cursor: memory._id }) };
}

/** `memory:deleteMany`: to be called with the cursor of the call before until `done`. */
export const deleteManyWithFactsMutation = defineMutation({
  args: deleteManyArgs,
  returns: v.object({
    deleted: v.number(),
    memoryIds: v.array(v.string()),
    ...deletedFacts,
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    const factIds: string[] = [];
    const step = await deleteInStep(
      ctx,
      scope,
      rangesOfUser(scope, args),
      args.cursor,
      async (ctx, scope, memory, budget) => {
        const room = new StepBudget(undefined, budget.bytes);
        const facts = await deleteFacts(ctx, scope, memory, room);
        factIds.push(...facts.factIds);
        budget.take(facts.bytes, facts.factIds.length / FACTS_PER_ROW);
        return facts.done && !budget.isSpent;
      },
    );
    return { ...step, factsDeleted: factIds.length, factIds };
  },
});

/** `memory:updateMany`: to be called with the cursor of the call before until `done`. */
export const updateManyWithFactsMutation = defineMutation({
  args: updateManyArgs,
  returns: v.object({
    updated: v.number(),
    memoryIds: v.array(v.string()),
    /** Facts that name one of the memories as their source. */
    factsAffected: v.number(),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    let factsAffected = 0;
    const step = await updateInStep(
      ctx,
      scope,
      args,
      async (ctx, scope, memory, budget) => {
        const facts = await factsFromMemory(ctx, scope, memory);
        for (const { bytes } of facts) budget.take(bytes, 1 / FACTS_PER_ROW);
        factsAffected += facts.length;
      },
    );
    return { ...step, factsAffected };
  },
});

/** `memory:archive`: to be called until `done`; counts are those of one call. Throws `MEMORY_NOT_FOUND`. */
export const archiveWithFactsMutation = defineMutation({
  args: steppedArgs,
  returns: v.object({
    archived: v.boolean(),
    memoryId: v.string(),
    restorable: v.boolean(),
    factsArchived: v.number(),
    factIds: v.array(v.string()),
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    const { memory, factIds, ...end } = await archiveStep(
      ctx,
      scope,
      await requireOwn(ctx, scope, args),
      args.cursor,
    );
    return {
      archived: end.done && memory.archivedAt !== undefined,
      memoryId: args.memoryId,
      restorable: true,
      factsArchived: factIds.length,
      factIds,
      ...end,
    };
  },
});

/**
 * `memory:restoreFromArchive`: to be called until `done`. Throws `MEMORY_NOT_FOUND`, `PERMISSION_DENIED`,
 * `MEMORY_NOT_ARCHIVED`.
 */
export const restoreWithFactsMutation = defineMutation({
  args: steppedArgs,
  returns: v.object({
    restored: v.boolean(),
    memoryId: v.string(),
    memory: memoryEntry,
    ...stepFields,
  }),
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memoryId, cursor } = args;
    const { memory, factIds: _, ...end } = await restoreStep(
      ctx,
      scope,
      await requireMemory(ctx, scope, memorySpaceId, memoryId),
      cursor,
    );
    return {
      restored: end.done && memory.archivedAt === undefined,
      memoryId,
      memory: await readEntry(ctx, memory),
      ...end,
    };
  },
});

const updateArgs = {
  ...steppedArgs,
  content: v.optional(v.string()),
  embedding: v.optional(v.array(v.number())),
  importance: v.optional(v.number()),
  tags: v.optional(v.array(v.string())),
  /** Facts found in the new content; they replace those drawn from the old content. */
  facts: v.optional(v.array(v.object(foundFactArgs))),
};

type FoundFact = NonNullable<ObjectType<typeof updateArgs>["facts"]>[number];

const updateResult = v.object({
  memory: memoryEntry,
  factsReextracted: v.optional(v.array(factRecord)),
  refusedFacts: v.optional(v.array(refusedFact)),
  ...stepFields,
});

/**
 * `memory:update`: to be called with the previous call's cursor until `done`, because it may replace many facts. Throws
 * as `memories:update` does. A fact that cannot be stored is reported, and the rest is stored.
 */
export const updateWithFactsMutation = defineMutation({
  args: updateArgs,
  returns: updateResult,
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memoryId, facts, cursor } = args;
    const memory = await requireMemory(ctx, scope, memorySpaceId, memoryId);
    if (cursor !== undefined) {
      const { factIds: _, ...step } = await replaceStep(
        ctx,
        scope,
        memory,
        cursor,
      );
      return { ...step, memory: await readEntry(ctx, memory) };
    }
    const updated = await updateMemory(ctx, scope, memory, args);
    const outcome = facts === undefined
      ? { done: true }
      : await storeFacts(ctx, scope, updated, facts);
    return { memory: await readEntry(ctx, updated), ...outcome };
  },
});

/** Stores the new facts before the old ones are deleted. Facts of an archived memory are archived with it. */
async function storeFacts(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  found: readonly FoundFact[],
): Promise<Omit<typeof updateResult.type, "memory">> {
  const isArchived = memory.archivedAt !== undefined;
  const upTo = await newestNaming(ctx, scope, memory);
  const stored: FactRecord[] = [];
  const made = (statement: FoundFact) => newFact(memory, statement);
  const refusals = await storeFound(found, made, async (fact) => {
    const known = await findFact(ctx, scope, memory.memorySpaceId, fact.factId);
    let row = known ?? await insertFact(ctx, scope, fact);
    if (isArchived) row = await archiveFact(ctx, scope, row, memory.memoryId);
    stored.push(toFactRecord(row));
  });
  const kept = stored.map(({ factId }) => factId);
  const { done, cursor } = upTo === undefined
    ? { done: true }
    : await replaceFacts(ctx, scope, memory, { upTo, kept }, true);
  return {
    factsReextracted: stored,
    ...refusals,
    done,
    ...(cursor !== undefined && { cursor }),
  };
}

function newFact(memory: Doc<"memories">, statement: FoundFact): UncheckedFact {
  const { sourceType, conversationRef } = memory;
  const subject = statement.subject ?? memory.userId;
  return {
    ...statement,
    memorySpaceId: memory.memorySpaceId,
    sourceType: sourceType === "fact-extraction" ? "system" : sourceType,
    sourceRef: { ...conversationRef, memoryId: memory.memoryId },
    ...(subject !== undefined && { subject }),
    ...pick(memory, ["userId", "participantId"]),
    // As when the memory was stored, a fact without tags gets the memory's.
    ...(statement.tags.length === 0 && {
      tags: memory.tags.filter((tag) => tag !== ARCHIVED),
    }),
  };
}
