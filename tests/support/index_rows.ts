import { Catalog } from "../../src/engine/schema/catalog.ts";
import { IdSource } from "../../src/engine/ids.ts";
import { documentsOf } from "../../src/engine/components/index_fill.ts";
import { updateIndexRows } from "../../src/engine/transaction/index_rows.ts";
import { readCatalogRow } from "../../src/engine/components/open_catalog.ts";
import { readSchema } from "../../src/engine/schema/schema.ts";
import { planTable } from "../../src/engine/schema/table_plan.ts";
import type { SyncStore } from "../../src/store/types.ts";

/** What is in the indexes of a store and what should be there by its documents; equal when all is well. */
export function indexRows(
  store: SyncStore,
  schema: object,
): { stored: [string, string][]; wanted: [string, string][] } {
  const { tables, schemaValidation } = readSchema(schema);
  const catalog = new Catalog(
    readCatalogRow(store),
    "",
    new IdSource(() => {}),
  );
  const wanted = new Map<string, string>();
  for (const table of catalog.tables()) {
    const definition = tables.find(({ tableName }) => tableName === table.name);
    planTable(catalog, table, definition, schemaValidation);
    for (const document of documentsOf(store, table)) {
      updateIndexRows(
        {
          put: (key, value) => {
            if (value !== undefined) wanted.set(key, value);
          },
        },
        table,
        document._id,
        undefined,
        document,
      );
    }
  }
  const stored = [...store.scan({ start: "" })]
    .filter(({ key }) => "itv".includes(key[0]!))
    .map(({ key, value }): [string, string] => [key, value]);
  const byKey = ([a]: [string, string], [b]: [string, string]) =>
    a < b ? -1 : a > b ? 1 : 0;
  return { stored, wanted: [...wanted].sort(byKey) };
}
