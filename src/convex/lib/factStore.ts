/** Facts: one row a version, at most one embedding row while it is current, and an event for each change. */
import { getConvexSize, type Value } from "convex/values";
import {
  deleteFactEmbedding,
  findFactEmbedding,
  insertFactEmbedding,
} from "./embeddings.ts";
import { fail, shown } from "./errors.ts";
import {
  normalise,
  normalisePredicate,
  optionalKey,
  textKey,
} from "./factKeys.ts";
import { makeId } from "./ids.ts";
import type { Doc, MutationCtx, NewDoc, QueryCtx } from "./model.ts";
import { checkId, owner, type Scope } from "./scope.ts";
import { buildSearchText } from "./searchText.ts";
import { checkEmbedding, rowSize } from "./size.ts";

/** Kinds of facts that may be stored. */
const FACT_TYPES: ReadonlySet<string> = new Set<Doc<"facts">["factType"]>([
  "preference",
  "identity",
  "knowledge",
  "relationship",
  "event",
  "observation",
  "custom",
]);
const MAX_FACT_ID_LENGTH = 500;
/** Leaves room in the row for what is derived from the texts. */
const MAX_FACT_BYTES = 800_000;

/** A fact about to be stored: the row without what the store itself fills in. */
export type NewFact =
  & Omit<
    NewDoc<"facts">,
    | "tenantId"
    | "organizationId"
    | "version"
    | "createdAt"
    | "updatedAt"
    | "isCurrent"
    | "textKey"
    | "subjectKey"
    | "predicateKey"
    | "firstMessageId"
    | "lastMessageId"
    | "embeddingDims"
    | "searchText"
    | "bytes"
  >
  & { embedding?: readonly number[] };

/** Which stages of belief revision led to a change. */
export type Pipeline = Doc<"factHistory">["pipeline"];

/** Why a fact changes; goes into its history. */
export interface Cause {
  reason?: string;
  pipeline?: Pipeline;
}

/** Reads one fact of the scope and space, in whatever state. */
export function findFact(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  factId: string,
): Promise<Doc<"facts"> | null> {
  return ctx.db.query("facts")
    .withIndex(
      "by_tenant_space_factId",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", memorySpaceId)
          .eq("factId", factId),
    )
    .unique();
}

/**
 * Checks a fact before anything of it is written.
 *
 * @throws {ConvexError} `INVALID_FACT`, `INVALID_FACT_TYPE`, `INVALID_CONFIDENCE`, `INVALID_EMBEDDING`, `INVALID_ID`,
 * `CONTENT_TOO_LARGE`.
 */
export function checkFact(
  fact: Omit<NewFact, "factType"> & { factType: string },
): asserts fact is NewFact {
  checkId("factId", fact.factId, MAX_FACT_ID_LENGTH);
  if (fact.fact.trim() === "") fail("INVALID_FACT", "fact must not be blank");
  if (!FACT_TYPES.has(fact.factType)) {
    fail("INVALID_FACT_TYPE", `Invalid factType ${shown(fact.factType)}`);
  }
  if (!(fact.confidence >= 0 && fact.confidence <= 100)) {
    fail(
      "INVALID_CONFIDENCE",
      `confidence must be between 0 and 100, got ${fact.confidence}`,
    );
  }
  checkEmbedding(fact.embedding);
  const { embedding: _, ...row } = fact;
  rowSize(`fact ${shown(fact.factId)}`, row, MAX_FACT_BYTES);
}

/**
 * Stores a new, current fact and its embedding. Writes 2 rows, 3 with an event.
 *
 * @param event The event to log; absent: CREATE. `null`: the caller logs one itself.
 */
export async function insertFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: NewFact,
  cause: Cause | null = {},
): Promise<Doc<"facts">> {
  const { embedding, ...given } = fact;
  const messageIds = fact.sourceRef?.messageIds;
  const stored = await insertRow(ctx, {
    ...owner(scope),
    ...given,
    validFrom: given.validFrom ?? scope.now,
    version: 1,
    createdAt: scope.now,
    updatedAt: scope.now,
    isCurrent: true,
    ...keysOf(given),
    ...(messageIds?.[0] !== undefined && {
      firstMessageId: messageIds[0],
      lastMessageId: messageIds[messageIds.length - 1],
    }),
    bytes: 0,
  }, checkEmbedding(embedding));
  if (cause !== null) {
    await logChange(ctx, scope, stored, {
      action: "CREATE",
      newValue: stored.fact,
      ...cause,
    });
  }
  return stored;
}

/**
 * Stores the next version of a current fact under a new id: with the confidence of a repetition and the tags of both;
 * everything else is taken over. The old version stays readable as superseded.
 */
export async function replaceVersion(
  ctx: MutationCtx,
  scope: Scope,
  target: Doc<"facts">,
  repetition: NewFact,
): Promise<Doc<"facts">> {
  const embedding = await findFactEmbedding(ctx, target);
  await retire(ctx, scope, target, { supersededBy: repetition.factId });
  const { _id, _creationTime, embeddingDims: _, ...row } = target;
  const stored = await insertRow(ctx, {
    ...row,
    factId: repetition.factId,
    confidence: repetition.confidence,
    tags: [...new Set([...target.tags, ...repetition.tags])],
    version: target.version + 1,
    supersedes: target.factId,
    updatedAt: scope.now,
  }, embedding?.embedding);
  await logChange(ctx, scope, stored, {
    action: "UPDATE",
    oldValue: target.fact,
    newValue: stored.fact,
    supersedes: target.factId,
    reason: "Repeated with higher confidence",
  });
  return stored;
}

