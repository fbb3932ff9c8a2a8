import type { Document } from "../../engine/rows/fields.ts";
import { QueryOperators } from "../../engine/query/query_operators.ts";
import type { QueryPlan } from "../../engine/plan/query_plan.ts";
import type { Row } from "../../engine/plan/query_rows.ts";
import type { Meter } from "../../engine/limits/meter.ts";

/**
 * Applies operators as `convex-test` does: writes made meanwhile are not seen, and filtered-out documents do not count.
 */
export function* mockPicked(
  meter: Meter,
  { source, operators }: QueryPlan,
  rows: Iterable<Row>,
): IterableIterator<Document> {
  const left = new QueryOperators(operators);
  // A search must stay lazy, as it throws for readers that go too far.
  const seen = source.type === "index"
    ? meter.uncounted("documents", () => [...rows])
    : rows;
  const iterator = seen[Symbol.iterator]();
  while (!left.isOver) {
    const { done, value } = meter.uncounted("documents", () => iterator.next());
    if (done) return;
    const { document } = value;
    if (!left.takes(document)) continue;
    meter.countGiven(document);
    yield document;
  }
}
