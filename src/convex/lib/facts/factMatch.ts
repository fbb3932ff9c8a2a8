/**
 * Finds the current, valid facts that a new one repeats or contradicts. Every lookup is a bounded index range.
 */
import { ComparedEmbeddings, MAX_COMPARED } from "./comparedEmbeddings.ts";
import { cosine } from "../embeddings.ts";
import { isValidNow } from "./factFilter.ts";
import { normalisePredicate, plainText, textKey } from "./factKeys.ts";
import { partKeys } from "./partKeys.ts";
import { normalise } from "../text/normalise.ts";
import { findFact, type NewFact } from "./factStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";
import { StepBudget, takenFrom } from "../paging/walk.ts";

/** Most current facts of one subject that are examined, newest first. */
const MAX_OF_SUBJECT = 64;
/** Most current facts of a space whose parts are compared, newest first. */
const MAX_OF_SPACE = 1000;
/**
 * Most facts with one text that are examined, newest first; of any user, because the index does not contain the user.
 */
const MAX_OF_TEXT = 1000;
/** Most bytes of the facts of one subject or text that are examined, and of those of a space. */
const MAX_BYTES = 1024 * 1024;
const MAX_BYTES_OF_SPACE = 4 * 1024 * 1024;
/** Most bytes of the facts of one slot or object, read if the subject has more facts than are examined. */
const MAX_BYTES_OF_PART = 256 * 1024;
/** Most late embeddings to compare, of facts of several types. */
const MAX_LATE = 1000;

/** Similarity from which two facts count as duplicates, unless the caller says otherwise. */
export const DUPLICATE_SIMILARITY = 0.85;
/** Similarity from which a fact is a candidate for belief revision. */
export const CANDIDATE_SIMILARITY = 0.7;

/** How duplicates are found: by text; by parts; or by parts, then text, then embedding. */
export type Strategy = "exact" | "structural" | "semantic";

/** The parts of a fact by which duplicates are found. */
export type SoughtFact =
  & Pick<
    NewFact,
    "memorySpaceId" | "fact" | "factType" | "confidence" | "userId"
  >
  & Pick<
    NewFact,
    "subject" | "predicate" | "object" | "embedding" | "validFrom"
  >;

/** Parts of what a fact states. */
type Parts = Pick<SoughtFact, "predicate" | "object">;

/** How similarity is judged. */
export interface SimilarityOptions {
  /** Least cosine similarity. */
  threshold: number;
  /** Most facts found. */
  limit?: number;
  /** Embeddings of facts that have none stored, by `factId`. */
  embeddings?: ReadonlyMap<string, readonly number[]>;
  /** The stored embeddings, which several facts of one call share. */
  compared?: ComparedEmbeddings | undefined;
}

/** A known fact that a new one repeats, and how it was found. */
export interface Duplicate {
  row: Doc<"facts">;
  matchedBy: Strategy;
  /** 1 for equal texts or parts, otherwise the cosine similarity. */
  score: number;
}

