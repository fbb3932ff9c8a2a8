import { encodeKey, prefixEnd } from "../../values/key.ts";
import type { Catalog, Table } from "./catalog.ts";
import type { TableJson } from "./schema.ts";
import { planTable } from "./table_plan.ts";

/** Tables that functions read by `ctx.db.system` and only the engine writes. Created on first use. */
export const systemTables: TableJson[] = [
  {
    tableName: "_scheduled_functions",
    indexes: [{
      indexDescriptor: "by_state",
      fields: ["state.kind", "scheduledTime"],
    }],
    searchIndexes: [],
    documentType: null,
  },
  {
    tableName: "_storage",
    indexes: [],
    searchIndexes: [],
    documentType: null,
  },
];

/** Key range of the index rows of scheduled functions in a state, in the order of their scheduled times. */
export function stateRange(
  catalog: Catalog,
  kind: string,
): { start: string; end: string | undefined; idLength: number } | undefined {
  const table = catalog.find("_scheduled_functions");
  const index = table?.indexes.get("by_state");
  if (!table || !index) return undefined;
  const start = index.prefix + encodeKey([kind]);
  return { start, end: prefixEnd(start), idLength: table.idLength };
}

/** A system table, created on first use. */
export function systemTable(catalog: Catalog, name: string): Table {
  const found = catalog.find(name);
  if (found) return found;
  const table = catalog.ensure(name);
  const definition = systemTables.find(({ tableName }) => tableName === name);
  planTable(catalog, table, definition, false);
  return table;
}
