/** Lines of an export, as they are read. */
import { jsonToConvex, type JSONValue } from "convex/values";
import { fail } from "../errors.ts";
import type { TableName } from "../model.ts";
import { UNIQUE } from "./transferTables.ts";

/** A line. */
export interface Line {
  number: number;
  table: TableName;
  /** By what the row is known to which this one belongs. */
  of?: Fields;
  /** The row, or what `users.export` shows of it. */
  row: Fields;
  isShown: boolean;
}

/** Fields of a row. */
export type Fields = Record<string, unknown>;

/**
 * Reads a line.
 *
 * @throws {ConvexError} `INVALID_LINE`.
 */
export function parseLine(text: string, number: number): Line {
  const refuse = (why: string) => refused(number, why);
  let line: Partial<Line> & { shown?: Fields };
  try {
    line = JSON.parse(text);
  } catch {
    return refuse("it is not JSON");
  }
  const { table, of, shown } = line;
  const row = shown ?? line.row;
  if (table === undefined || !Object.hasOwn(UNIQUE, table)) {
    return refuse("its table is unknown");
  }
  if (typeof row !== "object" || row === null) return refuse("it has no row");
  const common = {
    number,
    table,
    isShown: shown !== undefined,
    ...(of !== undefined && { of }),
  };
  // What is shown has free-form fields as JSON, under any names.
  if (shown !== undefined) return { ...common, row };
  try {
    return {
      ...common,
      row: jsonToConvex(row as JSONValue) as unknown as Fields,
    };
  } catch {
    return refuse("its row holds what is no value");
  }
}

/** Refuses a line. Says nothing of what the line holds. */
export function refused(number: number, why: string): never {
  return fail(
    "INVALID_LINE",
    `line ${number} is not part of an export: ${why}`,
  );
}
