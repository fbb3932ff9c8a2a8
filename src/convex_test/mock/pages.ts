import type {
  PageRules,
  PaginationOptions,
} from "../../engine/plan/page_rules.ts";
import { mockCursors } from "./cursors.ts";

/** Rows beyond the page's size that `convex-test` reads before it recommends a split. */
const SPARE_ROWS = 1;

/** The rules of pagination in `convex-test`. */
export const mockPages: PageRules = {
  onePerMutation: false,
  options: atLeastOne,
  maxItems: () => Infinity,
  cursors: mockCursors,
  fullIsWhole: false,
  read(meter, plan, page, visit) {
    const isPicked = plan.source.type === "search" ||
      plan.operators.some((operator) => "filter" in operator);
    if (!isPicked) return visit();
    // Only returned documents count.
    meter.uncounted("documents", visit);
    for (const document of page) meter.countGiven(document);
  },
  endsAtLimits: false,
  goesOn: (hasMore) => hasMore(),
  // If the document at the page's end was deleted, the page continues to the end of the list.
  keepsEnd: ({ after, upTo }) => after === upTo,
  isLong: (_meter, { positions }, numItems) =>
    positions.length > numItems + SPARE_ROWS,
  canSplit: (_plan, { positions }, isAdvised) =>
    isAdvised && positions.length > 1,
};

/** A page has at least one document, and any falsy cursor starts at the beginning. */
function atLeastOne(options: PaginationOptions): PaginationOptions {
  const { numItems, cursor } = options;
  const isLeast = Number.isNaN(numItems) || numItems === Infinity ||
    numItems >= 0 && numItems < 1;
  return {
    ...options,
    numItems: isLeast ? 1 : numItems,
    cursor: cursor || null,
  };
}
