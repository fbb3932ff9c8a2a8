/** Changes of stored facts: new versions, changes in place, successors, soft deletion. */
import { countGrowth, uncountFact } from "./factCounts.ts";
import { FACT_NOT_FOUND, LIMIT_EXCEEDED } from "../codes.ts";
import {
  deleteFactEmbedding,
  findFactEmbedding,
  insertFactEmbedding,
} from "../embeddings.ts";
import { fail, shown } from "../errors.ts";
import { type Cause, logChange } from "./factEvents.ts";
import {
  checkFact,
  derivedFields,
  findFact,
  insertFact,
  insertRow,
  type NewFact,
} from "./factStore.ts";
import { archivedTags } from "../archived.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import { type Scope, timeOfChange } from "../scope.ts";
import { checkEmbedding, sizeOf } from "../size.ts";

/** Most versions and successors of a fact that are followed in one direction. */
const MAX_CHAIN = 1000;
const MAX_CHAIN_BYTES = 5 * 1024 * 1024;
/** Most successors followed to the current fact: a mutation on Convex reads at most 4,096 ranges and 16 MiB. */
const MAX_SUCCESSORS = 3000;
const MAX_SUCCESSOR_BYTES = 10 * 1024 * 1024;

/** The fields that a new version or a change in place may set. */
export type FactChanges = Partial<
  Pick<
    Doc<"facts">,
    | "fact"
    | "confidence"
    | "tags"
    | "validUntil"
    | "metadata"
    | "metadataJson"
    | "category"
    | "searchAliases"
    | "semanticContext"
    | "entities"
    | "relations"
  >
>;

/** A change of a fact, and what its event says. */
interface FactEdit {
  readonly changes: FactChanges;
  /** Contents of the event besides the change. */
  readonly cause?: Cause;
  /** Embedding of the new text. */
  readonly embedding?: readonly number[] | undefined;
}

/**
 * Stores the next version of a fact under a new id: given fields are replaced, all others are kept. The old version
 * stays readable as superseded. For a version that is superseded already, updates the head of its chain.
 *
 * @param edit Without an embedding, the old one is kept if the text is unchanged.
 * @throws {ConvexError} `FACT_NOT_FOUND` when the head is deleted; errors of `checkFact`.
 */
export async function storeVersion(
  ctx: MutationCtx,
  scope: Scope,
  given: Doc<"facts">,
  edit: FactEdit & { readonly factId: string },
): Promise<Doc<"facts">> {
  const { factId, changes, cause } = edit;
  const target = await headOf(ctx, scope, given);
  if (target.deletedAt !== undefined) {
    fail(FACT_NOT_FOUND, `${shown(target.factId)} is deleted`);
  }
  const {
    _id,
    _creationTime,
    embeddingDims: _,
    embeddingDocId: __,
    ...known
  } = target;
  const row = { ...known };
  // The successor was removed for good, so the new version is current, without the end of validity set by the
  // successor.
  if (row.supersededBy !== undefined) {
    delete row.supersededBy;
    delete row.validUntil;
    row.isCurrent = true;
  }
  const changed = { ...withChanges(row, changes), factId };
  checkFact(changed);
  const embedding = checkEmbedding(edit.embedding) ??
    (changed.fact === target.fact
      ? (await findFactEmbedding(ctx, target))?.embedding
      : undefined);
  await retire(ctx, scope, target, { supersededBy: factId });
  const stored = await insertRow(ctx, {
    ...changed,
    ...derivedFields(changed),
    version: target.version + 1,
    supersedes: target.factId,
    updatedAt: timeOfChange(scope, target),
  }, row.isCurrent ? embedding : undefined);
  await logChange(ctx, scope, stored, {
    action: "UPDATE",
    oldValue: target.fact,
    newValue: stored.fact,
    supersedes: target.factId,
    ...cause,
  });
  return stored;
}

