import { jsonToValue } from "../values/json.ts";
import type { JsonValue, Value } from "../values/types.ts";

/** A row of a file: a document, or what becomes one. */
export type ImportedRow = { [field: string]: Value };

/** The rows of a text in a format of `npx convex import`. Throws `TypeError` that names the line, or the place. */
export function rowsOf(format: string, text: string): ImportedRow[] {
  switch (format) {
    case "jsonLines":
      return linesOf(text);
    case "jsonArray": {
      const json = parse(text, "the file");
      if (!Array.isArray(json)) throw new TypeError("the file is no array");
      return json.map((row, at) => rowOf(row, `element ${at}`));
    }
    case "csv":
      return csvRows(text);
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
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new TypeError(`${where} is no object`);
  }
  try {
    return jsonToValue(json) as ImportedRow;
  } catch (error) {
    throw new TypeError(`${where}: ${(error as Error).message}`);
  }
}

/** As RFC 4180 has it. The first line has the names; what reads as a number is one, as with Convex. */
function csvRows(text: string): ImportedRow[] {
  const [names = [], ...rest] = csvFields(text);
  return rest.map((fields, at) => {
    if (fields.length !== names.length) {
      throw new TypeError(
        `row ${at + 1} has ${fields.length} fields, the header ${names.length}`,
      );
    }
    return Object.fromEntries(
      names.map((name, column) => [name, cellOf(fields[column]!)]),
    );
  });
}

function cellOf(text: string): Value {
  const isNumber = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text);
  return isNumber ? Number(text) : text;
}

function csvFields(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A field: in quotes, where two of them are one, or up to the next comma or end of a line.
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|\n|\r|$)/y;
  while (field.lastIndex < text.length) {
    const start = field.lastIndex;
    const found = field.exec(text);
    if (!found) throw new TypeError(`misplaced quote after character ${start}`);
    const [, quoted, plain = "", end] = found;
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ",") {
      if (field.lastIndex === text.length) row.push("");
      else continue;
    }
    // An empty line is no row.
    if (row.length > 1 || row[0] !== "" || quoted !== undefined) rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}
