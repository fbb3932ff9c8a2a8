/**
 * Functions that compare a new fact with known ones: `facts:storeWithDedup`, `facts:revise`, and the queries that their
 * callers make first.
 *
 * @module
 */
import { checkCount } from "../bounds.ts";
import { type ObjectType, v } from "convex/values";
import { accessArgs } from "../access.ts";
import { noteActivity } from "../registry/agentStore.ts";
import {
  buildSystemPrompt,
  type ConflictQuestion,
  questionAbout,
} from "./conflictPrompts.ts";
import {
  factAction,
  factDecision,
  lateEmbeddings,
  namesOf,
  newFactArgs,
  revisionOptions,
  soughtFact,
  strategy,
} from "./factArgs.ts";
import { ComparedEmbeddings } from "./comparedEmbeddings.ts";
import { storeUnlessDuplicate } from "./factDuplicates.ts";
import { keepEmbeddings, type LateEmbeddings } from "./factEmbed.ts";
import {
  DUPLICATE_SIMILARITY,
  findDuplicate as findKnown,
  type SoughtFact,
  withoutEmbedding as unembedded,
} from "./factMatch.ts";
import {
  type Candidates,
  conflictsInSlot,
  decide,
  findCandidates,
  reviseFact,
} from "./factRevise.ts";
import { checkNewFact, findFact, type NewFact } from "./factStore.ts";
import { factType } from "../fields.ts";
import { storeFreeForm } from "../freeForm/freeForm.ts";
import { defineMutation, defineQuery } from "../functions.ts";
import { makeId } from "../ids.ts";
import type { Doc, MutationCtx } from "../model.ts";
import { StepBudget } from "../paging/walk.ts";
import { requireWritableSpace } from "../registry/registry.ts";
import type { Scope } from "../scope.ts";
import { factRecord, pick, toFactRecord } from "../shapes.ts";

/** Most new facts in one call of `facts:candidates`. */
const MAX_SOUGHT = 50;
/** Most bytes of facts in one call of `facts:withoutEmbedding`. */
const MAX_UNEMBEDDED_BYTES = 8 * 1024 * 1024;

const newFact = { ...accessArgs, ...newFactArgs };
type NewFactArgs = ObjectType<typeof newFact>;

/** Makes a new fact from a function's arguments, and checks it. */
function factOf(args: NewFactArgs, { now }: Scope): NewFact {
  const { metadata, metadataJson, factId = makeId("fact", now), ...rest } =
    pick(
      args,
      namesOf(newFactArgs),
    );
  const fact = {
    ...rest,
    factId,
    ...storeFreeForm("metadata", metadata, metadataJson),
  };
  checkNewFact(fact);
  return fact;
}

const dedupArgs = {
  ...newFact,
  strategy,
  similarityThreshold: v.optional(v.number()),
  embeddings: lateEmbeddings,
};

/** `facts:storeWithDedup`: looks for a duplicate and stores, in one transaction. */
export const storeWithDedup = defineMutation({
  args: dedupArgs,
  returns: v.object({
    fact: factRecord,
    wasUpdated: v.boolean(),
    matchedExisting: v.boolean(),
    similarityScore: v.optional(v.number()),
  }),
  handler: async (ctx, args, scope) => {
    const { fact, known } = await prepared(ctx, scope, args);
    if (known !== null) {
      return {
        fact: toFactRecord(known),
        wasUpdated: false,
        matchedExisting: false,
      };
    }
    await keepEmbeddings(ctx, scope, args.memorySpaceId, args.embeddings);
    const { score, ...stored } = await storeUnlessDuplicate(
      ctx,
      scope,
      fact,
      args.strategy,
      { threshold: args.similarityThreshold ?? DUPLICATE_SIMILARITY },
    );
    return {
      fact: toFactRecord(stored.fact),
      wasUpdated: stored.wasUpdated,
      matchedExisting: score !== undefined,
      ...(score !== undefined && { similarityScore: score }),
    };
  },
});

const soughtArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  userId: v.optional(v.string()),
  fact: soughtFact,
  embeddings: lateEmbeddings,
};

const duplicateArgs = {
  ...soughtArgs,
  strategy,
  similarityThreshold: v.optional(v.number()),
};

/** `facts:findDuplicate`: the fact that a new one repeats; null for none. */
export const findDuplicate = defineQuery({
  args: duplicateArgs,
  returns: v.union(
    v.object({
      fact: factRecord,
      matchedBy: strategy,
      similarityScore: v.number(),
    }),
    v.null(),
  ),
  handler: async (ctx, args, scope) => {
    const found = await findKnown(ctx, scope, soughtOf(args), args.strategy, {
      threshold: args.similarityThreshold ?? DUPLICATE_SIMILARITY,
      embeddings: byFact(args.embeddings),
    });
    return found === undefined ? null : {
      fact: toFactRecord(found.row),
      matchedBy: found.matchedBy,
      similarityScore: found.score,
    };
  },
});

const unembeddedArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  /** The user whose facts are searched; without one, facts of no user. */
  userId: v.optional(v.string()),
  factTypes: v.array(factType),
};

/**
 * `facts:withoutEmbedding`: the newest facts of the given types that a user's new facts are compared with and that have
 * no embedding yet.
 */
export const withoutEmbedding = defineQuery({
  args: unembeddedArgs,
  returns: v.array(v.object({ factId: v.string(), fact: v.string() })),
  handler: async (ctx, args, scope) => {
    const found: Doc<"facts">[] = [];
    const budget = new StepBudget(Infinity, MAX_UNEMBEDDED_BYTES);
    for (const type of new Set(args.factTypes)) {
      found.push(...await unembedded(ctx, scope, args, type, budget));
    }
    return found.map(({ factId, fact }) => ({ factId, fact }));
  },
});

