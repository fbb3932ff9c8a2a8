/** Counters of a space's current facts: how many there are, in all and of each type, and their bytes. */
import {
  BYTE_COUNTERS,
  counterKey,
  countIn,
  countOf,
  type LateCounter,
  readCounter,
  spaceCounters,
  Tally,
} from "../counters.ts";
import type { Doc, MutationCtx, QueryCtx } from "../model.ts";
import type { Scope } from "../scope.ts";

type FactType = Doc<"facts">["factType"];
/** The space whose facts are counted. */
type Space = Pick<Doc<"facts">, "tenantId" | "memorySpaceId">;
type CountedFact =
  & Space
  & Pick<Doc<"facts">, "factId" | "factType" | "bytes">;

/** Counter of all current facts. */
const FACTS = "facts";

const typeKey = (factType: FactType) => counterKey(FACTS, { factType });

/**
 * Adds a stored fact to the counts of its space's current facts. Three ranges, three rows read and three written, if it
 * is not the first of its type.
 */
export async function countFact(
  ctx: MutationCtx,
  fact: CountedFact,
): Promise<void> {
  const tally = new Tally();
  add(tally, fact, 1);
  await tally.write(ctx, fact.factId);
  await countIn(ctx, counterOf(ctx, fact, fact.factType), fact.factId);
}

/** Removes a fact from the counts of its space's current facts. */
export async function uncountFact(
  ctx: MutationCtx,
  fact: CountedFact,
): Promise<void> {
  const tally = new Tally();
  tallyRemoval(tally, fact);
  await tally.write(ctx, fact.factId);
}

/** Removes a fact from a tally of its space's current facts. */
export function tallyRemoval(tally: Tally, fact: CountedFact): void {
  add(tally, fact, -1);
  tally.add(groupOf(fact), typeKey(fact.factType), -1);
}

/** Adds to the byte counter what a current fact has grown by. */
export async function countGrowth(
  ctx: MutationCtx,
  fact: CountedFact,
  bytes: number,
): Promise<void> {
  const tally = new Tally();
  tally.add(groupOf(fact), BYTE_COUNTERS.facts, bytes);
  await tally.write(ctx, fact.factId);
}

/** Number of a space's current facts, or of those of a type; undefined if an older version has not counted them. */
export async function keptFacts(
  ctx: QueryCtx,
  { tenantId }: Scope,
  memorySpaceId: string,
  factType: FactType | undefined,
): Promise<number | undefined> {
  const space = { tenantId, memorySpaceId };
  return factType === undefined
    ? await readCounter(ctx, groupOf(space), FACTS)
    : await countOf(ctx, counterOf(ctx, space, factType));
}

function add(tally: Tally, fact: CountedFact, by: 1 | -1): void {
  tally.add(groupOf(fact), FACTS, by);
  tally.add(groupOf(fact), BYTE_COUNTERS.facts, by * fact.bytes);
}

function groupOf(space: Space): string {
  return spaceCounters(space, space.memorySpaceId);
}

function counterOf(
  ctx: QueryCtx,
  space: Space,
  factType: FactType,
): LateCounter {
  const { tenantId, memorySpaceId } = space;
  return {
    group: groupOf(space),
    key: typeKey(factType),
    rows: (most) =>
      ctx.db.query("facts")
        .withIndex(
          "by_tenant_space_type",
          (q) =>
            q.eq("tenantId", tenantId).eq("memorySpaceId", memorySpaceId)
              .eq("factType", factType).eq("isCurrent", true),
        )
        .take(most),
  };
}