/** Changes a fact in place: same id, same version. A new text drops the embedding unless one is given. */
export async function changeInPlace(
  ctx: MutationCtx,
  scope: Scope,
  target: Doc<"facts">,
  { changes, cause, embedding }: FactEdit,
): Promise<Doc<"facts">> {
  const vector = checkEmbedding(embedding);
  const changed = withChanges(target, changes);
  checkFact(changed);
  const isReplaced = vector !== undefined || changed.fact !== target.fact;
  if (isReplaced) await deleteFactEmbedding(ctx, target);
  const { _id, _creationTime, embeddingDocId, ...rest } = {
    ...changed,
    ...derivedFields(changed),
    updatedAt: timeOfChange(scope, target),
  };
  const row = { ...rest };
  if (isReplaced) delete row.embeddingDims;
  if (vector !== undefined && row.isCurrent) row.embeddingDims = vector.length;
  row.bytes = sizeOf(row);
  await ctx.db.replace(
    _id,
    isReplaced || embeddingDocId === undefined
      ? row
      : { ...row, embeddingDocId },
  );
  const stored = { ...row, _id, _creationTime };
  if (vector !== undefined && row.isCurrent) {
    await insertFactEmbedding(ctx, stored, vector);
  }
  if (row.isCurrent) await countGrowth(ctx, stored, row.bytes - target.bytes);
  await logChange(ctx, scope, stored, {
    action: "UPDATE",
    oldValue: target.fact,
    newValue: stored.fact,
    ...cause,
  });
  return stored;
}

/** Stores a new fact that replaces others, which stay readable as superseded. Targets must not be empty. */
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
    superseded.push(await linkSuccessor(ctx, scope, target, stored, cause));
  }
  return { fact: stored, superseded };
}

/**
 * Marks an imported fact as superseded by another, if both exist and it is neither superseded nor deleted. Logs
 * nothing: the export contains the event.
 */
export async function followSuccessor(
  ctx: MutationCtx,
  scope: Scope,
  memorySpaceId: string,
  oldFactId: string,
  successorId: string,
): Promise<void> {
  const old = await findFact(ctx, scope, memorySpaceId, oldFactId);
  if (old === null || old.supersededBy !== undefined) return;
  if (old.deletedAt !== undefined) return;
  const next = await findFact(ctx, scope, memorySpaceId, successorId);
  if (next === null) return;
  const head = await headOf(ctx, scope, next);
  if (head._id === old._id) return;
  await retire(ctx, scope, old, { supersededBy: successorId });
}

/** Marks a fact as superseded by another one, and logs it. Writes the old row only. */
export async function linkSuccessor(
  ctx: MutationCtx,
  scope: Scope,
  old: Doc<"facts">,
  successor: Doc<"facts">,
  cause: Cause,
): Promise<Doc<"facts">> {
  const retired = await retire(ctx, scope, old, {
    supersededBy: successor.factId,
  });
  await logChange(ctx, scope, retired, {
    action: "SUPERSEDE",
    oldValue: old.fact,
    newValue: successor.fact,
    supersededBy: successor.factId,
    supersedes: old.factId,
    ...cause,
    confidence: successor.confidence,
  });
  return retired;
}

/**
 * Soft-deletes a fact: it stays readable by its id, but lists, searches and recall leave it out. Does nothing for a
 * deleted one.
 */
export async function softDeleteFact(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
  reason?: string,
): Promise<void> {
  if (fact.deletedAt !== undefined) return;
  const gone = await retire(ctx, scope, fact, {
    deletedAt: scope.now,
    // Otherwise restoring the memory would bring the fact back.
    archivedByMemoryId: undefined,
  });
  await logChange(ctx, scope, gone, {
    action: "DELETE",
    oldValue: fact.fact,
    ...(reason !== undefined && { reason }),
  });
}

/** A direction in a chain of facts. */
export type Toward = "older" | "newer";

/** A part of a chain of facts, oldest first. */
export interface Chain {
  rows: Doc<"facts">[];
  /** Id of the first row, if the chain continues before it. */
  older?: string;
  /** Id of the last row, if the chain continues after it. */
  newer?: string;
}

/**
 * Versions, predecessors and successors of a fact, in both directions or in one. A link that closes a cycle or leaves
 * the space ends the chain; 1,000 rows in either direction, or 5 MiB, end the part.
 *
 * @param most Bounds of the part in each direction.
 */
