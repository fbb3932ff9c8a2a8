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
import { archiveFact, restoreFact } from "../facts/factArchive.ts";
import { foundFactArgs } from "../facts/factArgs.ts";
import {
  checkFact,
  findFact,
  insertFact,
  type NewFact,
} from "../facts/factStore.ts";
import { softDeleteFact } from "../facts/factVersions.ts";
import { stepFields } from "../fields.ts";
import { defineMutation } from "../functions.ts";
import {
  deleteInStep,
  deleteManyArgs,
  updateInStep,
  updateManyArgs,
} from "./memoryBulk.ts";
import {
  archive,
  requireMemory,
  restore,
  updateMemory,
} from "./memoryChange.ts";
import {
  factsArchivedWith,
  factsFromMemory,
  factsOfMemory,
  MAX_FACTS,
} from "./memoryFacts.ts";
import { rangesOfUser } from "./memoryRanges.ts";
import { deleteMemory, findMemory, readEntry } from "./memoryStore.ts";
import type { Doc, MutationCtx } from "../model.ts";
import { refusalOf, refusedFact } from "./refusedFact.ts";
import type { Scope } from "../scope.ts";
import {
  type FactRecord,
  factRecord,
  memoryEntry,
  pick,
  toFactRecord,
} from "../shapes.ts";

/** Facts whose deletion costs a step about as much as a memory's does. */
const FACTS_PER_ROW = 4;

const namedArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  memoryId: v.string(),
};

type NamedArgs = ObjectType<typeof namedArgs>;

const deletedFacts = { factsDeleted: v.number(), factIds: v.array(v.string()) };

/** Soft-deletes the facts that fall with a memory; gives their ids, and whether there may be more. */
async function deleteFacts(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
): Promise<{ factIds: string[]; done: boolean }> {
  const facts = await factsOfMemory(ctx, scope, memory, {
    owned: true,
    archived: true,
  });
  for (const fact of facts) {
    await softDeleteFact(ctx, scope, fact, "Its memory was deleted");
  }
  return {
    factIds: facts.map(({ factId }) => factId),
    done: facts.length < MAX_FACTS,
  };
}

/** A memory that a call names; one of another space is not told apart from none. */
async function requireOwn(
  ctx: MutationCtx,
  scope: Scope,
  { memorySpaceId, memoryId }: NamedArgs,
): Promise<Doc<"memories">> {
  const found = await findMemory(ctx, scope, memorySpaceId, memoryId);
  return found ?? fail(MEMORY_NOT_FOUND, shown(memoryId));
}

const deleteArgs = {
  ...namedArgs,
  cascadeDeleteFacts: v.optional(v.boolean()),
};

/** `memory:deleteMemory`: to be called until `done`; counts are those of one call. Throws `MEMORY_NOT_FOUND`. */
export const deleteWithFactsMutation = defineMutation({
  args: deleteArgs,
  returns: v.object({
    deleted: v.boolean(),
    memoryId: v.string(),
    ...deletedFacts,
    done: v.boolean(),
  }),
  handler: async (ctx, args, scope) => {
    const memory = await requireOwn(ctx, scope, args);
    const { factIds, done: goes } = args.cascadeDeleteFacts === false
      ? { factIds: [], done: true }
      : await deleteFacts(ctx, scope, memory);
    const { done } = goes
      ? await deleteMemory(ctx, scope, memory)
      : { done: false };
    return {
      deleted: done,
      memoryId: args.memoryId,
      factsDeleted: factIds.length,
      factIds,
      done,
    };
  },
});

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
      async (ctx, scope, memory, room) => {
        const facts = await deleteFacts(ctx, scope, memory);
        factIds.push(...facts.factIds);
        room.take(0, facts.factIds.length / FACTS_PER_ROW);
        return facts.done;
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
      async (ctx, scope, memory) => {
        factsAffected += (await factsFromMemory(ctx, scope, memory)).length;
      },
    );
    return { ...step, factsAffected };
  },
});

/** `memory:archive`: to be called until `done`; counts are those of one call. Throws `MEMORY_NOT_FOUND`. */
export const archiveWithFactsMutation = defineMutation({
  args: namedArgs,
  returns: v.object({
    archived: v.boolean(),
    memoryId: v.string(),
    restorable: v.boolean(),
    factsArchived: v.number(),
    factIds: v.array(v.string()),
    done: v.boolean(),
  }),
  handler: async (ctx, args, scope) => {
    const memory = await requireOwn(ctx, scope, args);
    const facts = await factsOfMemory(ctx, scope, memory, { owned: true });
    for (const fact of facts) {
      await archiveFact(ctx, scope, fact, memory.memoryId);
    }
    const done = facts.length < MAX_FACTS;
    if (done) await archive(ctx, scope, memory);
    return {
      archived: done,
      memoryId: args.memoryId,
      restorable: true,
      factsArchived: facts.length,
      factIds: facts.map(({ factId }) => factId),
      done,
    };
  },
});

