/**
 * Free-form values, such as metadata, come back as the caller gave them. A value that Convex cannot hold, because of a
 * field name such as `$set`, `_id` or `größe`, is sent and stored as JSON text in the sibling field `<name>Json`.
 */

import { INVALID_VALUE } from "../../convex/lib/codes.ts";
import {
  MAX_FIELDS,
  MAX_ITEMS,
  MAX_NESTING,
  MAX_TEXT_NESTING,
  MAX_VALUES,
} from "../limits.ts";
import { isBytes, isPlainObject } from "../../at_once.ts";
import { ValueError } from "../../errors.ts";
import { isPacked, unpackRows } from "./packed_rows.ts";
import { current, cut } from "./rules.ts";

/** Field names that Convex accepts. */
const FIELD_NAME = /^(?![$_])[\x20-\x7e]{1,1024}$/;

/** Fields that hold the caller's own data. */
const FREE_FORM = ["metadata", "data", "config", "value", "snapshotValue"];

/** Fields whose contents are not decoded: those, and vectors, which are long. */
const OPAQUE: ReadonlySet<string> = new Set([...FREE_FORM, "embedding"]);

/** The free-form field of each sibling that holds one as text. */
const TEXT_OF: ReadonlyMap<string, string> = new Map(
  FREE_FORM.map((name) => [`${name}Json`, name]),
);

/** Encodes every free-form field of a call's arguments; see {@link freeFormArgs}. */
export function encodeFreeForm<Args extends object>(args: Args): Args {
  const encoded = { ...args } as Record<string, unknown>;
  for (const name of FREE_FORM) {
    const value = encoded[name];
    delete encoded[name];
    Object.assign(encoded, freeFormArgs(name, value));
  }
  return encoded as Args;
}

/**
 * The arguments for a free-form value: the value itself if Convex can hold it, otherwise its text; none for undefined.
 * The value is copied, so later changes to it have no effect.
 *
 * @throws {ValueError} `INVALID_VALUE`, which names the path, for an invalid Date, more than 500 levels (so also a
 * cycle), more than 1 Mi values, and what Convex cannot hold, such as a function or a Map; where text is needed, also for
 * what JSON cannot hold: a bigint, NaN or bytes. The message shows nothing else of the value.
 */
export function freeFormArgs(
  name: string,
  value: unknown,
): { [name: string]: unknown } {
  if (value === undefined) return {};
  const walk: Walk = { path: [name], valuesLeft: MAX_VALUES, isCarried: true };
  const plain = copyOf(value, walk);
  if (walk.isCarried) return { [name]: plain };
  if (walk.notJson !== undefined) throw walk.notJson;
  return { [`${name}Json`]: JSON.stringify(plain) };
}

/** Decodes a result in place: unpacks packed rows, and parses free-form fields that were sent as text. */
export function decodeMetadata<Result>(result: Result): Result {
  if (typeof result !== "object" || result === null) return result;
  if (Array.isArray(result)) {
    // Vectors and lists of names hold no rows.
    if (typeof result[0] === "object") result.forEach(decodeMetadata);
    return result;
  }
  const row = result as Record<string, unknown>;
  // A loop over names, because the answer of a recall has thousands of fields, and nearly all need nothing.
  for (const name in row) {
    const value = row[name];
    if (typeof value === "object") {
      if (value === null || OPAQUE.has(name)) continue;
      const rows = Array.isArray(value) && isPacked(value)
        ? row[name] = unpackRows(value)
        : value;
      decodeMetadata(rows);
    } else if (typeof value === "string" && name.endsWith("Json")) {
      const decoded = TEXT_OF.get(name);
      if (decoded === undefined) continue;
      delete row[name];
      row[decoded] = JSON.parse(value);
    }
  }
  return result;
}

/** The state of a walk through a free-form value. */
interface Walk {
  /** Path of the current value. */
  readonly path: (string | number)[];
  valuesLeft: number;
  /** Whether Convex can hold everything visited so far. */
  isCarried: boolean;
  /** The error for the first value that JSON cannot hold. */
  notJson?: ValueError;
}

/** Copies a value, with Dates as ISO strings and without undefined members. */
function copyOf(value: unknown, walk: Walk): unknown {
  if (value instanceof Date) return isoDate(value, walk);
  if (Array.isArray(value)) {
    enter(walk, value.length, MAX_ITEMS);
    return Array.from(value, (item, at) => memberOf(at, item, walk));
  }
  if (isPlainObject(value)) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined);
    enter(walk, members.length, MAX_FIELDS);
    if (!members.every(([name]) => FIELD_NAME.test(name))) {
      walk.isCarried = false;
    }
    return Object.fromEntries(
      members.map(([name, member]) => [name, memberOf(name, member, walk)]),
    );
  }
  if (typeof value === "string" && !value.isWellFormed()) {
    walk.isCarried = false;
  }
  if (!isJson(value)) {
    if (!isCarried(value)) {
      throw invalid(walk, `${kindOf(value)} is not a supported Convex type`);
    }
    walk.notJson ??= invalid(
      walk,
      `JSON cannot hold it, and Convex cannot hold what lies beside it; ${
        current(value)
      }`,
    );
  }
  return value;
}

function memberOf(step: string | number, member: unknown, walk: Walk): unknown {
  walk.path.push(step);
  const copy = copyOf(member, walk);
  walk.path.pop();
  return copy;
}

function enter(walk: Walk, members: number, mostCarried: number): void {
  const depth = walk.path.length;
  walk.valuesLeft -= members;
  if (depth > MAX_TEXT_NESTING || walk.valuesLeft < 0) {
    throw invalid(
      walk,
      `more than ${
        depth > MAX_TEXT_NESTING
          ? `${MAX_TEXT_NESTING} levels deep, or it holds itself`
          : `${MAX_VALUES} values in all`
      }`,
    );
  }
  if (depth > MAX_NESTING || members > mostCarried) walk.isCarried = false;
}

function isoDate(date: Date, walk: Walk): string {
  if (Number.isNaN(date.getTime())) throw invalid(walk, "the Date is invalid");
  return date.toISOString();
}

function isJson(value: unknown): boolean {
  return value === null || typeof value === "string" ||
    typeof value === "boolean" ||
    typeof value === "number" && Number.isFinite(value);
}

/** Whether Convex can hold a value that JSON cannot. */
function isCarried(value: unknown): boolean {
  return typeof value === "number" || isBytes(value) ||
    typeof value === "bigint" && BigInt.asIntN(64, value) === value;
}

/** Describes the kind of a value, without its contents. */
function kindOf(value: unknown): string {
  if (typeof value === "bigint") return "A bigint of more than 64 bits";
  return typeof value === "object"
    ? `An object of the class ${cut(String(value?.constructor?.name))}`
    : `${value === undefined ? "" : "A "}${typeof value}`;
}

function invalid({ path }: Walk, reason: string): ValueError {
  const where = path.length > 8
    ? [...path.slice(0, 7), "…", path.at(-1)].join(".")
    : path.join(".");
  return new ValueError(INVALID_VALUE, `${cut(where)}: ${reason}`, {
    data: { path: where },
  });
}
