/** Upper bounds of what backend functions read and write, by which the client splits batches. */
import type { CallCost } from "../../client/types.ts";

/** `memory:remember` without facts and without the counters of its memories. */
const REMEMBER: CallCost = { reads: 32, writes: 30, ranges: 26 };
/** Each fact that `memory:remember` compares with known ones, replacing up to four of them. */
const REMEMBERED_FACT: CallCost = { reads: 200, writes: 25, ranges: 19 };
/** `memories:store` without its counters. */
const STORE: CallCost = { reads: 11, writes: 7, ranges: 7 };
/** `facts:store` */
export const STORE_FACT_COST: CallCost = { reads: 5, writes: 6, ranges: 5 };
/** A counter of memories. */
const COUNTER: CallCost = { reads: 1, writes: 1, ranges: 1 };
/** An idempotency key with its stored result and the rows by which both are found. */
const KEY: CallCost = { reads: 1, writes: 13, ranges: 1 };

/** What a mutation costs with an idempotency key. */
export function keyedCost(cost: CallCost): CallCost {
  return sum(cost, KEY);
}

/** The fields of a memory that decide which counters it updates. */
export interface Counted {
  userId?: string | undefined;
  participantId?: string | undefined;
  tags: readonly string[];
}

/** The cost of a `memory:remember` with this many facts. */
export function rememberCost(facts: number, memory: Counted): CallCost {
  return sum(
    sum(REMEMBER, COUNTER, countersOf(memory)),
    REMEMBERED_FACT,
    facts,
  );
}

/** `memories:store` */
export function storeCost(memory: Counted): CallCost {
  return sum(STORE, COUNTER, countersOf(memory));
}

/**
 * Counters that a memory updates: one per combination of user, participant and source, one for bytes, one for
 * importance, and one per tag.
 */
function countersOf({ userId, participantId, tags }: Counted): number {
  const traits = [userId, participantId, "source"]
    .filter((trait) => trait !== undefined).length;
  return 2 ** traits + 2 + tags.length;
}

function sum(a: CallCost, b: CallCost, times = 1): CallCost {
  return {
    reads: a.reads + b.reads * times,
    writes: a.writes + b.writes * times,
    ranges: a.ranges + b.ranges * times,
  };
}
