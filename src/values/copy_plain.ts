import { fieldNameProblem } from "./field_name.ts";
import { isPlainObject } from "./kinds.ts";
import {
  MAX_ARGS_BYTES,
  MAX_INT64,
  MIN_INT64,
  type ValueLimits,
} from "./limits.ts";
import type { Value } from "./types.ts";

/** Up to this many names, insertion sort is used. */
const MAX_INSERTED_NAMES = 16;

/** A stored object, which is valid and has its fields sorted by name. */
export interface Origin {
  /** The object. */
  value: { [name: string]: Value | undefined };
  /** Length of its text, as `stringifyValue` writes it. */
  length: number;
}

/** Looks up the originals of copied objects. */
export interface Origins {
  /** The original of a copy, if it is known. The copy may have been changed since. */
  originOf(copy: object): Origin | undefined;
}

/** Most bytes, by `valueSize`, for each character of an object's text, unless the text holds an array of digits. */
const MAX_BYTES_PER_CHARACTER = 3;

/** The state of a copy in progress. */
export interface CopyState {
  /** Limits of the value. */
  readonly limits: ValueLimits;
  /** Upper bound of the size of the values copied so far, by `valueSize`. */
  bytes: number;
  /** Whether the value contains something that JSON cannot express: an int64, bytes, a special float. */
  special: boolean;
  /**
   * Originals of objects that may occur in the value. An object that still equals its original is not checked again.
   * For sorted copies only.
   */
  origins?: Origins | undefined;
}

/** The field names of the last object of an array, already checked: the next object usually has the same ones. */
interface Seen {
  names: readonly string[];
}

/**
 * Copies a value as `copyValue` does. Returns undefined for one that needs a closer look: not a Convex value, nested
 * deeper than `levels`, very large, or with bytes in it. Visits each element once.
 */
export function copyPlain(
  value: unknown,
  state: CopyState,
  levels: number,
  sorted: boolean,
  seen?: Seen,
): Value | undefined {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) return undefined;
      state.bytes += 2 + 3 * value.length;
      return value;
    case "number":
      state.bytes += 9;
      if (!Number.isFinite(value) || Object.is(value, -0)) state.special = true;
      return value;
    case "boolean":
      state.bytes += 1;
      return value;
    case "bigint":
      if (value < MIN_INT64 || value > MAX_INT64) return undefined;
      state.bytes += 9;
      state.special = true;
      return value;
    case "object":
      break;
    default:
      return undefined;
  }
  if (value === null) {
    state.bytes += 1;
    return null;
  }
  if (levels < 1 || isTooLarge(state)) return undefined;
  return Array.isArray(value)
    ? copyArray(value, state, levels - 1, sorted)
    : copyObject(value, state, levels - 1, sorted, seen);
}

/** Counts one more container; returns true if the copy is larger than any value may be. */
export function isTooLarge(state: CopyState): boolean {
  return (state.bytes += 2) > MAX_ARGS_BYTES;
}

function copyArray(
  value: readonly unknown[],
  state: CopyState,
  levels: number,
  sorted: boolean,
): Value[] | undefined {
  const { length } = value;
  if (length > state.limits.arrayLength) return undefined;
  // A spread makes a packed array. Sent to another thread, an array with holes would be copied item by item, by name.
  const out: unknown[] = [...value];
  if (out.length !== length) return undefined;
  const seen = typeof out[0] === "object" ? { names: [] } : undefined;
  for (let i = 0; i < length; i++) {
    const item = out[i];
    const copy = copyPlain(item, state, levels, sorted, seen);
    if (copy === undefined) return undefined;
    if (copy !== item) out[i] = copy;
  }
  return out as Value[];
}

function copyObject(
  value: object,
  state: CopyState,
  levels: number,
  sorted: boolean,
  seen?: Seen,
): Value | undefined {
  const origin = sorted ? state.origins?.originOf(value) : undefined;
  // Not tested by prototype, because reading that is a call into the host, which costs as much as the copy.
  if (origin !== undefined && value.constructor === Object) {
    const copy = copyOfOrigin(value, origin, state, levels);
    if (copy !== undefined) return copy;
  }
  if (!isPlainObject(value)) return undefined;
  if (seen === undefined || !hasNames(value, seen.names)) {
    const names = Object.keys(value);
    if (names.length > state.limits.objectFields) return undefined;
    const inOrder = areInOrder(names);
    if (inOrder === undefined) return undefined;
    if (sorted && !inOrder) return copySorted(value, names, state, levels);
    if (seen) seen.names = names;
  }
  return copyAsItIs(value, state, levels, sorted);
}

