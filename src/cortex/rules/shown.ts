/**
 * How error messages show values. Loaded with the facade; the rules, which use it, load with the modules.
 */
import { isPlainObject, isRecord } from "../../values/kinds.ts";
import { shown } from "../../values/shown.ts";

/** Whether a string is empty or white space. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

export { isRecord };

/** Describes the type and length of a value, without the value. */
export function got(value: unknown): string {
  const type = value === null
    ? "null"
    : Array.isArray(value)
    ? `an array of ${value.length}`
    : typeof value === "string"
    ? `a string of ${value.length} characters`
    : typeof value === "object" && !isRecord(value)
    ? Object.prototype.toString.call(value)
    : typeof value;
  return `got ${type}`;
}

/** Describes a value, cut at 80 characters. */
export function current(value: unknown): string {
  return `current value is ${
    isPlainObject(value) ? "an object" : shown(value)
  }`;
}

/** The code for options that exclude each other. */
export const CONFLICTING_OPTIONS = "CONFLICTING_OPTIONS";
/** The code for a missing user id. */
export const MISSING_USER_ID = "MISSING_USER_ID";
