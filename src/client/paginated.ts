import { CALL_CHECKS } from "./call_options.ts";
import { checkOptions, numberFrom, type OptionChecks, that } from "./check.ts";
import {
  type FetchPage,
  type Page,
  pages,
  type PaginateOptions,
} from "./pages.ts";
import type { CallOptions } from "./types.ts";

/** Ours come first: who looks for another's name finds them in the error. */
const CHECKS: OptionChecks<PaginateOptions & CallOptions> = {
  pageSize: numberFrom(1, 16_384, true),
  cursor: that(
    "a continueCursor",
    (value) => value === null || typeof value === "string",
  ),
  ...CALL_CHECKS,
};

/**
 * A paginated query. Iterate over it for its items, or over {@link pages} for its pages. Each iteration starts anew, at
 * the option `cursor` if there is one. Options of a call, such as `timeoutMs`, apply to each page.
 */
export class Paginated<Item> implements AsyncIterable<Item> {
  /** Starts an iteration. */
  readonly #pages: () => AsyncGenerator<Page<Item>, void, undefined>;

  /** Made by `AsyncConvexClient.paginate`. */
  constructor(
    fetch: FetchPage,
    options: PaginateOptions & CallOptions,
  ) {
    checkOptions("paginate", options, CHECKS);
    this.#pages = () => pages(fetch, options);
  }

  /**
   * Yields the pages; each is requested once the previous one was read.
   *
   * @example
   * ```ts
   * import { AsyncConvexClient } from "@cortex/memory";
   * import { assertEquals } from "@std/assert";
   *
   * const query = (_: string, { paginationOpts }: { paginationOpts?: { cursor: string | null } }) =>
   *   paginationOpts!.cursor === null
   *     ? { page: [1, 2], isDone: false, continueCursor: "2" }
   *     : { page: [3], isDone: true, continueCursor: "" };
   * await using client = new AsyncConvexClient({ query, mutation: query, action: query });
   * const sizes = [];
   * for await (const { page } of client.paginate("numbers:list").pages()) sizes.push(page.length);
   * assertEquals(sizes, [2, 1]);
   * ```
   */
  pages(): AsyncGenerator<Page<Item>, void, undefined> {
    return this.#pages();
  }

  /** Yields the items, page after page. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const { page } of this.pages()) yield* page;
  }
}
