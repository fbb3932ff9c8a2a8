import { EngineError } from "../../errors.ts";
import { TextHash } from "../../values/text_hash.ts";
import type { Table } from "../schema/catalog.ts";
import type { QueryPlan } from "./query_plan.ts";

/** A place in a query's order: after a position, or behind the last row. */
export type Position = { after: string } | "end";

/** Turns places in a query's order into cursors and back. */
export interface Cursors {
  /** A text for a place. */
  encode(position: Position): string;
  /** The place in a cursor. Throws `INVALID_CURSOR`. */
  decode(cursor: string): Position;
}

/** Characters of a fingerprint. */
const PRINT_LENGTH = 8;

/** Cursors that are valid only for the query that they were made by. */
export function ownCursors(plan: QueryPlan, table: Table | undefined): Cursors {
  const print = fingerprint(plan, table);
  const prefix = prefixOf(plan, table);
  return {
    encode: (position) => encodeCursor(position, print, prefix),
    decode: (cursor) => decodeCursor(cursor, print, prefix),
  };
}

/**
 * Beginning of all positions of a query, which its cursors leave out: an index that is taken out of the schema and comes
 * back has another one. Empty for a search, whose positions are no keys.
 */
function prefixOf({ source }: QueryPlan, table: Table | undefined): string {
  if (source.type !== "index" || table === undefined) return "";
  return table.indexes.get(source.indexName)?.prefix ?? table.prefix;
}

/**
 * Identifies a query, so that its cursors are refused by others: a 64-bit hash of the plan and the index's fields, one
 * character per byte.
 */
function fingerprint(plan: QueryPlan, table: Table | undefined): string {
  const { source } = plan;
  const hash = new TextHash();
  hash.add(plan.tableName);
  hash.add(source.indexName);
  hash.add(plan.order ?? "asc");
  if (source.type === "index") {
    for (const field of table?.indexes.get(source.indexName)?.fields ?? []) {
      hash.add(field);
    }
  }
  if (source.type === "index") {
    for (const { type, fieldPath, value } of source.terms) {
      hash.add(type);
      hash.add(fieldPath);
      hash.addValue(value);
    }
  } else {
    for (const { fieldPath, query } of source.searches) {
      hash.add("Search");
      hash.add(fieldPath);
      hash.add(query);
    }
    for (const { fieldPath, value } of source.equalities) {
      hash.add("Eq");
      hash.add(fieldPath);
      hash.addValue(value);
    }
  }
  for (const operator of plan.operators) {
    hash.add(JSON.stringify(
      "filter" in operator ? operator.filter.json : operator.limit,
    ));
  }
  return hash.text();
}

/**
 * A cursor is the base64 of the fingerprint, a letter and the position, whose characters are bytes: `E` for the end, `P`
 * for what follows the prefix of a position, `A` for a whole one.
 */
function encodeCursor(
  position: Position,
  print: string,
  prefix: string,
): string {
  const bytes = position === "end"
    ? `${print}E`
    : position.after.startsWith(prefix)
    ? `${print}P${position.after.slice(prefix.length)}`
    : `${print}A${position.after}`;
  let text = btoa(bytes).slice(0, Math.ceil(bytes.length * 4 / 3));
  // `includes` costs a small part of what `replaceAll` does when there is nothing to replace.
  if (text.includes("+")) text = text.replaceAll("+", "-");
  if (text.includes("/")) text = text.replaceAll("/", "_");
  return text;
}

/** The place in a cursor of the query with this fingerprint. Throws `INVALID_CURSOR`. */
function decodeCursor(
  cursor: string,
  print: string,
  prefix: string,
): Position {
  let text: string;
  try {
    text = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    throw invalidCursor(cursor, "it was not made by paginate");
  }
  const kind = text[PRINT_LENGTH];
  if (kind !== "E" && kind !== "P" && kind !== "A") {
    throw invalidCursor(cursor, "it was not made by paginate");
  }
  if (!text.startsWith(print)) {
    throw invalidCursor(
      cursor,
      "it comes from another query, or from the same with other arguments",
    );
  }
  if (kind === "E") return "end";
  const place = text.slice(PRINT_LENGTH + 1);
  return { after: kind === "P" ? prefix + place : place };
}

function invalidCursor(cursor: string, reason: string): EngineError {
  return new EngineError(
    "INVALID_CURSOR",
    `InvalidCursor: cannot continue from cursor ${
      JSON.stringify(cursor.slice(0, 80))
    }: ${reason}`,
  );
}
