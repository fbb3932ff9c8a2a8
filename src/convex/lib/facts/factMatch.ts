/** Finding the current facts that a new one repeats or contradicts. Every lookup is an index range with a bound. */
import { cosine, factEmbeddingTable } from "../embeddings.ts";
import {
  normalisePredicate,
  optionalKey,
  plainText,
  textKey,
} from "./factKeys.ts";
import { normalise } from "../text/normalise.ts";
import { findFact, type NewFact } from "./factStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { type Scope, scopeKey } from "../scope.ts";

/** Most current facts of one subject that are looked at, the newest first. */
const MAX_OF_SUBJECT = 64;
/** Most current facts of a space that are looked at for their structure, the newest first. */
const MAX_OF_SPACE = 1000;
/** Most facts of one text that are looked at. */
const MAX_OF_TEXT = 16;
/** Most embeddings of one kind of fact that are compared, the newest first. */
const MAX_COMPARED = 50;

/** Similarity from which two facts count as duplicates, unless the caller says otherwise. */
export const DUPLICATE_SIMILARITY = 0.85;
/** Similarity from which belief revision looks at a fact as a candidate. */
export const CANDIDATE_SIMILARITY = 0.7;

/** How duplicates are found: by text, by parts, or by parts, text and embedding in turn. */
export type Strategy = "exact" | "structural" | "semantic";

/** What duplicates are looked for by. */
export type SoughtFact =
  & Pick<
    NewFact,
    "memorySpaceId" | "fact" | "factType" | "confidence" | "userId"
  >
  & Pick<NewFact, "subject" | "predicate" | "object" | "embedding">;

/** How similarity is judged. */
export interface SimilarityOptions {
  /** Least cosine similarity. */
  threshold: number;
  /** Most facts found. */
  limit?: number;
  /** Embeddings of facts that have none stored, by `factId`. */
  embeddings?: ReadonlyMap<string, readonly number[]>;
}

/** A known fact that a new one repeats, and what gave it away. */
export interface Duplicate {
  row: Doc<"facts">;
  matchedBy: Strategy;
  /** 1 for equal texts or parts, otherwise the cosine similarity. */
  score: number;
}

/** The current fact that a new one repeats, by the steps of a strategy; undefined when it is new. */
export async function findDuplicate(
  ctx: QueryCtx,
  scope: Scope,
  fact: SoughtFact,
  strategy: Strategy,
  similarity: SimilarityOptions = { threshold: DUPLICATE_SIMILARITY },
): Promise<Duplicate | undefined> {
  if (strategy !== "exact") {
    const row = sameStructure(await ofSubject(ctx, scope, fact), fact);
    if (row !== undefined) return { row, matchedBy: "structural", score: 1 };
  }
  if (strategy !== "structural") {
    const row = await sameText(ctx, scope, fact);
    if (row !== undefined) return { row, matchedBy: "exact", score: 1 };
  }
  if (strategy !== "semantic") return undefined;
  const [near] = await similarFacts(ctx, scope, fact, {
    ...similarity,
    limit: 1,
  });
  return near && { ...near, matchedBy: "semantic" };
}

/** The newest current fact that says the same in the same words, but for case, punctuation, articles and "to be". */
export async function sameText(
  ctx: QueryCtx,
  scope: Scope,
  fact: SoughtFact,
): Promise<Doc<"facts"> | undefined> {
  const said = plainText(fact.fact);
  const rows = await ctx.db.query("facts")
    .withIndex(
      "by_tenant_space_text",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", fact.memorySpaceId)
          .eq("textKey", textKey(fact.fact)).eq("isCurrent", true),
    )
    .order("desc").take(MAX_OF_TEXT);
  return rows.find((row) =>
    row.factType === fact.factType && concerns(row, fact) &&
    plainText(row.fact) === said
  );
}

/** The newest current facts of a fact's subject, of the same user where that is known. */
export async function ofSubject(
  ctx: QueryCtx,
  scope: Scope,
  fact: Pick<SoughtFact, "memorySpaceId" | "subject" | "userId">,
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
  fact: Pick<SoughtFact, "predicate" | "object">,
): Doc<"facts"> | undefined {
  const isNamed = normalisePredicate(fact.predicate) !== "" ||
    normalise(fact.object) !== "";
  return isNamed ? ofSubject.find((row) => agrees(row, fact)) : undefined;
}

