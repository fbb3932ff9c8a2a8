/** Every version of a record, in as many calls as needed. */
import type { Calls } from "../calls/calls.ts";
import type { CallControls } from "../types/common.ts";
import type { ImmutableVersionExpanded } from "../types/immutable.ts";

/** The versions, oldest first, the present one last. */
export async function historyOfRecord(
  calls: Calls,
  type: string,
  id: string,
  controls: CallControls | undefined,
): Promise<ImmutableVersionExpanded[]> {
  const { versions } = await calls.whole<
    { versions: ImmutableVersionExpanded[] }
  >(
    { kind: "query", name: "immutable:historyPage", parts: ["versions"] },
    { type, id },
    controls,
  );
  return versions;
}
