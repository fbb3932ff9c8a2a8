import { ProtocolError } from "../errors.ts";
import { shown } from "./shown.ts";

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

/** Requests a page. */
export type FetchPage = (
  paginationOpts: { numItems: number; cursor: string | null },
) => Promise<unknown>;

/** The pages of a query, each asked for when the one before was read. */
export async function* pages<Item>(
  fetch: FetchPage,
  { pageSize = 100, cursor: first = null }: PaginateOptions,
): AsyncGenerator<Page<Item>, void, undefined> {
  let cursor = first;
  while (true) {
    const page = await fetch({ numItems: pageSize, cursor });
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
  const { page, isDone, continueCursor } = Object(value) as Partial<Page<Item>>;
  return Array.isArray(page) && typeof isDone === "boolean" &&
    typeof continueCursor === "string";
}
