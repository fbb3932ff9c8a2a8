/**
 * Argument checks as tables. A row names an argument and its tests, in the order in which they run. The first test that
 * fails makes the module's error, with code, field and message. Messages state the bound and the value; of texts, vectors
 * and keys they state only type and length.
 */
import {
  INVALID_TIMESTAMP,
  MISSING_REQUIRED_FIELD as MISSING,
} from "../../convex/lib/codes.ts";
import { MAX_TIME_MS } from "../limits.ts";
import { CONTROLS, slipIn } from "./slips.ts";
import { CANNOT_BE_NEGATIVE, INVALID_ID_FORMAT } from "./words.ts";
import type { ValidationError } from "../../errors.ts";
import { current, got, isBlank, isRecord } from "../../at_once.ts";

export { current, got, isBlank, isRecord } from "./shown.ts";
export { cut } from "./words.ts";

/** What is wrong with an argument. */
export interface Fault {
  code: string;
  message: string;
  field?: string;
}

/** Checks one argument. `all` holds it and its siblings. */
export type Test = (
  value: unknown,
  field: string,
  all: Arguments,
) => Fault | undefined;

/** The arguments of a call by name. */
export type Arguments = Readonly<Record<string, unknown>>;

/**
 * An argument and its tests. The path has this syntax:
 *
 * - `metadata.importance` is a member, by which errors name it. With a colon, `metadata:importance`, errors name it
 *   `importance`; with a dash in front, `-updates`, errors name no field.
 * - A question mark at the end makes it optional. One inside, `sourceRef?.memoryId`, makes its holder optional.
 * - A slash, as in `createdAfter/createdBefore`, joins the names of several arguments. The tests of such a row get no
 *   value, and look the arguments up in `all`.
 * - The row `!`, or `filter.!`, refuses all names without a row. It is used for filters, where ignoring an unknown name
 *   would select more rows than the caller meant.
 */
export type Row = readonly [path: string, ...tests: Test[]];

/**
 * Checks the arguments of a call. Throws for the first fault; an unknown name that resembles an argument's is one.
 * Returns only the arguments that rows name; where rows name members of an argument, only those members.
 */
export type Check = <Args extends object>(args: Args) => Args;

type ErrorClass = new (
  message: string,
  code: string,
  field?: string,
) => ValidationError;

type Names = { [holder: string]: string[] };

/** Makes a check out of rows. */
export function rules(errorClass: ErrorClass, rows: readonly Row[]): Check {
  let read: ReturnType<typeof readRow>[] | undefined;
  let names: Names | undefined;
  return ((all: Arguments) => {
    // Some callers spread what they are given, and of a string or an array that leaves the elements.
    if (!isRecord(all) || "0" in all) {
      throw new errorClass(
        "arguments must be in an object: got a string, an array or the like",
        MISSING,
      );
    }
    const known: Record<string, unknown> = {};
    read ??= rows.map(readRow);
    names ??= namesOf(read);
    for (const [holder, members] of Object.entries(names)) {
      const given = holder ? all[holder] : all;
      const slip = isRecord(given) && slipIn(given, members);
      if (!slip) continue;
      throw new errorClass(slip.message, "UNKNOWN_ARGUMENT", slip.name);
    }
    for (const [path, field, unless, dash, tests] of read) {
      copyNamed(path, all, known);
      if (unless && lookUp(all, unless) === undefined) continue;
      const value = lookUp(all, path);
      const fault = firstFault(tests, value, field, all);
      if (fault) {
        const tip = isRecord(value) && path in value
          ? `; ${path} must not be in an object`
          : "";
        throw new errorClass(
          fault.message + tip,
          fault.code,
          dash ? undefined : fault.field,
        );
      }
    }
    return known;
  }) as Check;
}

/** Reads the syntax of a row's path. */
function readRow([written, ...tests]: Row) {
  const [, dash, names = "", mark] = /^(-?)(.*?)(\??)$/.exec(written)!;
  const [holder, member] = names.split("?.");
  const named = names.replace("?.", ".");
  const path = named.replace(":", ".");
  return [
    path,
    /** How errors name the argument. */
    named.split(":").at(-1)!,
    /** What must be given for the tests to run: an optional argument, or an optional holder. */
    mark ? path : member && holder,
    /** Set if errors name no field. */
    dash,
    tests,
  ] as const;
}

/** The names that rows know: those of arguments under "", those of an argument's members under its name. */
function namesOf(
  rows: readonly (readonly [path: string, ...unknown[]])[],
): Names {
  const names: Names = {};
  const add = (holder: string, joined: string) =>
    (names[holder] ??= []).push(...joined.split("/"));
  for (const [path] of rows) {
    const [name, member] = path.split(".") as [string, string?];
    add("", name);
    // Metadata may have members of any name.
    if (member && name !== "metadata") add(name, member);
  }
  return names;
}

/** Copies what a path names, down to the members of an argument. */
function copyNamed(
  path: string,
  all: Arguments,
  known: Record<string, unknown>,
): void {
  const [name, member] = path.split(".") as [string, string?];
  const value = all[name];
  if (!member || !isRecord(value)) {
    if (name in all) known[name] ??= value;
    return;
  }
  if (known[name] === undefined || known[name] === value) known[name] = {};
  if (member in value) {
    (known[name] as Record<string, unknown>)[member] = value[member];
  }
}

