import { PENDING_TS } from "../../values/commit_ts.ts";
import { parseValue, stringifyValue } from "../../values/json.ts";
import { encodeKey } from "../../values/key.ts";
import type { Value } from "../../values/types.ts";
import { withCommitTs } from "../../engine/rows/commit_ts.ts";
import { type Document, fieldAt, splitPath } from "../../engine/rows/fields.ts";
import { indexFields } from "../../engine/plan/index_fields.ts";
import type { Cursors, Position } from "../../engine/plan/page_cursor.ts";
import type { QueryPlan } from "../../engine/plan/query_plan.ts";
import type { Table } from "../../engine/schema/catalog.ts";

/** The cursor of `convex-test` at the end. */
const END = "_end_cursor";

/**
 * The cursors of `convex-test`: the values of a document's fields by which a query is sorted, as JSON. Cursors of other
 * queries are accepted. An invalid cursor fails as it is parsed.
 */
export function mockCursors(
  { source }: QueryPlan,
  table: Table | undefined,
  read: (id: string) => Document | undefined,
): Cursors {
  const index = table?.indexes.get(source.indexName);
  const sorted = source.type === "index" && table
    ? indexFields(table, source.indexName) ?? []
    : [];
  const fields = sorted.includes("_id") ? sorted : [...sorted, "_id"];
  return {
    encode(position) {
      if (position === "end" || !table) return END;
      const id = position.after.slice(-table.idLength);
      const document = read(id) ?? {};
      const keys = fields.map((field) => {
        const value = fieldAt(document, splitPath(field));
        return value === undefined
          ? null
          : stringifyValue(withCommitTs(value, PENDING_TS));
      });
      return JSON.stringify(keys);
    },
    decode(cursor): Position {
      if (cursor === END) return "end";
      const keys = keysOf(cursor);
      const userFields = index?.slots.length ?? 0;
      const own = Array.from({ length: userFields }, (_, at) => keys[at]);
      const id = keys[fields.length - 1];
      const prefix = index?.prefix ?? table?.prefix ?? "";
      return { after: prefix + encodeKey(own) + (id ?? "") };
    },
  };
}

/** The keys in a cursor. Throws a plain error for an invalid one, as a system call of `convex-test` does. */
function keysOf(cursor: string): (Value | undefined)[] {
  try {
    return JSON.parse(cursor).map(
      (key: string | null) => key === null ? undefined : parseValue(key),
    );
  } catch (error) {
    throw new Error((error as Error).message);
  }
}