/** `memory:restoreFromArchive`: to be called until `done`. Throws `MEMORY_NOT_FOUND`, `PERMISSION_DENIED`, `MEMORY_NOT_ARCHIVED`. */
export const restoreWithFactsMutation = defineMutation({
  args: namedArgs,
  returns: v.object({
    restored: v.boolean(),
    memoryId: v.string(),
    memory: memoryEntry,
    done: v.boolean(),
  }),
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memoryId } = args;
    const memory = await requireMemory(ctx, scope, memorySpaceId, memoryId);
    const facts = await factsArchivedWith(ctx, scope, memory);
    const done = facts.length < MAX_FACTS;
    const restored = done ? await restore(ctx, scope, memory) : memory;
    for (const fact of facts) await restoreFact(ctx, scope, fact);
    return {
      restored: done,
      memoryId,
      memory: await readEntry(ctx, restored),
      done,
    };
  },
});

const updateArgs = {
  ...namedArgs,
  content: v.optional(v.string()),
  embedding: v.optional(v.array(v.number())),
  importance: v.optional(v.number()),
  tags: v.optional(v.array(v.string())),
  /** Facts found in the new content: they take the place of those drawn from the old one. */
  facts: v.optional(v.array(v.object(foundFactArgs))),
};

type UpdateArgs = ObjectType<typeof updateArgs>;

const updateResult = v.object({
  memory: memoryEntry,
  factsReextracted: v.optional(v.array(factRecord)),
  refusedFacts: v.optional(v.array(refusedFact)),
});

/** `memory:update`. Throws as `memories:update` does; a fact that cannot be stored is reported, the rest is kept. */
export const updateWithFactsMutation = defineMutation({
  args: updateArgs,
  returns: updateResult,
  handler: async (ctx, args, scope) => {
    const { memorySpaceId, memoryId, facts } = args;
    const memory = await requireMemory(ctx, scope, memorySpaceId, memoryId);
    const updated = await updateMemory(ctx, scope, memory, args);
    const outcome = facts === undefined
      ? {}
      : await replaceFacts(ctx, scope, updated, facts);
    return { memory: await readEntry(ctx, updated), ...outcome };
  },
});

/** Stores the new facts before the old ones go. Those of an archived memory are in the archive with it. */
async function replaceFacts(
  ctx: MutationCtx,
  scope: Scope,
  memory: Doc<"memories">,
  found: NonNullable<UpdateArgs["facts"]>,
): Promise<Omit<typeof updateResult.type, "memory">> {
  const isArchived = memory.archivedAt !== undefined;
  const old = await factsFromMemory(ctx, scope, memory);
  if (isArchived) {
    const archived = await factsArchivedWith(ctx, scope, memory);
    old.push(
      ...archived.filter((fact) =>
        fact.sourceRef?.memoryId === memory.memoryId
      ),
    );
  }
  const stored: FactRecord[] = [];
  const refused: NonNullable<typeof updateResult.type["refusedFacts"]> = [];
  for (const statement of found) {
    const fact = newFact(memory, statement);
    try {
      checkFact(fact);
    } catch (error) {
      refused.push(refusalOf(statement.fact, error));
      continue;
    }
    const known = await findFact(ctx, scope, memory.memorySpaceId, fact.factId);
    let row = known ?? await insertFact(ctx, scope, fact);
    if (isArchived) row = await archiveFact(ctx, scope, row, memory.memoryId);
    stored.push(toFactRecord(row));
  }
  const kept = new Set(stored.map(({ factId }) => factId));
  for (const fact of old) {
    if (kept.has(fact.factId)) continue;
    await softDeleteFact(ctx, scope, fact, "Its memory was updated");
  }
  return {
    factsReextracted: stored,
    ...(refused.length > 0 && { refusedFacts: refused }),
  };
}

function newFact(
  memory: Doc<"memories">,
  statement: NonNullable<UpdateArgs["facts"]>[number],
): Omit<NewFact, "factType"> & { factType: string } {
  const { sourceType, conversationRef } = memory;
  const subject = statement.subject ?? memory.userId;
  return {
    ...statement,
    memorySpaceId: memory.memorySpaceId,
    sourceType: sourceType === "fact-extraction" ? "system" : sourceType,
    sourceRef: { ...conversationRef, memoryId: memory.memoryId },
    ...(subject !== undefined && { subject }),
    ...pick(memory, ["userId", "participantId"]),
    // As when the memory was stored: a fact without a tag of its own is found by the memory's.
    ...(statement.tags.length === 0 && {
      tags: memory.tags.filter((tag) => tag !== ARCHIVED),
    }),
  };
}
