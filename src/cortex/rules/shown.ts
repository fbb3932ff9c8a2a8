/**
 * How messages say values. It loads with the facade; the rules that use it, with the modules.
 */

/** Whether a string has nothing but white space. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

export { isRecord } from "../../values/kinds.ts";

/** Says type and length of a value, not the value. */
export function got(value: unknown): string {
  const type = value === null
    ? "null"
    : Array.isArray(value)
    ? `an array of ${value.length}`
    : typeof value === "string"
    ? `a string of ${value.length} characters`
    : typeof value;
  return `got ${type}`;
}

/** Says a value, cut at 80 characters. */
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
    return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  }
  return typeof value === "function" ? "a function" : String(value);
}

/** Two options exclude each other. */
export const CONFLICTING_OPTIONS = "CONFLICTING_OPTIONS";
/** A user's id is missing. */
export const MISSING_USER_ID = "MISSING_USER_ID";
