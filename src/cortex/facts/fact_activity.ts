/** Activity in a space, counted by the backend in steps of bounded size. */
import type { CallArgs, Calls } from "../calls/calls.ts";
import { combineSteps, type Step } from "../calls/in_steps.ts";
import type { Check } from "../rules/rules.ts";
import type { CallControls } from "../types/common.ts";
import type { ActionCounts } from "../types/fact_history.ts";

/** A step: counts of its events, and the facts and people that they concern. */
interface ActivityStep extends Step {
  until: number;
  matched: number;
  actionCounts: ActionCounts;
  factIds: string[];
  participantIds: string[];
  userIds: string[];
}

/** Activity in a period. */
export interface Activity {
  /** End of the period, in ms since the Unix epoch. */
  until: number;
  total: number;
  actionCounts: ActionCounts;
  /** Different facts, and different participants and users. */
  facts: number;
  participants: number;
}

/** Reads the activity in a space. */
export async function activityOf(
  calls: Calls,
  args: CallArgs,
  controls: CallControls | undefined,
  check?: Check,
): Promise<Activity> {
  const steps = await calls.steps<ActivityStep>(
    { kind: "query", name: "factHistory:activityPage", parts: ["matched"] },
    args,
    controls,
    check,
  );
  const { matched: total, ...ids } = combineSteps(
    steps,
    ["matched", "factIds", "participantIds", "userIds"],
  );
  const counts = steps.map(({ actionCounts }) => actionCounts);
  return {
    until: steps[0]!.until,
    total,
    actionCounts: combineSteps(counts, [
      "CREATE",
      "UPDATE",
      "SUPERSEDE",
      "DELETE",
    ]),
    facts: new Set(ids.factIds).size,
    participants: new Set([...ids.participantIds, ...ids.userIds]).size,
  };
}
