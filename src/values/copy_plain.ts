import { fieldNameProblem } from "./field_name.ts";
import { isPlainObject } from "./kinds.ts";
import {
  MAX_ARGS_BYTES,
  MAX_INT64,
  MIN_INT64,
  type ValueLimits,
} from "./limits.ts";
import type { Value } from "./types.ts";

/** Names that are sorted one by one at most. */
const MAX_INSERTED_NAMES = 16;

/** An object that was stored, hence is known to be good, with its fields sorted by name. */
export interface Origin {
  /** The object. */
  value: { [name: string]: Value | undefined };
  /** Length of its text as `stringifyValue` writes it. */
  length: number;
}

/** Knows what objects were copied from. */
export interface Origins {
  /** What this very object was as it was made, unless that is not known. It may have been changed since. */
  originOf(copy: object): Origin | undefined;
}

/** Bytes, by `valueSize`, of a character of an object's text at most, where that has no array of digits. */
const MAX_BYTES_PER_CHARACTER = 3;

/** What a copy has come to. */
export interface CopyState {
  /** How large the value may be. */
  readonly limits: ValueLimits;
  /** Bytes that the copied values have at most, by `valueSize`. */
  bytes: number;
  /** True when there is something that JSON has no form for: an int64, bytes, a special float. */
  special: boolean;
  /** Objects that may come up in the value; what was copied from them is not looked at again. For sorted copies. */
  origins?: Origins | undefined;
}

/**
 * Names of fields that have been looked at: those of the last object of an array, as the next one mostly has them, too.
 */
interface Seen {
  names: readonly string[];
}

/**
 * Copies any value as `copyValue` does, or gives undefined for one that needs a closer look: not a Convex value, nested
 * over so many levels, very large, or with bytes in it. Costs one visit of each element.
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

/** Counts one more container; true when the copy has come to more than any value may have. */
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
  // Copied as a whole, it has no holes where the array has none, which another thread would get item by item, by name.
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
  // To ask for its prototype is a call of the host, which costs as much as the copy.
  if (origin !== undefined && value.constructor === Object) {
    const copy = copyOfOrigin(value, origin, state, levels);
    if (copy !== undefined) return copy;
  }
  if (!isPlainObject(value)) return undefined;
  if (seen === undefined || !hasNames(value, seen.names)) {
    const names = Object.keys(value);
    if (names.length > state.limits.objectFields) return undefined;
    let isSorted = true;
    for (let at = 0; at < names.length; at++) {
      if (fieldNameProblem(names[at]!) !== undefined) return undefined;
      if (at > 0 && names[at]! < names[at - 1]!) isSorted = false;
    }
    if (sorted && !isSorted) return copySorted(value, names, state, levels);
    if (seen) seen.names = names;
  }
  const copy = copyAsItIs(value, state, levels, sorted);
  // Undefined members may be what is in the way: they are left out.
  return copy === undefined && sorted
    ? copySorted(value, Object.keys(value), state, levels)
    : copy;
}

/**
 * Copies an object that was made of another one, or gives undefined when a field was changed since. Members that are the
 * very same ones are good, and not even looked at: in a large set most of what that costs is to wait for the memory.
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
    // Containers were copied with what they are in, and are counted here by themselves.
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

/** Whether these are the names of the object's fields, in its order. */
function hasNames(value: object, names: readonly string[]): boolean {
  let at = 0;
  for (const name in value) if (name !== names[at++]) return false;
  return at === names.length;
}

/** Copies field by field, in the order of their names. */
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

/** Sorts names as `sort` does; of few, as most objects have, in a small part of its time. */
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

/** Copies the top at once, which is much cheaper than field by field, then sees to what is in it. */
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
    // Most members are texts and need no copy.
    if (typeof member === "string" && member.isWellFormed()) {
      state.bytes += 2 + 3 * member.length;
      continue;
    }
    const copy = copyPlain(member, state, levels, sorted);
    // An undefined member ends here, too: it has no place in the copy.
    if (copy === undefined) return undefined;
    if (copy !== member) out[name] = copy;
  }
  if (Object.getOwnPropertySymbols(out).length > 0) return undefined;
  return out as { [name: string]: Value };
}
