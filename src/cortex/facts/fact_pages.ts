/** Lists and counts of facts: usually one call, more if the backend must examine many rows. */
import { MAX_LISTED_FACTS } from "../limits.ts";
import { filterArgs } from "./fact_args.ts";
import type { Calls } from "../calls/calls.ts";
import { within } from "../calls/deadline.ts";
import { joinStretches } from "../calls/stretches.ts";
import type { Step } from "../calls/in_steps.ts";
import type { CallControls } from "../types/common.ts";
import type {
  FactPaging,
  FactSpace,
  UniversalFactFilter,
} from "../types/fact_params.ts";
import type { FactRecord } from "../types/facts.ts";

/** A stretch of a list. */
interface FactStep extends Step {
  /** The page if the first step is done; otherwise the first `offset + limit` rows of this stretch. */
  rows: FactRecord[];
}

/** Lists the facts that match a filter, in its order. */
export function listFacts(
  calls: Calls,
  filter: UniversalFactFilter & FactPaging & FactSpace,
  controls: CallControls | undefined,
): Promise<FactRecord[]> {
  const { offset = 0, limit = MAX_LISTED_FACTS, sortBy, sortOrder } = filter;
  const args = { ...filterArgs(filter), offset, limit };
  return within(controls, async (signal) => {
    if (limit === 0) return [];
    const read = (cursor?: string) =>
      calls.query<FactStep>("facts:page", { ...args, cursor }, { signal });
    const first = await read();
    if (first.done) return first.rows;
    const field = sortBy ?? "createdAt";
    const found = await joinStretches(first, {
      read,
      rows: (step) => step.rows,
      places: (row) => [row[field], row.createdAt],
      descending: (sortOrder ?? (sortBy && "desc")) === "desc",
      end: offset + limit,
    });
    return found.slice(offset);
  });
}

/** Counts the facts that match a filter. */
export async function countFacts(
  calls: Calls,
  filter: UniversalFactFilter & FactSpace,
  controls: CallControls | undefined,
): Promise<number> {
  const { limit: _l, offset: _o, sortBy: _b, sortOrder: _s, ...conditions }:
    & UniversalFactFilter
    & FactPaging = filter;
  const { matched } = await calls.whole<{ matched: number }>(
    { kind: "query", name: "facts:countPage", parts: ["matched"] },
    filterArgs(conditions),
    controls,
  );
  return matched;
}