/** Changes a current fact in place: text, confidence, united tags, and its embedding where a new one is given. */
export async function updateFact(
  ctx: MutationCtx,
  scope: Scope,
  target: Doc<"facts">,
  fact: NewFact,
  cause: Cause,
): Promise<Doc<"facts">> {
  const vector = checkEmbedding(fact.embedding);
  const changed = { ...target, fact: fact.fact };
  const changes = {
    fact: fact.fact,
    confidence: fact.confidence,
    tags: [...new Set([...target.tags, ...fact.tags])],
    updatedAt: scope.now,
    ...keysOf(changed),
    ...((vector !== undefined || target.fact !== fact.fact) &&
      { embeddingDims: vector?.length }),
  };
  // The old vector stands for the old text.
  if (vector !== undefined || target.fact !== fact.fact) {
    await deleteFactEmbedding(ctx, target);
  }
  await ctx.db.patch(target._id, changes);
  const stored = { ...target, ...changes };
  if (vector !== undefined) await insertFactEmbedding(ctx, stored, vector);
  await logChange(ctx, scope, stored, {
    action: "UPDATE",
    oldValue: target.fact,
    newValue: fact.fact,
    ...cause,
  });
  return stored;
}

/** Stores a new fact in the place of others, which stay readable as superseded. Targets must not be empty. */
export async function supersedeFacts(
  ctx: MutationCtx,
  scope: Scope,
  targets: readonly Doc<"facts">[],
  fact: NewFact,
  cause: Cause,
): Promise<{ fact: Doc<"facts">; superseded: Doc<"facts">[] }> {
  const newest = targets[0];
  const stored = await insertFact(
    ctx,
    scope,
    { ...fact, ...(newest !== undefined && { supersedes: newest.factId }) },
    null,
  );
  const superseded: Doc<"facts">[] = [];
  for (const target of targets) {
    const old = await retire(ctx, scope, target, {
      supersededBy: stored.factId,
    });
    superseded.push(old);
    await logChange(ctx, scope, old, {
      action: "SUPERSEDE",
      oldValue: old.fact,
      newValue: stored.fact,
      supersededBy: stored.factId,
      supersedes: old.factId,
      ...cause,
      confidence: stored.confidence,
    });
  }
  return { fact: stored, superseded };
}

/** Deletes a fact softly: it stays readable by its id, and leaves every list, search and recall. */
export async function softDeleteFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
  reason: string,
): Promise<void> {
  const gone = await retire(ctx, scope, fact, { deletedAt: scope.now });
  await logChange(ctx, scope, gone, {
    action: "DELETE",
    oldValue: fact.fact,
    reason,
  });
}

async function insertRow(
  ctx: MutationCtx,
  row: NewDoc<"facts">,
  vector: number[] | undefined,
): Promise<Doc<"facts">> {
  const whole = {
    ...row,
    ...(vector !== undefined && { embeddingDims: vector.length }),
    bytes: getConvexSize(row as Value),
  };
  const _id = await ctx.db.insert("facts", whole);
  const stored = { ...whole, _id, _creationTime: row.createdAt };
  if (vector !== undefined) await insertFactEmbedding(ctx, stored, vector);
  return stored;
}

async function retire(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
  mark: { supersededBy: string } | { deletedAt: number },
): Promise<Doc<"facts">> {
  const changes = {
    ...mark,
    validUntil: scope.now,
    isCurrent: false,
    embeddingDims: undefined,
    updatedAt: scope.now,
  };
  await deleteFactEmbedding(ctx, fact);
  await ctx.db.patch(fact._id, changes);
  const { embeddingDims: _, ...rest } = fact;
  return { ...rest, ...changes };
}

/** What is derived from a fact's texts: keys for duplicates and slots, and the text for the search index. */
function keysOf(
  fact: Pick<
    NewFact,
    | "fact"
    | "subject"
    | "predicate"
    | "object"
    | "searchAliases"
    | "semanticContext"
  >,
): Pick<
  Doc<"facts">,
  "textKey" | "subjectKey" | "predicateKey" | "searchText"
> {
  const subjectKey = optionalKey(normalise(fact.subject));
  const predicateKey = optionalKey(normalisePredicate(fact.predicate));
  const enrichment = [
    ...(fact.searchAliases ?? []),
    fact.semanticContext ?? "",
  ].join("\n").trim();
  return {
    textKey: textKey(fact.fact),
    ...(subjectKey !== undefined && { subjectKey }),
    ...(predicateKey !== undefined && { predicateKey }),
    searchText: buildSearchText({
      content: fact.fact,
      ...(enrichment !== "" && { enrichedContent: enrichment }),
      ...(fact.subject !== undefined && { speaker: fact.subject }),
    }),
  };
}

async function logChange(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
  change:
    & Pick<
      NewDoc<"factHistory">,
      "action" | "oldValue" | "newValue" | "supersededBy" | "supersedes"
    >
    & Cause
    & { confidence?: number },
): Promise<void> {
  const conversationId = fact.sourceRef?.conversationId;
  await ctx.db.insert("factHistory", {
    ...owner(scope),
    eventId: makeId("fh", scope.now),
    factId: fact.factId,
    memorySpaceId: fact.memorySpaceId,
    confidence: fact.confidence,
    ...change,
    ...(fact.userId !== undefined && { userId: fact.userId }),
    ...(fact.participantId !== undefined &&
      { participantId: fact.participantId }),
    ...(conversationId !== undefined && { conversationId }),
    timestamp: scope.now,
  });
}
