/**
 * Exports in bounded steps: each step makes a part of one text, and the parts are joined without anything between them.
 *
 * @module
 */
import { type CsvCell, csvLine } from "./csv.ts";

/** Formats of an export. */
export type ExportFormat = "json" | "csv";

/** Where a part stands in the text. */
export interface PartPlace {
  /** No part came before. */
  isFirst: boolean;
  /** A part before held a record. */
  hasRecords: boolean;
  /** No part follows. */
  isLast: boolean;
}

/** A part of a JSON array with 2-space indentation; `records` are JSON texts as `JSON.stringify(record, null, 2)` makes them. */
export function jsonPart(records: readonly string[], place: PartPlace): string {
  const text = records
    .map((record, at) =>
      `${place.hasRecords || at > 0 ? "," : ""}\n${indented(record)}`
    )
    .join("");
  const isEmpty = !place.hasRecords && records.length === 0;
  return `${place.isFirst ? "[" : ""}${text}${
    place.isLast ? (isEmpty ? "]" : "\n]") : ""
  }`;
}

/** A part of a CSV file; the header stands in the first one. */
export function csvPart(
  header: readonly string[],
  lines: readonly (readonly CsvCell[])[],
  place: PartPlace,
): string {
  const text = lines.map((line) => `\n${csvLine(line)}`).join("");
  return place.isFirst ? csvLine(header) + text : text;
}

/** Indents each line of a text by two blanks. */
export function indented(text: string): string {
  return text.replace(/^/gm, "  ");
}
