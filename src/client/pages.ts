import { ProtocolError } from "../errors.ts";
import { shown } from "../values/shown.ts";
import type { CallOptions } from "./types.ts";

/** One page of a paginated query, as Convex's `.paginate()` returns it. */
export interface Page<Item> {
  /** The items, in the query's order. */
  page: Item[];
  /** Whether this is the last page. */
  isDone: boolean;
  /** Where the next page begins. */
  continueCursor: string;
}

/** Options of `AsyncConvexClient.paginate`. */
export interface PaginateOptions {
  /** Number of items requested per page, 1 to 16 384. Default 100. */
  pageSize?: number | undefined;
  /** Where to start: a page's `continueCursor`. Default: the first page. */
  cursor?: string | null | undefined;
}

/** Requests a page, by a call with the given options. */
export type FetchPage = (
  paginationOpts: { numItems: number; cursor: string | null },
  options: CallOptions,
) => Promise<unknown>;

/** The pages of a query, each asked for when the one before was read. */
export async function* pages<Item>(
  fetch: FetchPage,
  { pageSize: numItems = 100, cursor = null, ...options }:
    & PaginateOptions
    & CallOptions,
): AsyncGenerator<Page<Item>, void, undefined> {
  while (true) {
    const page = await fetch({ numItems, cursor }, options);
    if (!isPage<Item>(page)) {
      throw new ProtocolError(
        "BAD_RESPONSE",
        `A paginated query must return { page, isDone, continueCursor }; got ${
          shown(page)
        }`,
      );
    }
    yield page;
    if (page.isDone) return;
    cursor = page.continueCursor;
  }
}

function isPage<Item>(value: unknown): value is Page<Item> {
  const found = Object(value) as Partial<Page<Item>>;
  return Array.isArray(found.page) && typeof found.isDone === "boolean" &&
    typeof found.continueCursor === "string";
}
