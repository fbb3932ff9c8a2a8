/**
 * Free-form fields come back as the caller gave them.
 *
 * A document can hold less than an argument (16 levels, 8,192 items, 1,024 fields, plain field names). A value that
 * does not fit is stored as JSON text in the sibling field `<name>Json`, and decoded when it is read. So is one that is
 * shorter as text, if it is large: a number takes nine bytes in a document, and often two as text.
 *
 * @module
 */
import {
  convexToJson,
  jsonToConvex,
  type JSONValue,
  type Value,
} from "convex/values";
import { INVALID_VALUE } from "../codes.ts";
import { fail } from "../errors.ts";
import { sizeOf, utf8Length } from "../size.ts";

const MAX_NESTING = 16;
/** Levels of nesting around a free-form value in a row: a field of the row, or of an object in it. */
const LEVELS_ABOVE = 3;
const MAX_ITEMS = 8192;
const MAX_FIELDS = 1024;
/** Deepest nesting of a value that an answer carries natively; the answer itself adds a few levels. */
const MAX_CARRIED_NESTING = 56;
/** Largest value that is stored natively though its text is shorter, in bytes. */
const MAX_NATIVE_BYTES = 900_000;
/** Longest text that an answer carries decoded, in characters: the decoded value may be 4.5 times as large. */
const MAX_DECODED = MAX_NATIVE_BYTES / 4.5;
const FIELD_NAME = /^(?![$_])[\x20-\x7e]{1,1024}$/;
/** Names that Convex's encoding keeps, though a document may not have them. */
const ENCODABLE_NAME = /^(?!\$|__proto__$)[\x20-\x7e]{1,1024}$/;
/** Matches half a surrogate pair, which JSON can hold and Convex cannot. */
export const IS_HALF: RegExp = /\p{Surrogate}/u;
/** First character of a text that was encoded here, by Convex's rules; a caller's text is plain JSON. */
const ENCODED = " ";

/** A free-form field and its sibling, as arguments and as stored. */
export type FreeForm<Name extends string> =
  & { [field in Name]?: unknown }
  & { [field in `${Name}Json`]?: string };

/**
 * The stored form of a free-form value: `{name: value}`, or `{nameJson: text}` if a document cannot hold the value or
 * the text saves much; `{}` for none.
 *
 * @throws {ConvexError} `INVALID_JSON` if the text given as `json` is not JSON.
 */
export function storeFreeForm<Name extends string>(
  name: Name,
  value: unknown,
  json?: string,
): FreeForm<Name> {
  if (json !== undefined) {
    parseJson(name, json);
    return { [`${name}Json`]: json } as FreeForm<Name>;
  }
  if (value === undefined) return {} as FreeForm<Name>;
  const native = { [name]: value } as FreeForm<Name>;
  const isStorable = fits(value, MAX_NESTING - LEVELS_ABOVE);
  const bytes = isStorable ? sizeOf(native) : Infinity;
  if (bytes <= MAX_NATIVE_BYTES) return native;
  const text = JSON.stringify(convexToJson(value as Value));
  if (utf8Length(text) >= bytes) return native;
  // What JSON cannot hold is in objects such as {"$integer": …}.
  const isPlain = !text.includes('"$');
  return { [`${name}Json`]: isPlain ? text : ENCODED + text } as FreeForm<Name>;
}

/**
 * The change of a row that replaces a free-form field in either of its forms; `{}` if neither is given.
 *
 * @throws {ConvexError} `INVALID_JSON`.
 */
export function replaceFreeForm<Name extends string>(
  name: Name,
  given: FreeForm<Name>,
): FreeForm<Name> {
  const fields = given as Record<string, unknown>;
  const json = fields[`${name}Json`] as string | undefined;
  if (fields[name] === undefined && json === undefined) {
    return {} as FreeForm<Name>;
  }
  return {
    [name]: undefined,
    [`${name}Json`]: undefined,
    ...storeFreeForm(name, fields[name], json),
  } as FreeForm<Name>;
}