/** Finds the current fact that a new one repeats, by the steps of a strategy; undefined if there is none. */
export async function findDuplicate(
  ctx: QueryCtx,
  scope: Scope,
  fact: SoughtFact,
  strategy: Strategy,
  similarity: SimilarityOptions = { threshold: DUPLICATE_SIMILARITY },
): Promise<Duplicate | undefined> {
  if (strategy !== "exact") {
    const [row] = sameStructure(await ofSubject(ctx, scope, fact), fact);
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

/** The newest current fact with the same words, ignoring case, punctuation, articles and forms of "to be". */
export async function sameText(
  ctx: QueryCtx,
  scope: Scope,
  fact: SoughtFact,
): Promise<Doc<"facts"> | undefined> {
  const said = plainText(fact.fact);
  const newestFirst = ctx.db.query("facts")
    .withIndex(
      "by_tenant_space_text",
      (q) =>
        q.eq("tenantId", scope.tenantId).eq("memorySpaceId", fact.memorySpaceId)
          .eq("textKey", textKey(fact.fact)).eq("isCurrent", true),
    )
    .order("desc");
  const budget = new StepBudget(MAX_OF_TEXT, MAX_BYTES);
  for await (const row of newestFirst) {
    const isSame = row.factType === fact.factType && concerns(row, fact) &&
      holds(row, scope, fact) && plainText(row.fact) === said;
    if (isSame) return row;
    budget.take(row.bytes);
    if (budget.isSpent) break;
  }
  return undefined;
}

/** The current facts of a fact's subject that hold when it does, newest first. */
export async function ofSubject(
  ctx: QueryCtx,
  scope: Scope,
  fact: FactOfSubject,
): Promise<Doc<"facts">[]> {
  const rows = await currentOfSubject(ctx, scope, fact);
  return rows.filter((row) => holds(row, scope, fact));
}

type FactOfSubject =
  & Pick<SoughtFact, "memorySpaceId" | "userId" | "subject" | "validFrom">
  & Parts;

/**
 * The newest current facts of a fact's subject, and of the same user if known. If there are more than are examined,
 * also the newest in its slot and with its object.
 */
async function currentOfSubject(
  ctx: QueryCtx,
  scope: Scope,
  fact: FactOfSubject,
): Promise<Doc<"facts">[]> {
  const { subjectKey, slotKey, objectKey } = partKeys(fact);
  if (subjectKey === undefined) return [];
  const { memorySpaceId, userId } = fact;
  const subject = normalise(fact.subject);
  const newestBy = async (bytes: number, part: string, key?: string) => {
    const budget = new StepBudget(MAX_OF_SUBJECT, bytes);
    const rows = await newest(ctx, scope, memorySpaceId, budget, [
      userId === undefined
        ? `by_tenant_space_${part}`
        : `by_tenant_space_user_${part}`,
      ...userId === undefined ? [] : [["userId", userId] as const],
      ["subjectKey", subjectKey],
      ...key === undefined ? [] : [[`${part}Key`, key] as const],
    ]);
    return {
      // The key of a long subject is only its beginning.
      rows: rows.filter((row) => normalise(row.subject) === subject),
      isAll: !budget.isSpent,
    };
  };
  const { rows, isAll } = await newestBy(MAX_BYTES, "subject");
  if (isAll) return rows;
  const found = new Map(rows.map((row) => [row._id, row]));
  for (
    const [part, key] of [["slot", slotKey], ["object", objectKey]] as const
  ) {
    if (key === undefined) continue;
    const further = await newestBy(MAX_BYTES_OF_PART, part, key);
    for (const row of further.rows) found.set(row._id, row);
  }
  return [...found.values()].sort((a, b) =>
    b.createdAt - a.createdAt || b._creationTime - a._creationTime
  );
}

/** The newest current facts of an index range of a space, as many as the budget allows. */
async function newest(
  ctx: QueryCtx,
  { tenantId }: Scope,
  memorySpaceId: string,
  budget: StepBudget,
  [index, ...equals]: [string, ...(readonly [field: string, value: unknown])[]],
): Promise<Doc<"facts">[]> {
  return await takenFrom(
    ctx,
    {
      table: "facts",
      index,
      equals: [
        ["tenantId", tenantId],
        ["memorySpaceId", memorySpaceId],
        ...equals,
        ["isCurrent", true],
      ],
      by: "createdAt",
      order: "desc",
    },
    budget,
    ({ bytes }) => bytes,
  );
}

/** The facts of a subject that agree with a new one in every part it has: predicate, object or both. */
export function sameStructure(
  ofSubject: readonly Doc<"facts">[],
  fact: Parts,
): Doc<"facts">[] {
  const isNamed = normalisePredicate(fact.predicate) !== "" ||
    normalise(fact.object) !== "";
  return isNamed ? ofSubject.filter((row) => agrees(row, fact)) : [];
}

/**
 * The newest current facts that agree in every given part: of a subject or, without one, among the newest of the space.
 */
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
  const { memorySpaceId } = sought;
  const rows = normalise(sought.subject) !== ""
    ? await currentOfSubject(ctx, scope, sought)
    : await newest(
      ctx,
      scope,
      memorySpaceId,
      new StepBudget(MAX_OF_SPACE, MAX_BYTES_OF_SPACE),
      ["by_tenant_space_current"],
    );
  return rows.filter((row) =>
    agrees(row, sought) && concerns(row, sought) &&
    (sought.factType === undefined || row.factType === sought.factType)
  );
}

function agrees(
  row: Doc<"facts">,
  fact: Parts,
): boolean {
  const predicate = normalisePredicate(fact.predicate);
  const object = normalise(fact.object);
  return (predicate === "" ||
    normalisePredicate(row.predicate) === predicate) &&
    (object === "" || normalise(row.object) === object);
}

/** The current facts of the same type whose embeddings are similar enough, most similar first. */
export async function similarFacts(
  ctx: QueryCtx,
  scope: Scope,
  fact: SoughtFact,
  { threshold, limit = 1, embeddings, compared = new ComparedEmbeddings() }:
    SimilarityOptions,
): Promise<{ row: Doc<"facts">; score: number }[]> {
  const vector = fact.embedding;
  if (vector === undefined || vector.length === 0) return [];
  const stored = await compared.newest(ctx, scope, fact, vector.length);
  const near = [
    ...stored.map((row) => ({
      load: () => ctx.db.get(row.factDocId),
      score: cosine(row.embedding, vector),
    })),
    ...[...embeddings ?? []].filter(([, other]) =>
      other.length === vector.length
    ).slice(0, MAX_LATE).map(([factId, other]) => ({
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
      holds(row, scope, fact) &&
      !found.has(row._id)
    ) found.set(row._id, { row, score });
  }
  return [...found.values()];
}

/**
 * The newest current facts of a type that have no embedding yet, as many as are compared: the user's facts. Facts of no
 * user are compared with everybody's, so then: those of no user, and those among the newest of all.
 */
export async function withoutEmbedding(
  ctx: QueryCtx,
  scope: Scope,
  { memorySpaceId, userId }: { memorySpaceId: string; userId?: string },
  factType: Doc<"facts">["factType"],
  whole: StepBudget,
): Promise<Doc<"facts">[]> {
  const newestOf = (...range: Parameters<typeof newest>[4]) =>
    newest(
      ctx,
      scope,
      memorySpaceId,
      new StepBudget(MAX_COMPARED, MAX_BYTES, whole),
      range,
    );
  const ofType = ["factType", factType] as const;
  const own = await newestOf(
    "by_tenant_space_user_dims",
    ["userId", userId],
    ofType,
    ["embeddingDims", undefined],
  );
  if (userId !== undefined) return own;
  const others = (await newestOf("by_tenant_space_type", ofType))
    .filter((row) =>
      row.userId !== undefined && row.embeddingDims === undefined
    );
  // Later entries count as newer embeddings.
  return [...others.slice(0, MAX_COMPARED - own.length), ...own];
}

/** Whether a fact is valid when a new one is, which otherwise neither repeats nor replaces it. */
function holds(
  row: Doc<"facts">,
  { now }: Scope,
  fact: Pick<SoughtFact, "validFrom">,
): boolean {
  return isValidNow(row, Math.max(now, fact.validFrom ?? now));
}

/** Facts of one user are not duplicates of another's. */
function concerns(
  row: Doc<"facts">,
  fact: Pick<SoughtFact, "userId">,
): boolean {
  return fact.userId === undefined || row.userId === fact.userId;
}
