/**
 * Values as JSON, in the form that Convex calls `convex_encoded_json`: a value that JSON lacks is an object with one
 * key, `$integer`, `$float` or `$bytes`, and base64 of the little-endian bytes.
 *
 * @module
 */

import { ValueError } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { isCommitTs } from "./is_commit_ts.ts";
import { fieldNameProblem } from "./field_name.ts";
import { constructorName, formatValue } from "./format.ts";
import { isBytes, isPlainObject } from "./kinds.ts";
import { MAX_INT64, MIN_INT64 } from "./limits.ts";
import type { JsonValue, Value } from "./types.ts";

/**
 * Converts a value to its JSON form. Sorts fields by name, and drops undefined members.
 *
 * @throws {ValueError} `INVALID_VALUE` for anything but a Convex value, such as a Date, a bigint beyond 64 bits or a
 * reserved name
 */
export function valueToJson(value: Value): JsonValue {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      return isSpecial(value) ? { $float: encodeFloat(value) } : value;
    case "bigint":
      return { $integer: encodeInteger(value) };
    case "object":
      return value === null ? null : containerToJson(value);
    default:
      throw invalid(`${typeof value} is not a supported Convex type`);
  }
}

/**
 * Converts the JSON form back to the value.
 *
 * @throws {ValueError} `INVALID_VALUE` for a malformed `$integer`, `$float` or `$bytes`, and for a field name that is
 * reserved or not printable ASCII
 */
export function jsonToValue(json: JsonValue): Value {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(jsonToValue);
  const names = Object.keys(json);
  if (names.length === 1) {
    const name = names[0]!;
    if (name.charCodeAt(0) === 36) return decodeSpecial(name, json[name]);
  }
  const out: { [name: string]: Value } = {};
  for (const name of names) {
    checkName(name);
    out[name] = jsonToValue(json[name]!);
  }
  return out;
}

/**
 * The same for JSON that was just parsed and that nobody else uses: replaces encodings by values in place, which takes
 * a fraction of the time of a copy.
 *
 * @throws {ValueError} `INVALID_VALUE` as {@link jsonToValue}; the JSON must not be used afterwards
 */
export function ownJsonToValue(json: JsonValue): Value {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) {
    for (let at = 0; at < json.length; at++) {
      const member = json[at]!;
      if (typeof member !== "object" || member === null) continue;
      const value = ownJsonToValue(member);
      if (value !== member) json[at] = value as JsonValue;
    }
    return json as Value;
  }
  for (const name in json) {
    // Skips inherited members, in case a program has extended `Object.prototype`.
    if (!Object.hasOwn(json, name)) continue;
    if (name.charCodeAt(0) === 36 && Object.keys(json).length === 1) {
      return decodeSpecial(name, json[name]);
    }
    checkName(name);
    const member = json[name]!;
    if (typeof member !== "object" || member === null) continue;
    const value = ownJsonToValue(member);
    if (value !== member) json[name] = value as JsonValue;
  }
  return json as Value;
}

/**
 * Writes a value as text. Equal values have equal texts, because fields are sorted by name. The text contains no NUL.
 *
 * @throws {ValueError} `INVALID_VALUE` as {@link valueToJson}
 */
export function stringifyValue(value: Value): string {
  return JSON.stringify(isCanonicalJson(value) ? value : valueToJson(value));
}

/**
 * Parses a text that {@link stringifyValue} wrote. Checks field names only if the text has a name or string that begins
 * with `$`; use {@link jsonToValue} for text from outside.
 *
 * @throws {ValueError} `INVALID_VALUE` for a text that is not JSON
 */
export function parseValue(text: string): Value {
  let json: JsonValue;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new ValueError(
      "INVALID_VALUE",
      `text: expected JSON of a value, got ${formatValue(text)}`,
      { cause },
    );
  }
  // Searching for one character takes a fraction of the time of two, so do that first.
  return text.includes("$") && text.includes('"$') ? jsonToValue(json) : json;
}

/** Whether `JSON.stringify` writes the value in canonical form, the usual case for a document. */
function isCanonicalJson(value: Value | undefined): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return !isSpecial(value);
    case "object":
      break;
    default:
      return false;
  }
  if (value === null) return true;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      if (!isCanonicalJson(value[i])) return false;
    }
    return true;
  }
  if (!isPlainObject(value)) return false;
  let previous = "";
  for (const name of Object.keys(value)) {
    if (
      name < previous || !isCanonicalJson(value[name]) ||
      fieldNameProblem(name) !== undefined
    ) return false;
    previous = name;
  }
  return true;
}

function containerToJson(
  value: ArrayBuffer | Value[] | { [name: string]: Value | undefined },
): JsonValue {
  // `map` leaves holes, which `JSON.stringify` writes as null: as Convex does.
  if (Array.isArray(value)) return value.map(valueToJson);
  if (isBytes(value)) return { $bytes: encodeBase64(new Uint8Array(value)) };
  if (!isPlainObject(value)) {
    if (isCommitTs(value)) return { $commitTs: null };
    throw invalid(`${constructorName(value)} is not a supported Convex type`);
  }
  const out: { [name: string]: JsonValue } = {};
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member === undefined) continue;
    checkName(name);
    out[name] = valueToJson(member);
  }
  return out;
}

function checkName(name: string): void {
  const problem = fieldNameProblem(name);
  if (problem !== undefined) throw invalid(problem);
}

function decodeSpecial(name: string, content: JsonValue | undefined): Value {
  const bytes = typeof content === "string" ? decodeBase64(content) : undefined;
  switch (name) {
    case "$bytes":
      if (bytes !== undefined) return bytes.buffer;
      break;
    case "$integer":
      if (bytes?.length === 8) {
        return new DataView(bytes.buffer).getBigInt64(0, true);
      }
      break;
    case "$float":
      if (bytes?.length === 8) {
        const float = new DataView(bytes.buffer).getFloat64(0, true);
        if (isSpecial(float)) return float;
        throw invalid(`Float ${float} should be encoded as a number`);
      }
      break;
    default:
      throw invalid(fieldNameProblem(name)!);
  }
  throw invalid(`Malformed ${name} field: ${formatValue(content)}`);
}

/** Whether JSON lacks a number: NaN, the infinities and -0. */
function isSpecial(value: number): boolean {
  return !Number.isFinite(value) || value === 0 && Object.is(value, -0);
}

function encodeFloat(value: number): string {
  if (value !== value) return "AAAAAAAA+H8=";
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return encodeBase64(bytes);
}

function encodeInteger(value: bigint): string {
  if (value < MIN_INT64 || value > MAX_INT64) {
    throw invalid(
      `BigInt ${formatValue(value)} does not fit into a 64-bit signed integer`,
    );
  }
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, value, true);
  return encodeBase64(bytes);
}

function invalid(message: string): ValueError {
  return new ValueError("INVALID_VALUE", message);
}
