/** Finding the current facts that a new one repeats or contradicts. Every lookup is an index range with a bound. */
import { cosine, factEmbeddingTable } from "./embeddings.ts";
import {
  normalise,
  normalisePredicate,
  optionalKey,
  textKey,
} from "./factKeys.ts";
import type { NewFact } from "./factStore.ts";
import type { Doc, QueryCtx } from "./model.ts";
import { type Scope, scopeKey } from "./scope.ts";

/** Most current facts of one subject that are looked at, the newest first. */
const MAX_OF_SUBJECT = 64;
/** Most facts of one text that are looked at. */
const MAX_OF_TEXT = 16;
/** Most embeddings of one kind of fact that are compared, the newest first. */
const MAX_COMPARED = 50;

/** Similarity from which two facts count as duplicates. */
export const DUPLICATE_SIMILARITY = 0.85;
/** Similarity from which belief revision looks at a fact as a candidate. */
export const CANDIDATE_SIMILARITY = 0.7;

/** How duplicates are found: by text, by parts, or by parts, text and embedding in turn. */
export type Strategy = "exact" | "structural" | "semantic";

/** The current fact that a new one repeats, by the steps of a strategy; undefined when it is new. */
export async function findDuplicate(
  ctx: QueryCtx,
  scope: Scope,
  fact: NewFact,
  strategy: Strategy,
): Promise<Doc<"facts"> | undefined> {
  if (strategy !== "exact") {
    const found = sameStructure(await ofSubject(ctx, scope, fact), fact);
    if (found !== undefined) return found;
  }
  if (strategy !== "structural") {
    const found = await sameText(ctx, scope, fact);
    if (found !== undefined) return found;
  }
  return strategy === "semantic"
    ? await similar(ctx, scope, fact, DUPLICATE_SIMILARITY)
    : undefined;
}

/** The newest current fact that says the same in the same words, but for case, punctuation, articles and "to be". */
export async function sameText(
  ctx: QueryCtx,
  scope: Scope,
  fact: NewFact,
): Promise<Doc<"facts"> | undefined> {
  const rows = await ctx.db.query("facts")
    .withIndex(
      "by_tenant_space_text",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", fact.memorySpaceId)
          .eq("textKey", textKey(fact.fact)).eq("isCurrent", true),
    )
    .order("desc").take(MAX_OF_TEXT);
  return rows.find((row) =>
    row.factType === fact.factType && concerns(row, fact)
  );
}

/** The newest current facts of a fact's subject, of the same user where that is known. */
export async function ofSubject(
  ctx: QueryCtx,
  scope: Scope,
  fact: NewFact,
): Promise<Doc<"facts">[]> {
  const subjectKey = optionalKey(normalise(fact.subject));
  if (subjectKey === undefined) return [];
  const rows = await ctx.db.query("facts")
    .withIndex(
      "by_tenant_space_subject",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", fact.memorySpaceId)
          .eq("subjectKey", subjectKey).eq("isCurrent", true),
    )
    .order("desc").take(MAX_OF_SUBJECT);
  return rows.filter((row) => concerns(row, fact));
}

/** The newest of a subject's facts that agrees in every part that the new one names: predicate, object or both. */
export function sameStructure(
  ofSubject: readonly Doc<"facts">[],
  fact: NewFact,
): Doc<"facts"> | undefined {
  const predicate = normalisePredicate(fact.predicate);
  const object = normalise(fact.object);
  if (predicate === "" && object === "") return undefined;
  return ofSubject.find((row) =>
    (predicate === "" || row.predicateKey === predicate) &&
    (object === "" || normalise(row.object) === object)
  );
}

/** The current fact of the same type whose embedding is the most similar, if it is similar enough. */
export async function similar(
  ctx: QueryCtx,
  scope: Scope,
  fact: NewFact,
  threshold: number,
): Promise<Doc<"facts"> | undefined> {
  const vector = fact.embedding;
  if (vector === undefined || vector.length === 0) return undefined;
  const rows = await ctx.db.query(factEmbeddingTable(vector.length))
    .withIndex(
      "by_scope_type_dims",
      (q) =>
        q.eq("scopeKey", scopeKey(scope.tenantId, fact.memorySpaceId))
          .eq("factType", fact.factType).eq("dims", vector.length),
    )
    .order("desc").take(MAX_COMPARED);
  const near = rows
    .map((row) => ({ row, score: cosine(row.embedding, vector) }))
    .filter(({ score }) => score >= threshold)
    .sort((a, b) => b.score - a.score);
  for (const { row } of near) {
    const found = await ctx.db.get(row.factDocId);
    if (found !== null && found.isCurrent && concerns(found, fact)) {
      return found;
    }
  }
  return undefined;
}

/** Facts of one user are not duplicates of another's. */
function concerns(row: Doc<"facts">, fact: NewFact): boolean {
  return fact.userId === undefined || row.userId === fact.userId;
}