/**
 * Copies an object that is itself a copy of a stored one; returns undefined if a plain field was changed since. Fields
 * with the same value are valid, and their contents are not read: for many objects, the cost of reading is mostly cache
 * misses.
 */
function copyOfOrigin(
  value: object,
  { value: stored, length }: Origin,
  state: CopyState,
  levels: number,
): Value | undefined {
  const out: { [name: string]: unknown } = { ...stored };
  let fields = 0;
  for (const name in out) {
    fields++;
    const member = (value as { [name: string]: unknown })[name];
    if (Object.is(member, out[name])) continue;
    // Containers differ because they were copied too; they are checked and counted by themselves.
    if (typeof member !== "object") return undefined;
    const copy = copyPlain(member, state, levels, true);
    if (copy === undefined) return undefined;
    out[name] = copy;
  }
  for (const _ in value) fields--;
  if (fields !== 0) return undefined;
  state.bytes += MAX_BYTES_PER_CHARACTER * length;
  return out as { [name: string]: Value };
}

/** Whether field names are sorted; undefined if one of them is not allowed. */
function areInOrder(names: readonly string[]): boolean | undefined {
  let inOrder = true;
  for (let at = 0; at < names.length; at++) {
    if (fieldNameProblem(names[at]!) !== undefined) return undefined;
    if (at > 0 && names[at]! < names[at - 1]!) inOrder = false;
  }
  return inOrder;
}

/** Whether the object has exactly these field names, in this order. */
function hasNames(value: object, names: readonly string[]): boolean {
  let at = 0;
  for (const name in value) if (name !== names[at++]) return false;
  return at === names.length;
}

/** Copies the fields in the order of their names. */
function copySorted(
  value: { [name: string]: unknown },
  names: string[],
  state: CopyState,
  levels: number,
): Value | undefined {
  sortNames(names);
  const out: { [name: string]: Value } = {};
  for (const name of names) {
    const member = value[name];
    state.bytes += name.length + 1;
    if (member === undefined) continue;
    const copy = copyPlain(member, state, levels, true);
    if (copy === undefined) return undefined;
    out[name] = copy;
  }
  return out;
}

/** Sorts names as `sort` does, and much faster when there are few, as in most objects. */
function sortNames(names: string[]): void {
  if (names.length > MAX_INSERTED_NAMES) {
    names.sort();
    return;
  }
  for (let at = 1; at < names.length; at++) {
    const name = names[at]!;
    let to = at;
    for (; to > 0 && names[to - 1]! > name; to--) names[to] = names[to - 1]!;
    names[to] = name;
  }
}

/** Copies an object with one spread, which is much cheaper than field by field, then its members where needed. */
function copyAsItIs(
  value: { [name: string]: unknown },
  state: CopyState,
  levels: number,
  sorted: boolean,
): Value | undefined {
  const out: { [name: string]: unknown } = { ...value };
  for (const name in out) {
    const member = out[name];
    state.bytes += name.length + 1;
    // Most members are strings, and need no copy.
    if (typeof member === "string" && member.isWellFormed()) {
      state.bytes += 2 + 3 * member.length;
      continue;
    }
    if (member === undefined) return copyWithout(value, state, levels, sorted);
    const copy = copyPlain(member, state, levels, sorted);
    if (copy === undefined) return undefined;
    if (copy !== member) out[name] = copy;
  }
  if (Object.getOwnPropertySymbols(out).length > 0) {
    return copyWithout(value, state, levels, sorted);
  }
  return out as { [name: string]: Value };
}

/** Copies an object without what a copy must not hold: undefined members and symbols. Only the sorted copy can. */
function copyWithout(
  value: { [name: string]: unknown },
  state: CopyState,
  levels: number,
  sorted: boolean,
): Value | undefined {
  return sorted
    ? copySorted(value, Object.keys(value), state, levels)
    : undefined;
}
