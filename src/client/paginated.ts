import { ClientError, ProtocolError } from "../errors.ts";
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

/** A paginated query: iterates over its items, or over its pages by {@link pages}. Each iteration begins anew. */
export class Paginated<Item> implements AsyncIterable<Item> {
  readonly #fetch: (
    paginationOpts: { numItems: number; cursor: string | null },
  ) => Promise<unknown>;
  readonly #options: PaginateOptions;

  /** Made by `AsyncConvexClient.paginate`. */
  constructor(
    fetch: (
      paginationOpts: { numItems: number; cursor: string | null },
    ) => Promise<unknown>,
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
    const { pageSize = 100, cursor: first = null } = this.#options;
    let cursor = first;
    while (true) {
      const page = await this.#fetch({ numItems: pageSize, cursor });
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

  /** The items, page after page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const { page } of this.pages()) yield* page;
  }
}

function isPage<Item>(value: unknown): value is Page<Item> {
  const { page, isDone, continueCursor } = (value ?? {}) as Partial<Page<Item>>;
  return Array.isArray(page) && typeof isDone === "boolean" &&
    typeof continueCursor === "string";
}
