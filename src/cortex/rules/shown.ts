/**
 * How error messages show values. Loaded with the facade; the rules, which use it, load with the modules.
 */
import { isRecord } from "../../values/kinds.ts";

/** Whether a string is empty or white space. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

export { isRecord };

/** Names an object that is no record, such as a `Set`. */
function nameOfOther(value: unknown): string | undefined {
  if (typeof value === "object" && !isRecord(value)) {
    return Object.prototype.toString.call(value);
  }
}

/** Describes the type and length of a value, without the value. */
export function got(value: unknown): string {
  const type = value === null
    ? "null"
    : Array.isArray(value)
    ? `an array of ${value.length}`
    : typeof value === "string"
    ? `a string of ${value.length} characters`
    : nameOfOther(value) ?? typeof value;
  return `got ${type}`;
}

/** Describes a value, cut at 80 characters. */
export function current(value: unknown): string {
  return `current value is ${cut(show(value))}`;
}

/** Cuts a text at 80 characters. */
export function cut(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  }
  if (typeof value === "object" && value !== null) {
    return Array.isArray(value)
      ? `an array of ${value.length}`
      : nameOfOther(value) ?? "an object";
  }
  return typeof value === "function" ? "a function" : String(value);
}

/** The code for options that exclude each other. */
export const CONFLICTING_OPTIONS = "CONFLICTING_OPTIONS";
/** The code for a missing user id. */
export const MISSING_USER_ID = "MISSING_USER_ID";
