import { ClientError } from "../errors.ts";
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
  /** Items that a page has at the beginning, 1 to 16 384. Default 100. */
  pageSize?: number;
  /** Where to begin: a page's `continueCursor`. Default: the first page. */
  cursor?: string | null;
}

/** Asks for a page. */
export type FetchPage = (
  paginationOpts: { numItems: number; cursor: string | null },
) => Promise<unknown>;

/** A paginated query: iterates over its items, or over its pages by {@link pages}. Each iteration begins anew. */
export class Paginated<Item> implements AsyncIterable<Item> {
  readonly #fetch: FetchPage;
  readonly #options: PaginateOptions;

  /** Made by `AsyncConvexClient.paginate`. */
  constructor(
    fetch: FetchPage,
    options: PaginateOptions,
  ) {
    const { pageSize } = options;
    if (
      pageSize !== undefined &&
      !(Number.isInteger(pageSize) && pageSize >= 1 && pageSize <= 16_384)
    ) {
      throw new ClientError(
        "INVALID_ARGUMENT",
        `pageSize must be a whole number from 1 to 16384; got ${
          shown(pageSize)
        }`,
      );
    }
    this.#fetch = fetch;
    this.#options = options;
  }

  /** The pages, each asked for when the one before was read. */
  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    yield* (await import("./pages.ts")).pages<Item>(this.#fetch, this.#options);
  }

  /** The items, page after page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const { page } of this.pages()) yield* page;
  }
}
