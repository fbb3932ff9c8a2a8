/**
 * Exports in bounded steps: each step makes a part of one text, and the parts are joined without anything between them.
 *
 * @module
 */
import { v } from "convex/values";
import { type CsvCell, csvLine } from "./csv.ts";
import { stepFields } from "../fields.ts";

/** Validator of the formats of an export. */
export const exportFormat = v.union(v.literal("json"), v.literal("csv"));

/** Validator of what one step of an export returns: `data` is to be appended to that of the steps before. */
export const exportResult = v.object({
  format: exportFormat,
  data: v.string(),
  /** Records of this step. */
  count: v.number(),
  exportedAt: v.number(),
  ...stepFields,
});

/** Where a part stands in the text. */
export interface PartPlace {
  /** No part came before. */
  isFirst: boolean;
  /** A part before held a record. */
  hasRecords: boolean;
  /** No part follows. */
  isLast: boolean;
}

/** A part of a JSON array with 2-space indentation; each record is written whole. */
export function jsonPart(
  records: readonly unknown[],
  place: PartPlace,
): string {
  const body = records
    .map((record, at) =>
      `${place.hasRecords || at > 0 ? "," : ""}\n  ${nested(record, 2)}`
    )
    .join("");
  return jsonFrame(body, {
    ...place,
    hasRecords: place.hasRecords || records.length > 0,
  });
}

/** The brackets of a JSON array around a part of its records; `hasRecords` counts those of this part, too. */
export function jsonFrame(body: string, place: PartPlace): string {
  const end = place.hasRecords ? "\n]" : "]";
  return `${place.isFirst ? "[" : ""}${body}${place.isLast ? end : ""}`;
}

/** A value as JSON with 2-space indentation, itself indented by `depth` blanks. */
export function nested(value: unknown, depth: number): string {
  return JSON.stringify(value, null, 2).replaceAll(
    "\n",
    `\n${" ".repeat(depth)}`,
  );
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
