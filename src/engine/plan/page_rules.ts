import { EngineError } from "../../errors.ts";
import type { Document } from "../rows/fields.ts";
import type { EngineLimits } from "../limits/limits.ts";
import type { Table } from "../schema/catalog.ts";
import type { Meter } from "../limits/meter.ts";
import { type Cursors, ownCursors } from "./page_cursor.ts";
import type { QueryPlan } from "./query_plan.ts";
import type { RowBounds } from "./query_rows.ts";

/** Rows on a page from which Convex advises to split it. */
const SPLIT_ROWS = 6144;
/** Share of the read limits from which Convex advises to split a page. */
const SPLIT_SHARE = 0.75;

/** What `paginate` takes. */
export interface PaginationOptions {
  /** Documents wanted. */
  numItems: number;
  /** Where the last page ended; null: from the beginning. */
  cursor: string | null;
  /** Where this page must end, whatever `numItems` says. */
  endCursor?: string | null;
  /** Most rows looked at. */
  maximumRowsRead?: number;
  /** Most bytes looked at. */
  maximumBytesRead?: number;
}

/** What was read for a page: its documents, the places of all rows looked at, and why reading stopped. */
export interface PageRead {
  /** The documents. */
  page: Document[];
  /** Places of the rows. */
  positions: string[];
  /** Why it ended. */
  stop: "full" | "budget" | "limit" | "exhausted";
}

/** In what pages can behave in one way or another. */
export interface PageRules {
  /** The options as they are understood. */
  options(options: PaginationOptions): PaginationOptions;
  /** Documents that a page may be asked for. */
  maxItems(limits: EngineLimits): number;
  /** The form of cursors. Documents of the table can be read, uncounted. */
  cursors(
    plan: QueryPlan,
    table: Table | undefined,
    read: (id: string) => Document | undefined,
  ): Cursors;
  /**
   * Whether a page that has all that is wanted need not be split, whatever it used up; or else one that has come to its
   * end cursor.
   */
  fullIsWhole: boolean;
  /** Reads the rows of a page, counting what is read. */
  read(
    meter: Meter,
    plan: QueryPlan,
    page: readonly Document[],
    visit: () => void,
  ): void;
  /** Whether a page ends where the transaction reaches a limit, instead of failing there. */
  endsAtLimits: boolean;
  /** Whether something may follow a page that is full. `hasMore` looks whether there is a row, uncounted. */
  goesOn(hasMore: () => boolean): boolean;
  /** Whether a page with an end cursor ends there, when nothing was left to read. */
  keepsEnd(rest: RowBounds): boolean;
  /** Whether a page is so long that it should be split. */
  isLong(meter: Meter, read: PageRead, numItems: number): boolean;
  /** Whether a page has a cursor to split it at. */
  canSplit(plan: QueryPlan, read: PageRead, isAdvised: boolean): boolean;
}

/** The rules of Convex's pages. */
export const convexPages: PageRules = {
  options: wholeNumbers,
  maxItems: ({ documentsRead }) => documentsRead,
  cursors: ownCursors,
  fullIsWhole: true,
  read: (_meter, _plan, _page, visit) => visit(),
  endsAtLimits: true,
  goesOn: () => true,
  // So that neighbouring pages never overlap and leave no gap.
  keepsEnd: () => true,
  isLong: (meter, { page }) =>
    page.length > SPLIT_ROWS || meter.hasReadOver(SPLIT_SHARE),
  // A search has no order that could be cut at a cursor by index.
  canSplit: ({ source }, { positions }) =>
    source.type === "index" && positions.length > 2,
};

/** Sizes count rows and bytes: on Convex, they are read as integers. */
function wholeNumbers(options: PaginationOptions): PaginationOptions {
  const { numItems, maximumRowsRead, maximumBytesRead } = options;
  const sizes = { numItems, maximumRowsRead, maximumBytesRead };
  for (const [name, size] of Object.entries(sizes)) {
    // Anything but a number is refused where it is read.
    if (typeof size !== "number" || !(size % 1)) continue;
    throw new EngineError(
      "INVALID_PAGINATION",
      `\`options.${name}\` must be an integer. Received \`${size}\`.`,
    );
  }
  return options;
}
