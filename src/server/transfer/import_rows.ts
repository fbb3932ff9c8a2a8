import { jsonToValue } from "../../values/json.ts";
import { isRecord } from "../../values/kinds.ts";
import type { JsonValue, Value } from "../../values/types.ts";
import { readCsv } from "./csv.ts";

/** A row of a file, which becomes a document. */
export type ImportedRow = { [field: string]: Value };

/** Parses rows in a format of `npx convex import`. Throws `TypeError` that names the line, or the element. */
export async function rowsOf(
  format: string,
  text: string,
): Promise<ImportedRow[]> {
  switch (format) {
    case "jsonLines":
      return linesOf(text);
    case "jsonArray": {
      const json = parse(text, "the file");
      if (!Array.isArray(json)) throw new TypeError("the file is not an array");
      return json.map((row, at) => rowOf(row, `element ${at}`));
    }
    case "csv":
      return await csvRows(text);
    default:
      throw new TypeError(`there is no format ${format.slice(0, 80)}`);
  }
}

function linesOf(text: string): ImportedRow[] {
  return text.split("\n").flatMap((line, at) =>
    line.trim() === ""
      ? []
      : [rowOf(parse(line, `line ${at + 1}`), `line ${at + 1}`)]
  );
}

function parse(text: string, where: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${where} is not JSON: ${(error as Error).message}`);
  }
}

function rowOf(json: JsonValue, where: string): ImportedRow {
  if (!isRecord(json)) {
    throw new TypeError(`${where} is not an object`);
  }
  try {
    return jsonToValue(json) as ImportedRow;
  } catch (error) {
    throw new TypeError(`${where}: ${(error as Error).message}`);
  }
}

/** The first line has the field names. As on Convex, what looks like a number becomes one. */
async function csvRows(text: string): Promise<ImportedRow[]> {
  const [names = [], ...rest] = await readCsv(text);
  return rest.map((fields) =>
    Object.fromEntries(
      names.map((name, column) => [name, cellOf(fields[column]!)]),
    )
  );
}

function cellOf(text: string): Value {
  const isNumber = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text);
  return isNumber ? Number(text) : text;
}
