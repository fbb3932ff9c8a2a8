/**
 * Exports in bounded steps: each step makes a part of the text, and the parts are concatenated.
 *
 * @module
 */
import { v } from "convex/values";
import { type CsvCell, csvLine } from "./csv.ts";
import { stepFields } from "../fields.ts";

/** Validator of the formats of an export. */
export const exportFormat = v.union(v.literal("json"), v.literal("csv"));

/** Validator of the result of one step of an export: `data` is to be appended to that of the steps before. */
export const exportResult = v.object({
  format: exportFormat,
  data: v.string(),
  /** Records of this step. */
  count: v.number(),
  exportedAt: v.number(),
  ...stepFields,
});

/** Position of a part in the text. */
export interface PartPlace {
  /** Whether no part came before. */
  isFirst: boolean;
  /** Whether a part before had a record. */
  hasRecords: boolean;
  /** Whether no part follows. */
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

/**
 * Adds brackets and commas of a JSON array to a part of its records. Here, `hasRecords` includes the records of this
 * part.
 */
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

/** A part of a CSV file; the first part has the header. */
export function csvPart(
  header: readonly string[],
  lines: readonly (readonly CsvCell[])[],
  place: PartPlace,
): string {
  const text = lines.map((line) => `\n${csvLine(line)}`).join("");
  return place.isFirst ? csvLine(header) + text : text;
}
