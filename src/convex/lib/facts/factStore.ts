/** Facts: one row per version, at most one embedding row while it is current, and an event for each change. */
import { INVALID_FACT_TYPE, INVALID_VALIDITY_PERIOD } from "../moduleCodes.ts";
import {
  FACT_NOT_FOUND,
  INVALID_CONFIDENCE,
  INVALID_FACT,
  PERMISSION_DENIED,
} from "../codes.ts";
import { insertFactEmbedding } from "../embeddings.ts";
import { fail, shown } from "../errors.ts";
import { countFact } from "./factCounts.ts";
import { textKey } from "./factKeys.ts";
import { partKeys } from "./partKeys.ts";
import { type Cause, logChange } from "./factEvents.ts";
import { factType } from "../fields.ts";
import type { Doc, MutationCtx, NewDoc, QueryCtx } from "../model.ts";
import { checkId, owner, type Scope } from "../scope.ts";
import { buildSearchText } from "../text/searchText.ts";
import { checkEmbedding, rowSize, sizeOf } from "../size.ts";

/** Types of facts that may be stored. */
const FACT_TYPES: ReadonlySet<string> = new Set(
  factType.members.map(({ value }) => value),
);
const MAX_FACT_ID_LENGTH = 500;
/** Longest fact, in bytes: leaves room in the row for what is derived from its texts. */
const MAX_FACT_BYTES = 800_000;

/** A fact to store: the row without the fields that the store fills in. */
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
    | "objectKey"
    | "slotKey"
    | "firstMessageId"
    | "lastMessageId"
    | "hasMoreMessages"
    | "embeddingDims"
    | "embeddingDocId"
    | "searchText"
    | "bytes"
  >
  & { embedding?: readonly number[] };

/** Reads one fact of the scope and space, in any state. */
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
 * Reads one fact that a call names, in any state.
 *
 * @throws {ConvexError} `FACT_NOT_FOUND`, or `PERMISSION_DENIED` when it is in another space of the tenant.
 */
export async function requireFact(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  factId: string,
): Promise<Doc<"facts">> {
  const found = await findFact(ctx, scope, memorySpaceId, factId);
  if (found !== null) return found;
  if (await findFactOfTenant(ctx, scope, factId) === null) {
    fail(FACT_NOT_FOUND, shown(factId));
  }
  return fail(
    PERMISSION_DENIED,
    `fact ${shown(factId)} belongs to another memory space`,
  );
}

/** Reads one fact of the tenant, in any space. */
export function findFactOfTenant(
  ctx: QueryCtx,
  scope: Scope,
  factId: string,
): Promise<Doc<"facts"> | null> {
  return ctx.db.query("facts")
    .withIndex(
      "by_tenant_factId",
      (q) => q.eq("tenantId", scope.tenantId).eq("factId", factId),
    )
    .first();
}

/**
 * Checks a fact before it is written.
 *
 * @throws {ConvexError} `INVALID_FACT`, `INVALID_FACT_TYPE`, `INVALID_CONFIDENCE`, `INVALID_VALIDITY_PERIOD`,
 * `INVALID_EMBEDDING`, `INVALID_ID`, `CONTENT_TOO_LARGE`.
 */
export function checkFact(
  fact: Omit<NewFact, "factType"> & { factType: string },
): asserts fact is NewFact {
  checkId("factId", fact.factId, MAX_FACT_ID_LENGTH);
  if (fact.fact.trim() === "") fail(INVALID_FACT, "fact must not be blank");
  if (!FACT_TYPES.has(fact.factType)) {
    fail(INVALID_FACT_TYPE, `Invalid factType ${shown(fact.factType)}`);
  }
  checkConfidence(fact.confidence);
  checkValidity("validFrom", fact.validFrom);
  checkValidity("validUntil", fact.validUntil);
  checkEmbedding(fact.embedding);
  const { embedding: _, ...row } = fact;
  rowSize(`fact ${shown(fact.factId)}`, row, MAX_FACT_BYTES);
}

/**
 * Checks a new fact as {@link checkFact} does, and that its validity ends after it begins. The validity of a stored
 * fact may end before it begins, for example when it was superseded.
 */
export function checkNewFact(
  fact: Parameters<typeof checkFact>[0],
): asserts fact is NewFact {
  checkFact(fact);
  const { validFrom = -Infinity, validUntil = Infinity } = fact;
  if (validFrom < validUntil) return;
  fail(
    INVALID_VALIDITY_PERIOD,
    `validFrom must come before validUntil, got ${validFrom} and ${validUntil}`,
  );
}

/** Refuses a confidence that is not from 0 to 100. Throws `INVALID_CONFIDENCE`. */
export function checkConfidence(confidence: number): void {
  if (confidence >= 0 && confidence <= 100) return;
  fail(
    INVALID_CONFIDENCE,
    `confidence must be between 0 and 100, got ${confidence}`,
  );
}

function checkValidity(name: string, ms: number | undefined): void {
  if (ms === undefined || Number.isFinite(ms)) return;
  fail(INVALID_VALIDITY_PERIOD, `${name} must be finite, got ${ms}`);
}

/**
 * Stores a new, current fact and its embedding. Writes 4 rows, 5 with an event.
 *
 * @param cause What the CREATE event says besides the fact; `null`: the caller logs one itself.
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
    ...derivedFields(given),
    ...(messageIds?.[0] !== undefined && {
      firstMessageId: messageIds[0],
      lastMessageId: messageIds[messageIds.length - 1],
      ...(messageIds.length > 2 && { hasMoreMessages: true }),
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

/** Stores a row as given, with its size and its embedding. */
export async function insertRow(
  ctx: MutationCtx,
  row: NewDoc<"facts">,
  vector: number[] | undefined,
): Promise<Doc<"facts">> {
  const whole = {
    ...row,
    ...(vector !== undefined && { embeddingDims: vector.length }),
    bytes: sizeOf(row),
  };
  const _id = await ctx.db.insert("facts", whole);
  const stored = { ...whole, _id, _creationTime: row.createdAt };
  if (vector !== undefined) await insertFactEmbedding(ctx, stored, vector);
  if (row.isCurrent) await countFact(ctx, stored);
  return stored;
}

/** Derives fields from a fact's texts: keys for duplicates and slots, and the text for the search index. */
export function derivedFields(
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
  | "textKey"
  | "subjectKey"
  | "predicateKey"
  | "objectKey"
  | "slotKey"
  | "searchText"
> {
  const enrichment = [
    ...(fact.searchAliases ?? []),
    fact.semanticContext ?? "",
  ].join("\n").trim();
  return {
    textKey: textKey(fact.fact),
    ...partKeys(fact),
    searchText: buildSearchText({
      content: fact.fact,
      ...(enrichment !== "" && { enrichedContent: enrichment }),
      ...(fact.subject !== undefined && { speaker: fact.subject }),
    }),
  };
}
