import { EngineError } from "../../errors.ts";
import type { Document } from "../rows/fields.ts";
import type { EngineLimits } from "../limits/limits.ts";
import type { Table } from "../schema/catalog.ts";
import type { Meter } from "../limits/meter.ts";
import { type Cursors, ownCursors } from "./page_cursor.ts";
import type { QueryPlan } from "./query_plan.ts";
import type { RowBounds } from "./query_rows.ts";

/** Rows from which on Convex advises to split a page. */
const SPLIT_ROWS = 6144;
/** Share of a read limit from which on Convex advises to split a page. */
const SPLIT_SHARE = 0.75;

/** Argument of `paginate`. */
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

/** The rows read for a page. */
export interface PageRead {
  /** The documents. */
  page: Document[];
  /** Positions of all rows looked at. */
  positions: string[];
  /** Why reading stopped. */
  stop: "full" | "budget" | "limit" | "exhausted";
}

/** Rules of pagination: Convex's, or those of `convex-test`. */
export interface PageRules {
  /** Whether a mutation may read one page only, as each query may. */
  onePerMutation: boolean;
  /** Normalises or refuses the options. */
  options(options: PaginationOptions): PaginationOptions;
  /** Greatest `numItems` allowed. */
  maxItems(limits: EngineLimits): number;
  /** Codec of the cursors. `read` reads documents of the table without counting them. */
  cursors(
    plan: QueryPlan,
    table: Table | undefined,
    read: (id: string) => Document | undefined,
  ): Cursors;
  /**
   * Which page counts as complete even if a budget is used up: one with all documents wanted (true), or one that has
   * reached its end cursor (false).
   */
  fullIsWhole: boolean;
  /** Reads the rows of a page, and counts them. */
  read(
    meter: Meter,
    plan: QueryPlan,
    page: readonly Document[],
    visit: () => void,
  ): void;
  /** Whether a page ends where the transaction reaches a limit, instead of failing. */
  endsAtLimits: boolean;
  /** Whether something may follow a full page. `hasMore` looks for another row without counting it. */
  goesOn(hasMore: () => boolean): boolean;
  /** Whether a page with an end cursor ends at that cursor when there was nothing left to read. */
  keepsEnd(rest: RowBounds): boolean;
  /** Whether a page is so long that it should be split. */
  isLong(meter: Meter, read: PageRead, numItems: number): boolean;
  /** Whether a page gets a cursor to split it at. */
  canSplit(plan: QueryPlan, read: PageRead, isAdvised: boolean): boolean;
}

/** The rules of Convex's pages. */
export const convexPages: PageRules = {
  onePerMutation: true,
  options: wholeNumbers,
  maxItems: ({ documentsRead }) => documentsRead,
  cursors: ownCursors,
  fullIsWhole: true,
  read: (_meter, _plan, _page, visit) => visit(),
  endsAtLimits: true,
  goesOn: () => true,
  // So that neighbouring pages neither overlap nor leave a gap.
  keepsEnd: () => true,
  isLong: (meter, { page }) =>
    page.length > SPLIT_ROWS || meter.hasReadOver(SPLIT_SHARE),
  // The positions of a search are no index keys, so it cannot be split.
  canSplit: ({ source }, { positions }) =>
    source.type === "index" && positions.length > 2,
};

/** Options that count something. */
const SIZES = ["numItems", "maximumRowsRead", "maximumBytesRead"] as const;

/**
 * Refuses fractions, 0 and an infinite page, as Convex does: it reads sizes as integers. `Infinity` reaches it as null,
 * which for the other sizes means that there is no limit.
 */
function wholeNumbers(options: PaginationOptions): PaginationOptions {
  for (const name of SIZES) {
    const size = options[name];
    // Other types are refused later, where the option is used.
    if (typeof size !== "number") continue;
    if (size % 1 || name === "numItems" && size === Infinity) {
      throw invalidSize(
        `\`options.${name}\` must be an integer. Received \`${size}\`.`,
      );
    }
    if (name === "numItems") {
      if (size !== 0) continue;
      throw invalidSize("Must request at least 1 document while paginating");
    }
    if (size > 0) continue;
    throw invalidSize(
      "maximumRowsRead and maximumBytesRead must be greater than 0",
    );
  }
  return options;
}

function invalidSize(message: string): EngineError {
  return new EngineError("INVALID_PAGINATION", message);
}
