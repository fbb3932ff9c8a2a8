/**
 * The words of the argument rules that the facade itself needs, and what makes a check of them. They load with it; the
 * other words, in `rules.ts`, with the modules.
 */
import type { ValidationError } from "../errors.ts";

/** What is wrong with an argument. */
export interface Fault {
  code: string;
  message: string;
  field?: string;
}

/** Looks at one argument; `all` are its siblings. */
export type Test = (
  value: unknown,
  field: string,
  all: Arguments,
) => Fault | undefined;

/** The arguments of a call by name. */
export type Arguments = Readonly<Record<string, unknown>>;

/** An argument, as a path such as `metadata.importance`, and its tests. */
export type Row = readonly [path: string, ...tests: Test[]];

/** Checks the arguments of a call; throws on the first fault. */
export type Check = (args: object) => void;

type ErrorClass = new (
  message: string,
  code: string,
  field?: string,
) => ValidationError;

/** Makes a check out of rows. */
export function rules(errorClass: ErrorClass, rows: readonly Row[]): Check {
  return (args) => {
    const all = args as Arguments;
    for (const [path, ...tests] of rows) {
      const value = lookUp(all, path);
      for (const test of tests) {
        const fault = test(value, path, all);
        if (fault) throw new errorClass(fault.message, fault.code, fault.field);
      }
    }
  };
}

/** Finds a member by its path; undefined where the path ends early. */
export function lookUp(all: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (value, name) => (value as Arguments | null | undefined)?.[name],
    all,
  );
}

/** Makes a test out of a condition that must hold. */
export function must(
  code: string,
  holds: (value: unknown, all: Arguments) => boolean,
  says: (field: string, value: unknown, all: Arguments) => string,
): Test {
  return (value, field, all) =>
    holds(value, all)
      ? undefined
      : { code, field, message: says(field, value, all) };
}

/** Passes over an argument that was not given. */
export function optional(...tests: Test[]): Test {
  return (value, field, all) => {
    if (value === undefined) return undefined;
    return firstFault(tests, value, field, all);
  };
}

/** The fault of the first test that fails. */
export function firstFault(
  tests: readonly Test[],
  value: unknown,
  field: string,
  all: Arguments,
): Fault | undefined {
  for (const test of tests) {
    const fault = test(value, field, all);
    if (fault) return fault;
  }
}

/** The code of an argument that is not there. */
export const MISSING = "MISSING_REQUIRED_FIELD";
/** The code of an argument that is not of its form. */
export const FORMAT = "INVALID_FORMAT";
/** The code of a time that is none. */
export const INVALID_TIMESTAMP = "INVALID_TIMESTAMP";

/** An object, and no array. */
export const object = (code: string = MISSING): Test =>
  must(
    code,
    (value) =>
      typeof value === "object" && value !== null && !Array.isArray(value),
    (field, value) =>
      `${field} is required and must be an object: ${got(value)}`,
  );

/** A string, be it empty. */
export const string = (code: string = MISSING): Test =>
  must(
    code,
    (value) => typeof value === "string",
    (field, value) =>
      `${field} is required and must be a string: ${got(value)}`,
  );

/** A string is not blank; other types pass. */
export const notBlank = (code: string = MISSING): Test =>
  must(
    code,
    (value) => typeof value !== "string" || !isBlank(value),
    (field, value) => `${field} cannot be empty: ${got(value)}`,
  );

/** A string that is not blank. */
export const text = (code: string = MISSING): Test =>
  must(
    code,
    (value) => typeof value === "string" && !isBlank(value),
    (field, value) => `${field} is required and cannot be empty: ${got(value)}`,
  );

/** At most so many characters. */
export const maxLength = (code: string, max: number): Test =>
  must(
    code,
    (value) => (value as string).length <= max,
    (field, value) =>
      `${field} cannot exceed ${max} characters: it has ${
        (value as string).length
      }`,
  );

/** One of some words. */
export const oneOf = (code: string, words: readonly string[]): Test =>
  must(
    code,
    (value) => words.includes(value as string),
    (field, value) =>
      `Invalid ${field}: must be one of ${words.join(", ")}; ${current(value)}`,
  );

/** An array whose elements all hold. */
export const arrayOf = (
  code: string,
  holds: (element: unknown) => boolean,
  says: string,
): Test =>
(value, field) => {
  if (!Array.isArray(value)) {
    return {
      code,
      field,
      message: `${field} must be an array: ${got(value)}`,
    };
  }
  const bad = value.findIndex((element) => !holds(element));
  return bad < 0 ? undefined : {
    code,
    field,
    message: `${field}[${bad}] ${says}: ${current(value[bad])}`,
  };
};

/** A function. */
export const callback = (code: string = FORMAT): Test =>
  must(
    code,
    (value) => typeof value === "function",
    (field, value) => `${field} must be a function: ${got(value)}`,
  );

/** Whether a string has nothing but white space. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

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
