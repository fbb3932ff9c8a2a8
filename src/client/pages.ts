import { ProtocolError } from "../errors.ts";
import type { FetchPage, Page, PaginateOptions } from "./paginated.ts";
import { shown } from "./shown.ts";

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
  const { page, isDone, continueCursor } = (value ?? {}) as Partial<Page<Item>>;
  return Array.isArray(page) && typeof isDone === "boolean" &&
    typeof continueCursor === "string";
}