/** A free-form value for a result: decoded if Convex can carry it, otherwise the text, which the client decodes. */
export function readFreeForm<Name extends string>(
  name: Name,
  row: FreeForm<Name>,
): FreeForm<Name> {
  const fields = row as Record<string, unknown>;
  const json = fields[`${name}Json`];
  if (typeof json !== "string") {
    const value = fields[name];
    return (value === undefined ? {} : { [name]: value }) as FreeForm<Name>;
  }
  const isEncoded = json.startsWith(ENCODED);
  if (json.length > MAX_DECODED && !isEncoded) {
    return { [`${name}Json`]: json } as FreeForm<Name>;
  }
  const parsed: unknown = JSON.parse(json);
  const decoded = isEncoded ? jsonToConvex(parsed as JSONValue) : parsed;
  return (fits(decoded, MAX_CARRIED_NESTING)
    ? { [name]: decoded }
    : { [`${name}Json`]: json }) as FreeForm<Name>;
}

/**
 * The stored form of a value of which parts come from texts, and may have names that only a text can hold.
 *
 * @throws {ConvexError} `INVALID_VALUE` if other parts are what only a document can hold.
 */
export function storeMixed<Name extends string>(
  name: Name,
  value: unknown,
): FreeForm<Name> {
  if (isEncodable(value)) return storeFreeForm(name, value);
  const text = JSON.stringify(value, (_name, part) => {
    if (isJson(part)) return part;
    fail(
      INVALID_VALUE,
      `${name} has a name that only JSON can hold, and a bigint, bytes, NaN or infinity, which it cannot`,
    );
  });
  return { [`${name}Json`]: text } as FreeForm<Name>;
}

/** A free-form value in either form, stored or given; undefined for none. Throws `INVALID_JSON`. */
export function freeFormValue<Name extends string>(
  name: Name,
  given: FreeForm<Name>,
): unknown {
  const fields = given as Record<string, unknown>;
  const json = fields[`${name}Json`];
  if (typeof json !== "string") return fields[name];
  const parsed = parseJson(name, json);
  return json.startsWith(ENCODED) ? jsonToConvex(parsed as JSONValue) : parsed;
}

/** The stored form of the JSON from {@link freeFormJson}. */
export function fromJson<Name extends string>(
  name: Name,
  json: unknown,
): FreeForm<Name> {
  if (json === undefined) return {} as FreeForm<Name>;
  const text = JSON.stringify(json);
  // Convex's decoder assigns every member, and assigning to `__proto__` would change the object's prototype.
  if (text.includes('"__proto__":')) {
    return storeFreeForm(name, undefined, text);
  }
  let value: unknown;
  try {
    value = jsonToConvex(json as JSONValue);
  } catch {
    return storeFreeForm(name, undefined, text);
  }
  return storeFreeForm(name, value);
}

/** A stored free-form value as JSON, for making texts of it; undefined for none. */
export function freeFormJson<Name extends string>(
  name: Name,
  row: FreeForm<Name>,
): unknown {
  const fields = row as Record<string, unknown>;
  const json = fields[`${name}Json`];
  if (typeof json === "string") return JSON.parse(json);
  const value = fields[name];
  return value === undefined ? undefined : convexToJson(value as Value);
}

/** Parses a text given as `<name>Json`. Throws `INVALID_JSON` if it is not JSON. */
export function parseJson(name: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    fail("INVALID_JSON", `${name}Json is not JSON text`);
  }
}

/** Whether JSON can hold the value, apart from what lies in it. */
function isJson(value: unknown): boolean {
  return typeof value !== "bigint" && !(value instanceof ArrayBuffer) &&
    (typeof value !== "number" || Number.isFinite(value));
}

/** Whether Convex's encoding keeps all names in the value. */
function isEncodable(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isEncodable);
  return typeof value !== "object" || value === null ||
    value instanceof ArrayBuffer ||
    Object.entries(value).every(([name, item]) =>
      ENCODABLE_NAME.test(name) && isEncodable(item)
    );
}

/** Whether Convex can hold the value, nested at most this deep. */
function fits(value: unknown, levels: number): boolean {
  if (levels < 0) return false;
  if (Array.isArray(value)) {
    return value.length <= MAX_ITEMS &&
      value.every((item) => fits(item, levels - 1));
  }
  if (
    typeof value !== "object" || value === null || value instanceof ArrayBuffer
  ) return typeof value !== "string" || !IS_HALF.test(value);
  const entries = Object.entries(value);
  return entries.length <= MAX_FIELDS &&
    entries.every(([field, item]) =>
      FIELD_NAME.test(field) && fits(item, levels - 1)
    );
}
