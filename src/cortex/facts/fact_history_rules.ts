/** Argument checks of the methods that read the history of facts. */
import { date, factId, facts, paging, space } from "./fact_rule_words.ts";
import { ofTenant } from "../rules/field_rules.ts";
import { itself } from "../rules/rule_words.ts";
import { type Check, FORMAT, oneOf, type Test } from "../rules/rules.ts";

/** Kinds of changes. */
export const action: Test = oneOf("INVALID_ACTION", [
  "CREATE",
  "UPDATE",
  "SUPERSEDE",
  "DELETE",
]);

/** `history`, `getSupersessionChain` */
export const checkHistory: Check = facts([factId(), ...paging]);

/** `getChanges` */
export const checkChanges: Check = facts([
  space,
  ofTenant,
  ["after", date],
  ["before", date],
  ["action?", action],
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