/** The newest current facts that agree in every part that is given: of a subject, or else among the newest of a space. */
export async function findByStructure(
  ctx: QueryCtx,
  scope: Scope,
  sought: {
    memorySpaceId: string;
    subject?: string;
    predicate?: string;
    object?: string;
    userId?: string;
    factType?: Doc<"facts">["factType"];
  },
): Promise<Doc<"facts">[]> {
  const newest = normalise(sought.subject) !== ""
    ? await ofSubject(ctx, scope, sought)
    : await ctx.db.query("facts")
      .withIndex(
        "by_tenant_space_current",
        (q) =>
          q.eq("tenantId", scope.tenantId)
            .eq("memorySpaceId", sought.memorySpaceId).eq("isCurrent", true),
      )
      .order("desc").take(MAX_OF_SPACE);
  return newest.filter((row) =>
    agrees(row, sought) && concerns(row, sought) &&
    (sought.factType === undefined || row.factType === sought.factType)
  );
}

function agrees(
  row: Doc<"facts">,
  fact: Pick<SoughtFact, "predicate" | "object">,
): boolean {
  const predicate = normalisePredicate(fact.predicate);
  const object = normalise(fact.object);
  return (predicate === "" || row.predicateKey === predicate) &&
    (object === "" || normalise(row.object) === object);
}

/** The current facts of the same type whose embeddings are similar enough, the most similar first. */
export async function similarFacts(
  ctx: QueryCtx,
  scope: Scope,
  fact: SoughtFact,
  { threshold, limit = 1, embeddings }: SimilarityOptions,
): Promise<{ row: Doc<"facts">; score: number }[]> {
  const vector = fact.embedding;
  if (vector === undefined || vector.length === 0) return [];
  const stored = await ctx.db.query(factEmbeddingTable(vector.length))
    .withIndex(
      "by_scope_type_dims",
      (q) =>
        q.eq("scopeKey", scopeKey(scope.tenantId, fact.memorySpaceId))
          .eq("factType", fact.factType).eq("dims", vector.length),
    )
    .order("desc").take(MAX_COMPARED);
  const near = [
    ...stored.map((row) => ({
      load: () => ctx.db.get(row.factDocId),
      score: cosine(row.embedding, vector),
    })),
    ...[...embeddings ?? []].filter(([, other]) =>
      other.length === vector.length
    ).slice(0, MAX_COMPARED).map(([factId, other]) => ({
      load: () => findFact(ctx, scope, fact.memorySpaceId, factId),
      score: cosine(other, vector),
    })),
  ]
    .filter(({ score }) => score >= threshold)
    .sort((a, b) => b.score - a.score);
  const found = new Map<string, { row: Doc<"facts">; score: number }>();
  for (const { load, score } of near) {
    if (found.size >= limit) break;
    const row = await load();
    if (
      row?.isCurrent && row.factType === fact.factType && concerns(row, fact) &&
      !found.has(row._id)
    ) found.set(row._id, { row, score });
  }
  return [...found.values()];
}

/** The newest current facts of a type that have no embedding yet, as far as they are compared. */
export async function withoutEmbedding(
  ctx: QueryCtx,
  scope: Scope,
  memorySpaceId: string,
  factType: Doc<"facts">["factType"],
): Promise<Doc<"facts">[]> {
  const newest = await ctx.db.query("facts")
    .withIndex(
      "by_tenant_space_type",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", memorySpaceId)
          .eq("factType", factType).eq("isCurrent", true),
    )
    .order("desc").take(MAX_COMPARED);
  return newest.filter((row) => row.embeddingDims === undefined);
}

/** Facts of one user are not duplicates of another's. */
function concerns(
  row: Doc<"facts">,
  fact: Pick<SoughtFact, "userId">,
): boolean {
  return fact.userId === undefined || row.userId === fact.userId;
}
