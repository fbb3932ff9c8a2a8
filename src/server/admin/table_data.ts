import type { CallSettings } from "../../engine/engine.ts";
import type { Value } from "../../values/types.ts";
import type { ServedEngine } from "../served_engine.ts";

/** A document, with its system fields. */
export type TableDocument = { _id: string; [field: string]: Value };

/** How to read a table: its order, and the limits of a page. */
interface TableRead {
  table: string;
  order: "asc" | "desc";
  page: { numItems: number; maximumBytesRead?: number };
}

/** Names of the tables of a component, without system tables. */
export function userTables(
  { tables }: Pick<ServedEngine, "tables">,
  component: string,
): string[] {
  return tables!(component).filter((name) => !name.startsWith("_"));
}

/**
 * The documents of a table, page by page. Each page is read by its own call, with the settings that `settings` returns.
 */
export async function* tablePages(
  engine: Pick<ServedEngine, "run">,
  { table, order, page: size }: TableRead,
  settings: () => CallSettings,
): AsyncGenerator<TableDocument[], void> {
  let cursor: string | null = null;
  while (true) {
    const paginationOpts: Value = { ...size, cursor };
    const args = { table, order, paginationOpts };
    const { value } = await engine.run(
      "query",
      "_system/cli/tableData",
      args,
      settings(),
    );
    const { page, isDone, continueCursor } = value as unknown as {
      page: TableDocument[];
      isDone: boolean;
      continueCursor: string;
    };
    yield page;
    if (isDone) return;
    cursor = continueCursor;
  }
}
