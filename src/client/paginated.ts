import { ClientError } from "../errors.ts";
import type { FetchPage, Page, PaginateOptions } from "./pages.ts";
import { shown } from "./shown.ts";

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
