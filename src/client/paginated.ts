import { numberFrom } from "./check.ts";
import {
  type FetchPage,
  type Page,
  pages,
  type PaginateOptions,
} from "./pages.ts";

const checkPageSize = numberFrom(1, 16_384, true);

/**
 * A paginated query. Iterate over it for its items, or over {@link pages} for its pages. Each iteration starts from the
 * beginning.
 */
export class Paginated<Item> implements AsyncIterable<Item> {
  readonly #fetch: FetchPage;
  readonly #options: PaginateOptions;

  /** Made by `AsyncConvexClient.paginate`. */
  constructor(
    fetch: FetchPage,
    options: PaginateOptions,
  ) {
    const { pageSize } = options;
    if (pageSize !== undefined) checkPageSize(pageSize, "pageSize");
    this.#fetch = fetch;
    this.#options = options;
  }

  /** Yields the pages; each is requested once the previous one was read. */
  async *pages(): AsyncGenerator<Page<Item>, void, undefined> {
    yield* pages<Item>(this.#fetch, this.#options);
  }

  /** Yields the items, page after page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const { page } of this.pages()) yield* page;
  }
}