const reviseArgs = {
  ...newFact,
  revision: v.optional(revisionOptions),
  decision: v.optional(factDecision),
  embeddings: lateEmbeddings,
};

const stage = v.object({
  executed: v.boolean(),
  matched: v.boolean(),
  factIds: v.optional(v.array(v.string())),
});

/** `facts:revise`: belief revision, all stages and the write in one transaction. */
export const revise = defineMutation({
  args: reviseArgs,
  returns: v.object({
    action: factAction,
    fact: factRecord,
    superseded: v.array(factRecord),
    reason: v.string(),
    confidence: v.number(),
    pipeline: v.object({
      slotMatching: stage,
      semanticMatching: stage,
      subjectTypeMatching: stage,
    }),
  }),
  handler: async (ctx, args, scope) => {
    const { fact, known } = await prepared(ctx, scope, args);
    if (known !== null) {
      const stage = { executed: false, matched: false };
      return {
        action: "ADD" as const,
        fact: toFactRecord(known),
        superseded: [],
        reason: "Stored before",
        confidence: 100,
        pipeline: {
          slotMatching: stage,
          semanticMatching: stage,
          subjectTypeMatching: stage,
        },
      };
    }
    await keepEmbeddings(ctx, scope, args.memorySpaceId, args.embeddings);
    const { stages, ...revision } = await reviseFact(
      ctx,
      scope,
      fact,
      args.revision,
      args.decision,
    );
    return {
      ...revision,
      fact: toFactRecord(revision.fact),
      superseded: revision.superseded.map(toFactRecord),
      pipeline: stages,
    };
  },
});

/**
 * `facts:checkConflicts`: the known facts that a new one conflicts with, and what would happen to it; writes nothing.
 */
export const checkConflicts = defineQuery({
  args: { ...soughtArgs, revision: v.optional(revisionOptions) },
  returns: v.object({
    hasConflicts: v.boolean(),
    slotConflicts: v.array(factRecord),
    semanticConflicts: v.array(
      v.object({ fact: factRecord, score: v.number() }),
    ),
    recommendedAction: factAction,
    reason: v.string(),
  }),
  handler: async (ctx, args, scope) => {
    const fact = soughtOf(args);
    const found = await findCandidates(
      ctx,
      scope,
      fact,
      args.revision ?? {},
      {
        similarity: { embeddings: byFact(args.embeddings) },
        isExhaustive: true,
      },
    );
    const slotConflicts = conflictsInSlot(fact, found);
    const { action, reason } = decide(fact, found);
    return {
      hasConflicts: slotConflicts.length + found.similar.length > 0,
      slotConflicts: slotConflicts.map(toFactRecord),
      semanticConflicts: found.similar.map(({ row, score }) => ({
        fact: toFactRecord(row),
        score,
      })),
      recommendedAction: action,
      reason,
    };
  },
});

const candidatesArgs = {
  ...accessArgs,
  memorySpaceId: v.string(),
  userId: v.optional(v.string()),
  facts: v.array(soughtFact),
  embeddings: lateEmbeddings,
  revision: v.optional(revisionOptions),
  all: v.optional(v.boolean()),
};

/**
 * `facts:candidates`: for each new fact, the question for a language model and the known facts that it may repeat or
 * contradict; null if there are none. With `all`, candidates of every stage.
 */
export const candidates = defineQuery({
  args: candidatesArgs,
  returns: v.object({
    system: v.string(),
    questions: v.array(
      v.union(
        v.null(),
        v.object({ prompt: v.string(), factIds: v.array(v.string()) }),
      ),
    ),
  }),
  handler: async (ctx, args, scope) => {
    checkCount("facts", args.facts.length, MAX_SOUGHT);
    const similarity = {
      embeddings: byFact(args.embeddings),
      compared: new ComparedEmbeddings(),
    };
    const revision = args.revision ?? {};
    const questions: (ConflictQuestion | null)[] = [];
    for (const given of args.facts) {
      const fact = soughtOf({ ...args, fact: given });
      const known = await findCandidates(
        ctx,
        scope,
        fact,
        revision,
        { similarity, isExhaustive: args.all },
      );
      questions.push(questionAbout(given, candidateRows(known)));
    }
    return { system: buildSystemPrompt(), questions };
  },
});

/** Makes and checks a new fact, and finds the row that already has its id. Throws if the space accepts no new data. */
export async function prepared(
  ctx: MutationCtx,
  scope: Scope,
  args: NewFactArgs,
) {
  const fact = factOf(args, scope);
  const known = await findFact(ctx, scope, args.memorySpaceId, fact.factId);
  if (known === null) {
    await requireWritableSpace(ctx, scope, args.memorySpaceId);
    await noteActivity(ctx, scope, [args.participantId]);
  }
  return { fact, known };
}

function byFact(late: LateEmbeddings = []): Map<string, readonly number[]> {
  return new Map(late.map(({ factId, embedding }) => [factId, embedding]));
}

function soughtOf(
  args: Omit<ObjectType<typeof soughtArgs>, keyof typeof accessArgs>,
): SoughtFact {
  const { memorySpaceId, userId, fact } = args;
  return {
    ...fact,
    factType: (fact.factType ?? "custom") as SoughtFact["factType"],
    memorySpaceId,
    ...(userId !== undefined && { userId }),
  };
}

function candidateRows(
  { inSlot, similar, ofType }: Candidates,
): Doc<"facts">[] {
  return [
    ...new Map(
      [...inSlot, ...similar.map(({ row }) => row), ...ofType]
        .map((row) => [row._id, row]),
    ).values(),
  ];
}
