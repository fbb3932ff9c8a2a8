/** What the history of facts asks of its arguments. */
import {
  date,
  factId,
  facts,
  paging,
  required,
  space,
} from "./fact_rule_words.ts";
import { itself } from "./rule_words.ts";
import { between, type Check, FORMAT, oneOf, present, text } from "./rules.ts";

const ACTION = "INVALID_ACTION";
/** Kinds of changes. */
const ACTIONS: readonly string[] = ["CREATE", "UPDATE", "SUPERSEDE", "DELETE"];

/** `history`, `getSupersessionChain` */
export const checkHistory: Check = facts([factId(), ...paging]);

/** `getChanges` */
export const checkChanges: Check = facts([
  space,
  ["after", date],
  ["before", date],
  ["action?", oneOf(ACTION, ACTIONS)],
  ...paging,
]);

/** `getActivitySummary` */
export const checkActivity: Check = facts([
  space,
  [
    "hours?",
    itself(
      FORMAT,
      (value) => Number.isFinite(value) && (value as number) > 0,
      "must be a number over 0",
    ),
  ],
]);

/** `log` */
export const checkEvent: Check = facts([
  space,
  factId(),
  ["action", oneOf(ACTION, ACTIONS)],
]);

/** `deleteByUserId` */
export const checkUser: Check = facts([required("userId")]);

/** `deleteByMemorySpace` */
export const checkSpace: Check = facts([space]);

/** `purgeOldEvents` */
export const checkPurge: Check = facts([
  ["memorySpaceId?", text()],
  ["olderThan", present(), date],
  ["limit?", between(FORMAT, 1, 1000)],
]);
