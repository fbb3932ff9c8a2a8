/** What happened in a space, in numbers, put together from bounded parts. */
import type { CallArgs, Calls } from "../calls/calls.ts";
import { type Step, together } from "../calls/in_steps.ts";
import type { Check } from "../rules/rules.ts";
import type { CallControls } from "../types/common.ts";
import type { ActionCounts } from "../types/fact_history.ts";

/** A step: numbers of its events, and whom and what they are about. */
interface ActivityStep extends Step {
  until: number;
  matched: number;
  actionCounts: ActionCounts;
  factIds: string[];
  participantIds: string[];
  userIds: string[];
}

/** Events of a time. */
export interface Activity {
  /** The end of the time, in ms since the Unix epoch. */
  until: number;
  total: number;
  actionCounts: ActionCounts;
  /** Different facts, and different participants and users. */
  facts: number;
  participants: number;
}

/** Reads what happened in a space. */
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
  const { matched: total, ...ids } = together(
    steps,
    ["matched", "factIds", "participantIds", "userIds"],
  );
  const counts = steps.map(({ actionCounts }) => actionCounts);
  return {
    until: steps[0]!.until,
    total,
    actionCounts: together(counts, ["CREATE", "UPDATE", "SUPERSEDE", "DELETE"]),
    facts: new Set(ids.factIds).size,
    participants: new Set([...ids.participantIds, ...ids.userIds]).size,
  };
}