/** A row for a method's controls, such as `signal`: they are in its last argument, or in an object within that. */
export const controls = (holder = ""): Row => [holder + CONTROLS.join("/")];

/** Finds a member by its path; undefined where the path ends early. */
export function lookUp(all: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (value, name) => (value as Arguments | null | undefined)?.[name],
    all,
  );
}

/**
 * Makes a test from a condition. In the message, `%f` stands for the argument's name (`%F` capitalised), `%v` for its
 * value, and `%t` for its type and length, where the value must not be shown. `%n` adds that it must be a number, if it
 * is not one.
 */
export function must(
  code: string,
  holds: (value: unknown, all: Arguments) => boolean,
  says: string,
): Test {
  return (value, field, all) => {
    if (holds(value, all)) return undefined;
    const words: Record<string, string> = {
      f: field,
      F: field.charAt(0).toUpperCase() + field.slice(1),
      v: current(value),
      t: got(value),
      n: typeof value === "number" ? "" : " and must be a number",
    };
    const message = says.replace(/%([fFvtn])/g, (_, word) => words[word]!);
    return { code, field, message };
  };
}

/** Applies tests only if the argument is given. */
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

export { INVALID_TIMESTAMP, MISSING };
/** The code for a malformed argument. */
export const FORMAT = "INVALID_FORMAT";

/** An object that is not an array. */
export const object = (code: string = MISSING): Test =>
  must(
    code,
    isRecord,
    "%f is required and must be an object: %t",
  );

/** A string, which may be empty. */
export const string = (code: string = MISSING): Test =>
  must(
    code,
    (value) => typeof value === "string",
    "%f is required and must be a string: %t",
  );

/** A string is not blank; other types pass. */
export const notBlank = (code: string = MISSING): Test =>
  must(
    code,
    (value) => typeof value !== "string" || !isBlank(value),
    "%f cannot be empty: %t",
  );

/** One of the given values. */
export const oneOf = (code: string, words: readonly unknown[]): Test =>
  must(
    code,
    (value) => words.includes(value),
    `Invalid %f: must be one of ${words.join(", ")}; %v`,
  );

/** An array whose elements all meet a condition. */
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

/** An array of the given words. */
export const eachOf = (code: string, words: readonly string[]): Test =>
  arrayOf(
    code,
    (element) => words.includes(element as string),
    `must be one of ${words.join(", ")}`,
  );

/** At least one of these members is given: of the argument, or of the whole call if there is no such argument. */
export const someOf = (
  code: string,
  fields: readonly string[],
  says = "At least one field is required",
): Test =>
  must(
    code,
    (value, all) =>
      fields.some((field) => lookUp(value ?? all, field) !== undefined),
    `${says}: ${fields.join(", ")}`,
  );

/** A function. */
export const callback = (code: string = FORMAT): Test =>
  must(
    code,
    (value) => typeof value === "function",
    "%f must be a function: %t",
  );

/** Applies tests only if the other arguments meet a condition. */
export function when(
  applies: (all: Arguments) => boolean,
  ...tests: Test[]
): Test {
  return (value, field, all) =>
    applies(all) ? firstFault(tests, value, field, all) : undefined;
}

/** Reports faults under another field name; without a name, under none. */
export function as(name: string | undefined, ...tests: Test[]): Test {
  return (value, field, all) => {
    const fault = firstFault(tests, value, name ?? field, all);
    return fault && { ...fault, field: name };
  };
}

/** An id that the caller chose: a line of at most 500 characters. */
export const ownId = (code: string = INVALID_ID_FORMAT): Test =>
  must(
    code,
    (value) =>
      typeof value === "string" && !isBlank(value) && value.length <= 500 &&
      !/[\n\0]/.test(value),
    "%f must be a non-empty string of at most 500 characters without newline or NUL: %t",
  );

/** A number from min to max. */
export const between = (code: string, min: number, max: number): Test =>
  must(
    code,
    (value) => typeof value === "number" && value >= min && value <= max,
    `%f must be between ${min} and ${max}%n: %v`,
  );

/** A positive integer. */
export const positiveInteger = (code: string): Test =>
  must(
    code,
    (value) => Number.isInteger(value) && (value as number) >= 1,
    "%f must be a positive integer%n: %v",
  );

/** An array with at least one element. */
export const notEmpty = (code: string): Test =>
  must(
    code,
    (value) => (value as unknown[]).length > 0,
    "%f cannot be empty",
  );

/** A time up to `most`, in ms since the Unix epoch or as a Date. */
export const timeUpTo = (most: number): Test => (value, field) => {
  const ms = value instanceof Date ? value.getTime() : value;
  const wrong = typeof ms !== "number" || Number.isNaN(ms)
    ? "must be a valid timestamp: a number or Date"
    : ms < 0
    ? CANNOT_BE_NEGATIVE
    : ms > most
    ? `cannot exceed ${most}, the last Date`
    : undefined;
  return wrong
    ? {
      code: INVALID_TIMESTAMP,
      field,
      message: `${field} ${wrong}; ${current(value)}`,
    }
    : undefined;
};

/** A time that can be stored. */
export const timestamp: Test = timeUpTo(MAX_TIME_MS);

/** Whether a value is a finite number, as elements of vectors must be. */
export const isFinite: (value: unknown) => boolean = Number.isFinite;

/** Whether a value is a string that is not blank. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && !isBlank(value);
}
