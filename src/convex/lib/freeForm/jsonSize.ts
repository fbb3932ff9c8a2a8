/** The JSON of free-form values, and its size limits. */
import { convexToJson, type Value } from "convex/values";
import { VALUE_TOO_LARGE } from "../moduleCodes.ts";
import { cutText } from "../text/cutText.ts";
import { fail } from "../errors.ts";
import type { FreeForm } from "./freeForm.ts";
import { sizeOf, utf8Length } from "../size.ts";

/** Largest row, in bytes: a Convex document holds 1 MiB, of which its id takes some. */
const MAX_DOCUMENT_BYTES = 1_048_400;
/** Largest free-form value, in UTF-8 bytes of its JSON: what a Convex document holds without its other fields. */
const MAX_VALUE_BYTES = 1_000_000;
/** Bytes of a row that the value and its search text may take together. */
const MAX_ROW_BYTES = 1_040_000;
/** Longest search text, in characters. */
export const MAX_SEARCHED = 32_768;

/** The JSON text of a free-form field; "" for nothing. */
export function jsonOf<Name extends string>(
  name: Name,
  row: FreeForm<Name>,
): string {
  const fields = row as Record<string, unknown>;
  const text = fields[`${name}Json`];
  if (typeof text === "string") return text;
  const value = fields[name];
  return value === undefined
    ? ""
    : JSON.stringify(convexToJson(value as Value));
}

/**
 * UTF-8 bytes of a free-form field's JSON.
 *
 * @throws {ConvexError} `VALUE_TOO_LARGE` over 1,000,000.
 */
export function valueBytes<Name extends string>(
  name: Name,
  row: FreeForm<Name>,
): number {
  const bytes = utf8Length(jsonOf(name, row));
  if (bytes > MAX_VALUE_BYTES) {
    fail(
      VALUE_TOO_LARGE,
      `${name} takes ${bytes} bytes of JSON, at most ${MAX_VALUE_BYTES} are allowed`,
    );
  }
  return bytes;
}

/**
 * Refuses a row that is larger than a document may be.
 *
 * @throws {ConvexError} `VALUE_TOO_LARGE` over 1 MiB.
 */
export function checkRow(what: string, row: object): void {
  const bytes = sizeOf(row);
  if (bytes > MAX_DOCUMENT_BYTES) {
    fail(
      VALUE_TOO_LARGE,
      `the ${what} takes ${bytes} bytes with what belongs to it, at most ${MAX_DOCUMENT_BYTES} are allowed`,
    );
  }
}

/**
 * Makes the search text of a JSON text: in lower case, and cut.
 *
 * @param bytes Bytes of the value, which is in the same row.
 */
export function searchable(json: string, bytes: number): string {
  const text = cutText(json, MAX_SEARCHED).toLowerCase();
  const budget = MAX_ROW_BYTES - bytes;
  return utf8Length(text) <= budget
    ? text
    : cutText(text, Math.floor(budget / 3));
}
