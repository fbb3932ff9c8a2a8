import { PENDING_TS } from "./commit_ts.ts";
import { isCommitTs } from "./is_commit_ts.ts";
import { isBytes } from "./kinds.ts";
import type { Value } from "./types.ts";

/**
 * Convex's total order of values: undefined < null < bigint < number < false < true < string < bytes < array < object.
 *
 * Numbers are in IEEE 754's total order (`-0 < 0`, NaN last, all NaNs equal), strings in order of code points, which is
 * that of their UTF-8 bytes, bytes and arrays element by element, objects by their sorted fields; a prefix comes first.
 * Undefined members count as absent.
 */
export function compareValues(
  a: Value | undefined,
  b: Value | undefined,
): -1 | 0 | 1 {
  if (a === b && a !== 0) return 0;
  const rank = rankOf(a);
  const other = rankOf(b);
  if (rank !== other) return rank < other ? -1 : 1;
  switch (rank) {
    case 2:
      return compareIntegers(a!, b!);
    case 3:
      return compareNumbers(a as number, b as number);
    case 6:
      return compareStrings(a as string, b as string);
    case 7:
      return compareBytes(a as ArrayBuffer, b as ArrayBuffer);
    case 8:
      return compareArrays(a as Value[], b as Value[]);
    case 9:
      return compareObjects(a as Fields, b as Fields);
    default:
      return 0;
  }
}

type Fields = { [key: string]: Value | undefined };

function rankOf(value: Value | undefined): number {
  switch (typeof value) {
    case "undefined":
      return 0;
    case "bigint":
      return 2;
    case "number":
      return 3;
    case "boolean":
      return value ? 5 : 4;
    case "string":
      return 6;
    default:
      if (value === null) return 1;
      if (Array.isArray(value)) return 8;
      if (isBytes(value)) return 7;
      return isCommitTs(value) ? 2 : 9;
  }
}

/** Compares two int64, or timestamps of future commits. */
function compareIntegers(a: Value, b: Value): -1 | 0 | 1 {
  const left = typeof a === "bigint" ? a : PENDING_TS;
  const right = typeof b === "bigint" ? b : PENDING_TS;
  return left < right ? -1 : left === right ? 0 : 1;
}

/** Compares two numbers in IEEE 754's total order, with a single NaN that is greater than everything. */
function compareNumbers(a: number, b: number): -1 | 0 | 1 {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) {
    if (a !== 0) return 0;
    const negative = Object.is(a, -0);
    return negative === Object.is(b, -0) ? 0 : negative ? -1 : 1;
  }
  const isNaN = a !== a;
  return isNaN === (b !== b) ? 0 : isNaN ? 1 : -1;
}

/** Compares two strings by code point; JavaScript's own order is by UTF-16 unit. */
function compareStrings(a: string, b: string): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a.charCodeAt(at) === b.charCodeAt(at)) at++;
  if (at === length) {
    return a.length === b.length ? 0 : a.length < b.length ? -1 : 1;
  }
  // Units that differ after a common high surrogate belong to code points that begin one unit earlier.
  if (at > 0 && (a.charCodeAt(at - 1) & 0xfc00) === 0xd800) {
    const left = a.codePointAt(at - 1)!;
    const right = b.codePointAt(at - 1)!;
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.codePointAt(at)! < b.codePointAt(at)! ? -1 : 1;
}

function compareBytes(a: ArrayBuffer, b: ArrayBuffer): -1 | 0 | 1 {
  const left = new Uint8Array(a);
  const right = new Uint8Array(b);
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    if (left[i] !== right[i]) return left[i]! < right[i]! ? -1 : 1;
  }
  return compareNumbers(left.length, right.length);
}

function compareArrays(a: Value[], b: Value[]): -1 | 0 | 1 {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const order = compareValues(a[i], b[i]);
    if (order !== 0) return order;
  }
  return compareNumbers(a.length, b.length);
}

function compareObjects(a: Fields, b: Fields): -1 | 0 | 1 {
  const left = definedFields(a);
  const right = definedFields(b);
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const order = compareStrings(left[i]!, right[i]!) ||
      compareValues(a[left[i]!], b[right[i]!]);
    if (order !== 0) return order;
  }
  return compareNumbers(left.length, right.length);
}

/** Sorted names of an object's members that are not undefined. */
export function definedFields(
  object: { [key: string]: Value | undefined },
): string[] {
  const names = Object.keys(object).filter((name) =>
    object[name] !== undefined
  );
  return names.sort(compareStrings);
}
