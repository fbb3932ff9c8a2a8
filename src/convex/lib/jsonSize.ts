/** Free-form values as JSON: their text, and how large they may be. */
import { convexToJson, type Value } from "convex/values";
import { fail } from "./errors.ts";
import type { FreeForm } from "./freeForm.ts";
import { utf8Length } from "./size.ts";

/** Largest free-form value, in UTF-8 bytes of its JSON: what a document of Convex holds, less its other fields. */
const MAX_VALUE_BYTES = 1_000_000;
/** Longest text that is kept for searching, in characters. */
const MAX_SEARCHED = 32_768;

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
      "VALUE_TOO_LARGE",
      `${name} takes ${bytes} bytes of JSON, at most ${MAX_VALUE_BYTES} are allowed`,
    );
  }
  return bytes;
}

/** A JSON text as it is searched: in lower case, and cut. */
export function searchable(json: string): string {
  return json.slice(0, MAX_SEARCHED).toLowerCase();
}
