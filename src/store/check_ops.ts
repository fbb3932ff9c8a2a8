import { StoreError } from "../errors.ts";
import type { StoreOp, StoreRange } from "./types.ts";

/**
 * Checks changes before the first of them is applied.
 *
 * @throws {StoreError} `STORE_INVALID_KEY` for a key that is no string or has a character of U+0100 or above,
 * `STORE_INVALID_VALUE` for a value that is no string
 */
export function checkOps(ops: readonly StoreOp[]): void {
  for (const { key, value } of ops) {
    checkKey(key);
    if (value !== undefined && typeof value !== "string") {
      throw new StoreError(
        "STORE_INVALID_VALUE",
        `value: expected a string or undefined, got ${typeof value}`,
      );
    }
  }
}

function checkKey(key: string): void {
  if (typeof key !== "string") {
    throw new StoreError(
      "STORE_INVALID_KEY",
      `key: expected a string, got ${typeof key}`,
    );
  }
  if (!isKey(key)) {
    throw new StoreError(
      "STORE_INVALID_KEY",
      `key: every character must be below U+0100, got ${
        JSON.stringify(key.slice(0, 80))
      }`,
    );
  }
}

/**
 * Checks the ends of a range.
 *
 * @throws {StoreError} `STORE_INVALID_KEY`
 */
export function checkRange({ start, end }: StoreRange): void {
  checkKey(start);
  if (end !== undefined) checkKey(end);
}

/** Whether a text is a valid key: every character is below U+0100. */
export function isKey(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[^\x00-\xff]/.test(text);
}
