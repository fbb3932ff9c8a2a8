import { assertStrictEquals } from "@std/assert";
import { compareValues } from "../../values/compare.ts";
import type { Value } from "../../values/types.ts";

/** Bytes as a value. */
export function bytesOf(...bytes: number[]): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}

/** Fails unless two values are the same: -0 differs from 0, NaN equals NaN, absent equals undefined. */
export function assertSameValue(
  actual: Value | undefined,
  expected: Value | undefined,
): void {
  assertStrictEquals(show(actual), show(expected));
  assertStrictEquals(compareValues(actual, expected), 0);
}

/** A text that distinguishes any two values, made without the code under test. */
export function show(value: unknown): string {
  if (value instanceof ArrayBuffer) return `<${new Uint8Array(value)}>`;
  if (Array.isArray(value)) return `[${value.map(show).join()}]`;
  if (typeof value === "object" && value !== null) {
    const names = Object.keys(value).sort();
    const members = value as { [name: string]: unknown };
    return `{${
      names.filter((name) => members[name] !== undefined)
        .map((name) => `${JSON.stringify(name)}:${show(members[name])}`).join()
    }}`;
  }
  if (typeof value === "string") return JSON.stringify(value);
  return Object.is(value, -0) ? "-0" : `${typeof value} ${value}`;
}
