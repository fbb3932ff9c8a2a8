/** Embeddings of the known facts that new ones are compared with. */
import { factEmbeddingTable } from "../embeddings.ts";
import type { NewFact } from "./factStore.ts";
import type { Doc, QueryCtx } from "../model.ts";
import { type Scope, scopeKey, userKey } from "../scope.ts";
import { vectorBytes } from "../size.ts";
import { StepBudget, taken } from "../paging/walk.ts";

/** Most embeddings of one kind of fact that are compared, newest first. */
export const MAX_COMPARED = 50;
/** Most bytes of embeddings that the facts of one call are compared with, half of what a transaction may read. */
const MAX_BYTES = 8 * 1024 * 1024;

type Embedding = Doc<"factEmbeddings"> | Doc<"factEmbeddingsWide">;

/** The range that contains them, newest first, of what was stored after a time. */
type Newest = (after: number) => AsyncIterable<Embedding>;

/**
 * Reads the newest embeddings, each once, however many new facts are compared with them: those of a dozen facts take as
 * much as a transaction may read.
 */
export class ComparedEmbeddings {
  readonly #budget = new StepBudget(Infinity, MAX_BYTES);
  readonly #known = new Map<string, readonly Embedding[]>();

  /** Those of facts of the type; the user's first, because the newest of a space may all be of others. */
  async newest(
    ctx: QueryCtx,
    { tenantId }: Scope,
    { memorySpaceId, factType, userId }: Pick<
      NewFact,
      "memorySpaceId" | "factType" | "userId"
    >,
    dims: number,
  ): Promise<readonly Embedding[]> {
    const table = factEmbeddingTable(dims);
    const own = userId === undefined
      ? []
      : await this.#read(["user", userId, factType, dims], (after) =>
        ctx.db.query(table)
          .withIndex(
            "by_user_type_dims",
            (q) =>
              q.eq("userKey", userKey(tenantId, memorySpaceId, userId))
                .eq("factType", factType).eq("dims", dims)
                .gt("_creationTime", after),
          )
          .order("desc"));
    if (own.length >= MAX_COMPARED) return own;
    // Rows stored by earlier versions do not name their user.
    const others = await this.#read(
      ["space", factType, dims],
      (after) =>
        ctx.db.query(table)
          .withIndex(
            "by_scope_type_dims",
            (q) =>
              q.eq("scopeKey", scopeKey(tenantId, memorySpaceId))
                .eq("factType", factType).eq("dims", dims)
                .gt("_creationTime", after),
          )
          .order("desc"),
      MAX_COMPARED - own.length,
    );
    return [...own, ...others];
  }

  async #read(
    of: readonly unknown[],
    newest: Newest,
    most: number = MAX_COMPARED,
  ): Promise<readonly Embedding[]> {
    const key = JSON.stringify(of);
    const known = this.#known.get(key) ?? [];
    const budget = new StepBudget(most, Infinity, this.#budget);
    const later = await taken(
      newest(known[0]?._creationTime ?? 0),
      budget,
      ({ dims }) => vectorBytes(dims),
    );
    // A fact whose text has changed since has another embedding.
    const isChanged = new Set(later.map(({ factDocId }) => factDocId));
    const all = [
      ...later,
      ...known.filter(({ factDocId }) => !isChanged.has(factDocId)),
    ].slice(0, most);
    this.#known.set(key, all);
    return all;
  }
}
