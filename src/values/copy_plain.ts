import { fieldNameProblem } from "./field_name.ts";
import { isPlainObject } from "./kinds.ts";
import {
  MAX_ARGS_BYTES,
  MAX_INT64,
  MIN_INT64,
  type ValueLimits,
} from "./limits.ts";
import type { Value } from "./types.ts";

/** What a copy has come to. */
export interface CopyState {
  /** How large the value may be. */
  readonly limits: ValueLimits;
  /** Bytes that the copied values have at most, by `valueSize`. */
  bytes: number;
  /** True when there is something that JSON has no form for: an int64, bytes, a special float. */
  special: boolean;
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
    : copyObject(value, state, levels - 1, sorted);
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
  const out = new Array<Value>(length);
  for (let i = 0; i < length; i++) {
    const copy = copyPlain(value[i], state, levels, sorted);
    if (copy === undefined) return undefined;
    out[i] = copy;
  }
  return out;
}

function copyObject(
  value: object,
  state: CopyState,
  levels: number,
  sorted: boolean,
): Value | undefined {
  if (!isPlainObject(value)) return undefined;
  if (!sorted || isSorted(value)) {
    const copy = copyAsItIs(value, state, levels, sorted);
    // Undefined members may be what is in the way: they are left out below.
    if (copy !== undefined || !sorted) return copy;
  }
  const names = Object.keys(value);
  if (names.length > state.limits.objectFields) return undefined;
  names.sort();
  const out: { [name: string]: Value } = {};
  for (const name of names) {
    const member = value[name];
    state.bytes += name.length + 1;
    if (member === undefined) continue;
    const copy = copyPlain(member, state, levels, sorted);
    if (copy === undefined || fieldNameProblem(name) !== undefined) {
      return undefined;
    }
    out[name] = copy;
  }
  return out;
}

/** Whether the fields stand in the order of their names, as those of documents do. */
function isSorted(value: object): boolean {
  let previous = "";
  for (const name in value) {
    if (name < previous) return false;
    previous = name;
  }
  return true;
}

/** Copies the top at once, which is much cheaper than field by field, then sees to what is in it. */
function copyAsItIs(
  value: { [name: string]: unknown },
  state: CopyState,
  levels: number,
  sorted: boolean,
): Value | undefined {
  const out: { [name: string]: unknown } = { ...value };
  let fields = 0;
  for (const name in out) {
    const member = out[name];
    state.bytes += name.length + 1;
    fields++;
    const copy = copyPlain(member, state, levels, sorted);
    // An undefined member ends here, too: it has no place in the copy.
    if (copy === undefined || fieldNameProblem(name) !== undefined) {
      return undefined;
    }
    if (copy !== member) out[name] = copy;
  }
  if (
    fields > state.limits.objectFields ||
    Object.getOwnPropertySymbols(out).length > 0
  ) return undefined;
  return out as { [name: string]: Value };
}
