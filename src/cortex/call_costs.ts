/** Upper bounds of what backend functions read and write, by which the client splits batches. */
import type { CallCost } from "../client/types.ts";

/** `memory:remember` without facts and without the counters of its memories. */
const REMEMBER: CallCost = { reads: 32, writes: 30, ranges: 26 };
/** Each fact that `memory:remember` compares with what is known, and puts in the place of four. */
const REMEMBERED_FACT: CallCost = { reads: 200, writes: 25, ranges: 19 };
/** `memories:store` without its counters. */
const STORE: CallCost = { reads: 11, writes: 7, ranges: 7 };
/** `facts:store` */
export const STORE_FACT_COST: CallCost = { reads: 5, writes: 6, ranges: 5 };
/** `conversations:create` */
export const CREATE_COST: CallCost = { reads: 11, writes: 10, ranges: 11 };
/** `conversations:addMessage`, which returns the latest 1000 messages. */
export const ADD_MESSAGE_COST: CallCost = { reads: 1006, writes: 5, ranges: 7 };

/** An idempotency key with its result and what leads to it. */
const KEY: CallCost = { reads: 1, writes: 12, ranges: 1 };

/** What a mutation costs with an idempotency key. */
export function keyedCost(cost: CallCost): CallCost {
  return sum(cost, KEY);
}

/** What a memory is counted by. */
export interface Counted {
  userId?: string | undefined;
  participantId?: string | undefined;
  tags: readonly string[];
}

/** `memory:remember` with so many facts. */
export function rememberCost(facts: number, memory: Counted): CallCost {
  return sum(
    sum(REMEMBER, countersOf(memory)),
    times(REMEMBERED_FACT, facts),
  );
}

/** `memories:store` */
export function storeCost(memory: Counted): CallCost {
  return sum(STORE, countersOf(memory));
}

/** One counter for each choice of user, participant and source, one of bytes, one of importance, one a tag. */
function countersOf({ userId, participantId, tags }: Counted): CallCost {
  const traits = [userId, participantId, "source"]
    .filter((trait) => trait !== undefined).length;
  return times(
    { reads: 1, writes: 1, ranges: 1 },
    2 ** traits + 2 + tags.length,
  );
}

function sum(a: CallCost, b: CallCost): CallCost {
  return {
    reads: a.reads + b.reads,
    writes: a.writes + b.writes,
    ranges: a.ranges + b.ranges,
  };
}

function times(cost: CallCost, factor: number): CallCost {
  return {
    reads: cost.reads * factor,
    writes: cost.writes * factor,
    ranges: cost.ranges * factor,
  };
}
