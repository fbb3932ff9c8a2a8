/**
 * Questions about the speaker ("Who am I?", "What did I tell you?"). Answers contain no word of them, so the user's
 * newest memories are appended to what was found.
 *
 * @module
 */
import type { FactFilter } from "../facts/factArgs.ts";
import { type FactCandidate, newestFactsOfUser } from "../facts/factSearch.ts";
import {
  type MemoryCandidate,
  type MemoryFilter,
  newestOfUser,
} from "../memory/memoryCandidates.ts";
import type { QueryCtx } from "../model.ts";
import type { ParsedQuery } from "../ranking/query.ts";
import { type Candidate, rank, type Ranked } from "../ranking/rank.ts";
import type { Scope } from "../scope.ts";
import { StepBudget } from "../paging/walk.ts";

const MAX_NEWEST_BYTES = 1024 * 1024;

/** Arguments of the search for the newest rows. */
export interface NewestSearch {
  /** Space that is searched. */
  readonly memorySpaceId: string;
  /** The question. */
  readonly query: ParsedQuery;
  /** How many items are wanted. */
  readonly wanted: number;
  /** Whether scores are explained. */
  readonly explain?: boolean | undefined;
  /** How much may be read. */
  readonly budget: StepBudget;
}

/** The facts that were found, then the user's newest, as many as are wanted. */
export async function thenNewestFacts(
  ctx: QueryCtx,
  scope: Scope,
  search: NewestSearch,
  filter: FactFilter,
  found: Ranked<FactCandidate>[],
): Promise<Ranked<FactCandidate>[]> {
  if (!isOfUser(search, filter)) return found;
  const { memorySpaceId, wanted } = search;
  const budget = new StepBudget(wanted, MAX_NEWEST_BYTES, search.budget);
  const newest = await newestFactsOfUser(
    ctx,
    scope,
    memorySpaceId,
    filter,
    budget,
  );
  return followed(scope, search, found, newest);
}

/** The memories that were found, then the user's newest, as many as are wanted. */
export async function thenNewestMemories(
  ctx: QueryCtx,
  scope: Scope,
  search: NewestSearch,
  filter: MemoryFilter,
  found: Ranked<MemoryCandidate>[],
): Promise<Ranked<MemoryCandidate>[]> {
  if (!isOfUser(search, filter)) return found;
  const { memorySpaceId, wanted } = search;
  const budget = new StepBudget(wanted, MAX_NEWEST_BYTES, search.budget);
  const newest = await newestOfUser(ctx, scope, memorySpaceId, filter, budget);
  return followed(scope, search, found, newest);
}

function isOfUser(
  { query, budget }: NewestSearch,
  { userId }: { readonly userId?: string },
): boolean {
  return query.isOfSelf && userId !== undefined && !budget.isSpent;
}

/** Appends rows with a score of 0, because nothing shows that they answer the question. */
function followed<Found extends Candidate>(
  { now }: Scope,
  { query, explain = false }: NewestSearch,
  found: Ranked<Found>[],
  newest: readonly Found[],
): Ranked<Found>[] {
  const known = new Set(found.map(({ candidate }) => candidate.key));
  const others = newest.filter(({ key }) => !known.has(key))
    .flatMap((candidate) => rank(query, [candidate], { now, explain }));
  return [...found, ...others.map((ranked) => ({ ...ranked, score: 0 }))];
}
