/** Every version of a record, in as many calls as it takes. */
import type { Calls } from "../calls/calls.ts";
import { type Step, together } from "../calls/in_steps.ts";
import type { CallControls } from "../types/common.ts";
import type { ImmutableVersionExpanded } from "../types/immutable.ts";

/** The versions, oldest first, the present one last. */
export async function historyOfRecord(
  calls: Calls,
  type: string,
  id: string,
  controls: CallControls | undefined,
): Promise<ImmutableVersionExpanded[]> {
  const parts = await calls.steps<
    { versions: ImmutableVersionExpanded[] } & Step
  >(
    { kind: "query", name: "immutable:historyPage", count: "versions" },
    { type, id },
    controls,
  );
  return together(parts, "versions").versions;
}
