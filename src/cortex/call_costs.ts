/** Upper bounds of what backend functions read and write, by which the client splits batches. */
import type { CallCost } from "../client/types.ts";

/** `memory:remember` without facts. */
const REMEMBER: CallCost = { reads: 32, writes: 30, ranges: 26 };
/** Each fact that `memory:remember` compares with what is known. */
const REMEMBERED_FACT: CallCost = { reads: 190, writes: 16, ranges: 5 };
/** `memories:store` */
export const STORE_COST: CallCost = { reads: 9, writes: 5, ranges: 5 };
/** `facts:store` */
export const STORE_FACT_COST: CallCost = { reads: 2, writes: 3, ranges: 2 };
/** `conversations:create` */
export const CREATE_COST: CallCost = { reads: 11, writes: 10, ranges: 11 };
/** `conversations:addMessage`, which returns the latest 1000 messages. */
export const ADD_MESSAGE_COST: CallCost = { reads: 1005, writes: 4, ranges: 6 };

/** `memory:remember` with so many facts. */
export function rememberCost(facts: number): CallCost {
  const cost = (of: keyof CallCost) =>
    REMEMBER[of] + facts * REMEMBERED_FACT[of];
  return {
    reads: cost("reads"),
    writes: cost("writes"),
    ranges: cost("ranges"),
  };
}