export async function chainOf(
  ctx: QueryCtx,
  scope: Scope,
  fact: Doc<"facts">,
  toward?: Toward,
  most = { rows: MAX_CHAIN, bytes: MAX_CHAIN_BYTES },
): Promise<Chain> {
  const seen = new Set([fact.factId]);
  const walk = async (link: "supersedes" | "supersededBy") => {
    const found: Doc<"facts">[] = [];
    let next = fact[link];
    let bytes = 0;
    while (next !== undefined && !seen.has(next)) {
      seen.add(next);
      const row = await findFact(ctx, scope, fact.memorySpaceId, next);
      if (row === null) break;
      if (found.length === most.rows || bytes > most.bytes) {
        return { found, end: found.at(-1)!.factId };
      }
      found.push(row);
      bytes += row.bytes;
      next = row[link];
    }
    return { found };
  };
  const none = { found: [], end: undefined };
  const older = toward === "newer" ? none : await walk("supersedes");
  const newer = toward === "older" ? none : await walk("supersededBy");
  return {
    rows: [...older.found.reverse(), fact, ...newer.found],
    ...(older.end !== undefined && { older: older.end }),
    ...(newer.end !== undefined && { newer: newer.end }),
  };
}

/** The chain of a fact, given by its id; empty for an unknown one. */
export async function chainAt(
  ctx: QueryCtx,
  scope: Scope,
  args: { memorySpaceId: string; factId: string; toward?: Toward },
): Promise<Chain> {
  const fact = await findFact(ctx, scope, args.memorySpaceId, args.factId);
  return fact === null
    ? { rows: [] }
    : await chainOf(ctx, scope, fact, args.toward);
}

/**
 * The current fact at the end of a chain of successors; the fact itself if it is current.
 *
 * @throws {ConvexError} `LIMIT_EXCEEDED` when it is too far away.
 */
export async function headOf(
  ctx: QueryCtx,
  scope: Scope,
  fact: Doc<"facts">,
): Promise<Doc<"facts">> {
  const seen = new Set([fact.factId]);
  let head = fact;
  let bytes = 0;
  while (head.supersededBy !== undefined && !seen.has(head.supersededBy)) {
    if (seen.size > MAX_SUCCESSORS || bytes > MAX_SUCCESSOR_BYTES) {
      fail(
        LIMIT_EXCEEDED,
        `${shown(fact.factId)} has over ${
          seen.size - 1
        } successors: name a newer one, such as ${shown(head.factId)}`,
      );
    }
    seen.add(head.supersededBy);
    const { memorySpaceId, supersededBy } = head;
    const next = await findFact(ctx, scope, memorySpaceId, supersededBy);
    if (next === null) break;
    head = next;
    bytes += next.bytes;
  }
  return head;
}

function withChanges<Row extends Omit<NewFact, "embedding">>(
  row: Row,
  changes: FactChanges,
): Row {
  const changed = { ...row, ...changes };
  if (row.archivedByMemoryId !== undefined) {
    changed.tags = archivedTags(changed.tags);
  }
  // Metadata is stored in one of two fields: the new one replaces either.
  if (changes.metadata !== undefined) delete changed.metadataJson;
  if (changes.metadataJson !== undefined) delete changed.metadata;
  return changed;
}

async function retire(
  ctx: MutationCtx,
  scope: Scope,
  fact: Doc<"facts">,
  mark: { supersededBy: string } | {
    deletedAt: number;
    archivedByMemoryId: undefined;
  },
): Promise<Doc<"facts">> {
  const changes = {
    ...mark,
    validUntil: scope.now,
    isCurrent: false,
    embeddingDims: undefined,
    embeddingDocId: undefined,
    updatedAt: timeOfChange(scope, fact),
  };
  await deleteFactEmbedding(ctx, fact);
  await ctx.db.patch(fact._id, changes);
  if (fact.isCurrent) await uncountFact(ctx, fact);
  const { embeddingDims: _, embeddingDocId: __, ...rest } = fact;
  return { ...rest, ...changes };
}
